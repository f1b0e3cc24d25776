import type { Principal } from '@dfinity/principal';
import type { Charge, KnownCase } from '../domain/cases';
import type { DutyRecord, KnownStake } from '../domain/duty_records';
import type { KnownPool } from '../domain/pools';
import type { KnownSlash } from '../domain/slashes';
import type { CaseView, ChargeArgs, DutyView, PoolView, SlashView } from './duty_idl';
import { toTag } from './errors';
import { toOpt } from './mappers';

export function fromChargeArgs(args: ChargeArgs): Charge {
    return { accused: args.node, reason: args.reason, evidenceHash: Uint8Array.from(args.evidence_hash) };
}

/** What a case's view needs besides the case. */
export interface CaseFacts {
    /** Who did not respond in time. */
    missedOf(found: KnownCase): readonly Principal[];
    isStakeHeld(id: bigint): boolean;
}

/** A case as it stands. */
export function toCaseView({ missedOf, isStakeHeld }: CaseFacts): (found: KnownCase) => CaseView {
    return (found) => ({
        case: found.id,
        kind: toTag(found.kind),
        node: found.accused,
        class: toTag(found.nodeClass),
        reason: found.reason,
        evidence_hash: found.evidenceHash,
        filed_by: found.filedBy,
        filed_at_ns: found.filedNs,
        deadline_ns: found.deadlineNs,
        electorate: found.electorate,
        yes: found.yes,
        no: found.no,
        state: toTag(found.state),
        decided_at_ns: toOpt(found.decidedNs),
        missed_duty: [...missedOf(found)],
        stake_held: isStakeHeld(found.id)
    });
}

export function toSlashView(slash: KnownSlash): SlashView {
    const { outcome } = slash;
    return {
        case: slash.id,
        node: slash.node,
        reason: toTag(slash.reason),
        windows: slash.windows,
        all: slash.all,
        decided_at_ns: slash.decidedNs,
        outcome: toOpt(
            outcome && {
                slashed_e8s: outcome.slashedE8s,
                remaining_e8s: outcome.remainingE8s,
                at_ns: outcome.atNs
            }
        )
    };
}

export function toDutyView(duty: DutyRecord, stake: KnownStake, windowNs: bigint): DutyView {
    return {
        stake_end_ns: stake.endNs,
        window_ns: windowNs,
        since_ns: duty.sinceNs,
        counted_from_ns: duty.anchorNs,
        windows_examined: duty.examined
    };
}

export function toPoolView(pool: KnownPool): PoolView {
    return {
        pool: pool.id,
        name: pool.name,
        founder: pool.founder,
        founded_at_ns: pool.foundedNs,
        members: pool.members
    };
}
