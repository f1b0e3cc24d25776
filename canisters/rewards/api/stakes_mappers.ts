/** Candid ⇄ domain for node stakes. */
import type { Principal } from '@dfinity/principal';
import { toCandidAccount } from '../../../src/core/account';
import { unreachable } from '../../../src/core/assert';
import type { SlashOrder } from '../domain/stakes/slashing';
import { disputeOf, holdingOf, missingE8s, stakeAccount } from '../domain/stakes/stake_book';
import type { SlashReason, SlashRow } from '../domain/stakes/stake_rows';
import type { RewardsState, StakeRow } from '../domain/state';
import { toStakeView } from './mappers';
import type * as idl from './stakes_idl';

export function fromSlashArgs(args: idl.SlashArgs): SlashOrder {
    return { ...args, reason: 'Liveness' in args.reason ? 'liveness' : 'impeachment' };
}

function toSlashReason(reason: SlashReason): idl.SlashReason {
    return reason === 'liveness' ? { Liveness: null } : { Impeachment: null };
}

export function toSlashed({ slashedE8s, remainingE8s }: SlashRow): idl.Slashed {
    return { slashed_e8s: slashedE8s, remaining_e8s: remainingE8s };
}

export function toSlashEvent(row: SlashRow): idl.SlashEvent {
    const { node, windows, all } = row;
    return {
        node,
        windows,
        all,
        case: row.case,
        reason: toSlashReason(row.reason),
        ...toSlashed(row),
        at_ns: row.atNs
    };
}

export function toStakeDetails(state: RewardsState, self: Principal, node: Principal, row: StakeRow): idl.StakeDetails {
    const { dueE8s, sweepingE8s } = holdingOf(state, node);
    const { owner, subaccount } = toCandidAccount(stakeAccount(self, node));
    return {
        stake: toStakeView(node, row),
        status: toStatus(state, node, row),
        topped_up_e8s: row.toppedUpE8s,
        slashed_e8s: row.slashedE8s,
        forfeited_e8s: row.forfeitedE8s,
        released_e8s: row.releasedE8s,
        windows_charged: row.windowsCharged,
        renewals: row.renewals,
        unswept_e8s: dueE8s + sweepingE8s,
        account: { owner, subaccount }
    };
}

function toStatus(state: RewardsState, node: Principal, row: StakeRow): object {
    switch (row.phase) {
        case 'pending':
            return { Pending: null };
        case 'releasing':
            return { Releasing: null };
        case 'released':
            return { Released: null };
        case 'forfeited':
            return { Forfeited: null };
        case 'active':
            return toActiveStatus(state, node, row);
        default:
            return unreachable(row.phase);
    }
}

function toActiveStatus(state: RewardsState, node: Principal, row: StakeRow): object {
    const dispute = disputeOf(state, node);
    if (dispute !== undefined) return { Disputed: dispute };
    const missing = missingE8s(state, row);
    return missing > 0n ? { UnderCollateralised: { missing_e8s: missing } } : { Active: null };
}
