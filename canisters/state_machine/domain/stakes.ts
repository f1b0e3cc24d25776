import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import { err, ok, type Result } from '../../../src/core/result';
import type { Table } from '../../../src/core/table';
import type { NodeClass, StakeClassRules } from '../../../src/core/tokenomics/profile';
import { secondsUp } from './config';
import type { Refusal, Shortcoming } from './errors';
import type { KnownNode, StateTables } from './records';
import type { Registry } from './registry';
import type { Departures } from './departures';
import type { Newcomers } from './newcomers';
import type { Duties } from './duties';
import type { StakeBook } from './stake_book';
import type { ValidatorSet } from './validators';

/** What rewards tells of a node's stake, as far as it matters here. */
export interface NodeStake {
    readonly nodeClass: NodeClass;
    readonly remainingE8s: bigint;
    readonly termDays: bigint;
    readonly endNs: bigint;
}

/** What a stake lacks for its class; undefined when nothing (AS-37). */
export function stakeShortcoming(
    nodeClass: NodeClass,
    rules: StakeClassRules,
    stake: NodeStake | undefined,
    nowNs: bigint
): Shortcoming | undefined {
    if (stake === undefined || stake.nodeClass !== nodeClass) return { kind: 'NoStake' };
    if (stake.endNs <= nowNs) return { kind: 'StakeEnded' };
    if (stake.remainingE8s < rules.minimumE8s) return { kind: 'BelowMinimum', minE8s: rules.minimumE8s };
    if (stake.termDays < rules.minimumDays) return { kind: 'TermTooShort', minDays: rules.minimumDays };
    return undefined;
}

type CheckRefused = Refusal<'NotFound' | 'Removed' | 'RateLimited'>;

/** What follows from the stakes that rewards holds. Asking costs a call, so each node has a spacing. */
export class StakeChecks {
    constructor(
        private readonly tables: StateTables,
        private readonly registry: Registry,
        private readonly validators: ValidatorSet,
        private readonly book: StakeBook,
        private readonly duties: Duties,
        private readonly departures: Departures,
        private readonly newcomers: Newcomers
    ) {}

    /** Admits a batch whose stakes rewards has just told; the duty to take part begins. */
    admit(
        batch: readonly Principal[],
        stakes: readonly (NodeStake | undefined)[],
        rules: StakeClassRules,
        nowNs: bigint
    ): Result<void, Refusal<'WrongBatchSize' | 'RequirementsNotMet'>> {
        const admitted = this.validators.admit(batch, stakes, rules, nowNs);
        if (!admitted.ok) return admitted;
        batch.forEach((node, i) => {
            this.book.learn(node, 'validator', stakes[i], nowNs);
            this.duties.begin(node, nowNs);
        });
        return admitted;
    }

    /** Opens a check that anybody may ask for: the node must exist and must not have been asked for a moment ago. */
    begin(id: Principal, nowNs: bigint): Result<KnownNode, CheckRefused> {
        return this.spaced(this.tables.stakeChecks, id, nowNs);
    }

    /** Opens a check that the node asks for to apply or to leave: others who ask for its stake must not keep it from that. */
    beginOwn(id: Principal, nowNs: bigint): Result<KnownNode, CheckRefused> {
        return this.spaced(this.tables.ownStakeChecks, id, nowNs);
    }

    private spaced(checks: Table<Principal, bigint>, id: Principal, nowNs: bigint): Result<KnownNode, CheckRefused> {
        const node = this.registry.findLiving(id);
        if (!node.ok) return node;
        const spacingNs = this.tables.config.get().statusSpacingS * NS_PER_S;
        const allowedAtNs = (checks.get(id) ?? -spacingNs) + spacingNs;
        if (nowNs < allowedAtNs) return err({ kind: 'RateLimited', retryAfterS: secondsUp(allowedAtNs - nowNs) });
        checks.set(id, nowNs);
        return node;
    }

    /** Acts on what rewards answered: a router with its stake is Active, a staked node without one has expired. */
    settle(
        id: Principal,
        stake: NodeStake | undefined,
        rules: Readonly<Record<NodeClass, StakeClassRules>>,
        nowNs: bigint
    ): Result<KnownNode, Refusal<'NotFound' | 'Removed' | 'RequirementsNotMet'>> {
        const found = this.registry.findLiving(id);
        if (!found.ok) return found;
        if (stake === undefined && this.newcomers.dismiss(id, nowNs)) return err({ kind: 'NotFound' });
        const { nodeClass } = found.value.record;
        this.book.learn(id, nodeClass, stake, nowNs);
        if (nodeClass === 'compute') return found;
        const shortcoming = stakeShortcoming(nodeClass, rules[nodeClass], stake, nowNs);
        if (shortcoming === undefined) {
            this.registry.apply(id, 'stake_confirmed', nowNs);
            if (!this.duties.has(id)) this.duties.begin(id, nowNs);
        } else if (shortcoming.kind === 'NoStake' || shortcoming.kind === 'StakeEnded')
            this.departures.expire(id, nowNs);
        const after = this.registry.findLiving(id);
        if (!after.ok || shortcoming === undefined || after.value.record.status !== 'Registered') return after;
        return err({ kind: 'RequirementsNotMet', candidates: [{ node: id, shortcoming }] });
    }

    /** By the node itself, which must hold no stake: its id is free for the same key to register again. */
    unregister(
        id: Principal,
        stake: NodeStake | undefined,
        nowNs: bigint
    ): Result<KnownNode, Refusal<'NotFound' | 'Removed' | 'StakeActive' | 'CaseOpen'>> {
        const found = this.registry.findLiving(id);
        if (!found.ok) return found;
        if (stake !== undefined && stake.remainingE8s > 0n) return err({ kind: 'StakeActive' });
        const open = this.tables.openCaseOf.get(id);
        if (open !== undefined) return err({ kind: 'CaseOpen', id: open });
        this.departures.unregister(id, nowNs);
        return ok(this.registry.find(id) ?? found.value);
    }
}
