/** Putting another token economy in force: at the start of a future epoch, after the ones that wait already. */
import { ok, type Result } from '../../../../src/core/result';
import type { TokenomicsProfile } from '../../../../src/core/tokenomics/profile';
import { successorFault, type ProfileFault } from '../../../../src/core/tokenomics/validation';
import { addVersion, epochAt, versionsOf } from './calendar';
import { refuse, type RewardsError } from '../errors';
import type { RewardsState } from '../state';

/** A token economy, and the first epoch in which it is to be in force. */
export interface ProfileChange {
    readonly fromEpoch: bigint;
    readonly profile: TokenomicsProfile;
}

/** Why a version is refused: its sums, its epoch, a part that genesis fixed, or a field that cannot be. */
export type ProfileChangeError = RewardsError<'AllocationMismatch' | 'InPast' | 'Immutable' | 'InvalidArgument'>;

/** Checks a change against the version that it would follow; changes nothing. */
export function checkProfileChange(
    state: RewardsState,
    change: ProfileChange,
    nowNs: bigint
): Result<null, ProfileChangeError> {
    const versions = versionsOf(state);
    const last = versions[versions.length - 1];
    const earliest = epochAt(state, nowNs) + 1n;
    if (change.fromEpoch < earliest) return refuse('InPast', { earliest_epoch: earliest });
    if (last === undefined) return ok(null);
    if (change.fromEpoch <= last.fromEpoch) return refuse('InPast', { earliest_epoch: last.fromEpoch + 1n });
    const opening = openingFault(state, last.profile, change, nowNs);
    if (opening !== undefined) return refuse(opening, 'trade.opens_in_epoch');
    const fault = successorFault(last.profile, change.profile);
    return fault === undefined ? ok(null) : refuseFault(fault);
}

/** A market that has traded since its opening stays opened; before that, its opening can be put to any epoch of the version. */
function openingFault(
    state: RewardsState,
    { trade }: TokenomicsProfile,
    { fromEpoch, profile }: ProfileChange,
    nowNs: bigint
): 'Immutable' | 'InvalidArgument' | undefined {
    const { opensInEpoch } = profile.trade;
    if (opensInEpoch === trade.opensInEpoch) return undefined;
    const isOpen = trade.opensInEpoch <= epochAt(state, nowNs) && state.trade.get().volumeE8s > 0n;
    if (isOpen) return 'Immutable';
    return opensInEpoch < fromEpoch ? 'InvalidArgument' : undefined;
}

/** Checks once more and appends the version. */
export function changeProfile(
    state: RewardsState,
    change: ProfileChange,
    proposal: bigint,
    nowNs: bigint
): Result<null, ProfileChangeError> {
    const checked = checkProfileChange(state, change, nowNs);
    if (checked.ok) addVersion(state, { ...change, proposal });
    return checked;
}

function refuseFault(fault: ProfileFault): Result<never, ProfileChangeError> {
    if (fault.kind === 'allocation_mismatch') return refuse('AllocationMismatch', { sum_e8s: fault.sumE8s });
    return refuse(fault.kind === 'immutable' ? 'Immutable' : 'InvalidArgument', fault.field);
}
