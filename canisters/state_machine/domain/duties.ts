import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { ProposalRecord } from './agreement_records';
import type { StateMachineConfig } from './config';
import type { DutyRecord, KnownStake } from './duty_records';
import type { Finality } from './finality';
import type { SuspendedTime } from './poc/suspension';
import { isOnline } from './presence';
import type { KnownNode, StateTables } from './records';
import type { Registry } from './registry';
import type { Slashes } from './slashes';
import type { ValidatorSet } from './validators';
import { hasVoted } from './votes';

/** Windows of one node that one visit examines at most; the next visit goes on. */
const WINDOWS_PER_VISIT = 24;
/** Failed proofs of a node that are kept until its windows are examined: visits come with every window, proofs are spaced. */
const MAX_FAILED = 32;

/** How long a staked node of a class may take no part before it pays (C.1.1). */
export function dutyWindowNs(config: StateMachineConfig, nodeClass: NodeClass): bigint {
    const windows = {
        validator: config.validatorWindowS,
        router: config.routerWindowS,
        compute: config.computeWindowS
    };
    return windows[nodeClass] * NS_PER_S;
}

/** Parts of the canister's rules that duties need. */
export interface DutyParts {
    readonly tables: StateTables;
    readonly registry: Registry;
    readonly validators: ValidatorSet;
    readonly finality: Finality;
    readonly slashes: Slashes;
    readonly suspension: SuspendedTime;
}

/**
 * The duty of staked nodes to take part (C.1.1): every full window since the last participation costs one deduction, once,
 * unless no state became final in it (AS-48). Nodes are visited when a window ends, never all at once.
 */
export class Duties {
    private readonly tables: StateTables;
    private readonly registry: Registry;

    constructor(private readonly parts: DutyParts) {
        this.tables = parts.tables;
        this.registry = parts.registry;
    }

    /** From now on, unless the duty has begun already. A validator's begins with its admission. */
    begin(node: Principal, nowNs: bigint): void {
        const known = this.registry.find(node);
        const stake = this.tables.stakes.get(node);
        if (known === undefined || stake === undefined || !this.isObliged(known)) return;
        const duty = this.tables.duties.get(node) ?? { sinceNs: nowNs, anchorNs: nowNs, examined: 0n };
        this.tables.duties.set(node, duty);
        this.visitAt(node, this.nextVisitNs(known, duty, stake));
    }

    has(node: Principal): boolean {
        return this.tables.duties.has(node);
    }

    end(node: Principal): void {
        this.tables.duties.delete(node);
        this.tables.failedProofs.delete(node);
    }

    /** A proof of computing was decided against the node: it counts in the window of the decision. */
    proofFailed(node: Principal, nowNs: bigint): void {
        if (!this.has(node)) return;
        this.tables.failedProofs.set(node, [...this.failedOf(node), nowNs].slice(-MAX_FAILED));
    }

    /** Visits nodes that are due, at most so many; more may be left. */
    sweep(nowNs: bigint, budget: number): number {
        for (let visited = 0; visited < budget; visited++) {
            const due = this.tables.dutyDue.firstKey();
            if (due === undefined || due.atNs > nowNs) return visited;
            this.tables.dutyDue.delete(due);
            this.visit(due.node, nowNs);
        }
        return budget;
    }

    private visit(node: Principal, nowNs: bigint): void {
        const known = this.registry.find(node);
        const stake = this.tables.stakes.get(node);
        const stored = this.tables.duties.get(node);
        if (known === undefined || stake === undefined || stored === undefined) return;
        if (!this.isObliged(known)) return this.end(node);
        if (!isOnline(this.tables.config.get(), known.presence, nowNs)) {
            this.registry.apply(node, 'went_silent', nowNs);
        }
        // A stake may have been renewed: rewards knows, and the answer puts the node back on the list.
        if (nowNs >= stake.endNs) this.tables.stakeQueue.set({ atNs: nowNs, node }, true);
        const { duty, charged, isDone } = this.examine(known, currentDuty(known, stored), stake, nowNs);
        this.tables.duties.set(node, duty);
        this.forgetFailed(
            node,
            duty.anchorNs + duty.examined * dutyWindowNs(this.tables.config.get(), known.record.nodeClass)
        );
        if (charged > 0n) this.parts.slashes.decide({ node, reason: 'Liveness', windows: charged, all: false }, nowNs);
        if (nowNs < stake.endNs || !isDone) this.visitAt(node, isDone ? this.nextVisitNs(known, duty, stake) : nowNs);
    }

    /** Counts the full windows that are not examined yet. Those without a final state, or past the stake's end, are free. */
    private examine(
        node: KnownNode,
        from: DutyRecord,
        stake: KnownStake,
        nowNs: bigint
    ): { readonly duty: DutyRecord; readonly charged: bigint; readonly isDone: boolean } {
        const config = this.tables.config.get();
        const windowNs = dutyWindowNs(config, node.record.nodeClass);
        const limitNs = nowNs < stake.endNs ? nowNs : stake.endNs;
        const full = limitNs > from.anchorNs ? (limitNs - from.anchorNs) / windowNs : 0n;
        let { examined } = from;
        let charged = 0n;
        for (let step = 0; step < WINDOWS_PER_VISIT && examined < full; step++) {
            const startNs = from.anchorNs + examined * windowNs;
            const missingNs = this.missingFromNs(node, startNs, windowNs);
            const finalNs = this.parts.finality.firstFrom(missingNs, (state) => this.tookPartIn(state, node));
            const passed = finalNs === undefined ? full : (finalNs - from.anchorNs) / windowNs;
            if (passed === examined && !this.isExcused(node, startNs)) charged += 1n;
            examined = passed === examined ? examined + 1n : passed;
        }
        if (examined > full) examined = full;
        return { duty: { ...from, examined }, charged, isDone: examined >= full };
    }

    /**
     * From when on in a window a state shows that the network went on without a node that owes its presence: a compute node,
     * once it is not online any more, a router half a window after its report. What became final before shows nothing
     * when the whole network stops between two reports.
     */
    private missingFromNs(node: KnownNode, startNs: bigint, windowNs: bigint): bigint {
        const { record, presence } = node;
        const config = this.tables.config.get();
        const isSilent = record.nodeClass === 'compute' && !isOnline(config, presence, startNs + windowNs);
        const graceNs = record.nodeClass === 'router' ? windowNs / 2n : config.onlineWindowS * NS_PER_S;
        const fromNs = presence.lastStatusNs + graceNs;
        return (isSilent || record.nodeClass === 'router') && fromNs > startNs ? fromNs : startNs;
    }

    /**
     * A state that a validator has proposed or voted on itself shows nothing that it missed, although it may have become final
     * after its part in it: when the whole network stops then, nobody pays. There is one at most, the last of its votes.
     */
    private tookPartIn(state: ProposalRecord, node: KnownNode): boolean {
        if (node.record.nodeClass !== 'validator') return false;
        const member = this.parts.validators.positionIn(state.setVersion, node.id);
        if (member === undefined) return false;
        return member === state.proposer || hasVoted(state.yes, member) || hasVoted(state.no, member);
    }

    /**
     * A compute node that was there all the window could do no better if no proof of it failed, or a suspension kept it from
     * making good. While it computes, or waits for the validators' verdict, nothing has failed.
     */
    private isExcused(node: KnownNode, startNs: bigint): boolean {
        const { id, record, presence } = node;
        const config = this.tables.config.get();
        const endNs = startNs + dutyWindowNs(config, record.nodeClass);
        if (record.nodeClass !== 'compute' || !isOnline(config, presence, endNs)) return false;
        const hasFailed = this.failedOf(id).some((atNs) => atNs >= startNs && atNs < endNs);
        return !hasFailed || this.parts.suspension.overlapNs(startNs, endNs) > 0n;
    }

    private failedOf(node: Principal): readonly bigint[] {
        return this.tables.failedProofs.get(node) ?? [];
    }

    /** Lets go of failures in windows that are examined. */
    private forgetFailed(node: Principal, beforeNs: bigint): void {
        const failed = this.failedOf(node);
        const kept = failed.filter((atNs) => atNs >= beforeNs);
        if (kept.length === failed.length) return;
        if (kept.length === 0) this.tables.failedProofs.delete(node);
        else this.tables.failedProofs.set(node, kept);
    }

    private isObliged({ id, record }: KnownNode): boolean {
        if (record.nodeClass === 'validator') return this.parts.validators.has(id);
        return record.status === 'Active' || record.status === 'Inactive';
    }

    private nextVisitNs({ record }: KnownNode, duty: DutyRecord, stake: KnownStake): bigint {
        const windowNs = dutyWindowNs(this.tables.config.get(), record.nodeClass);
        const windowEndNs = duty.anchorNs + (duty.examined + 1n) * windowNs;
        return windowEndNs < stake.endNs ? windowEndNs : stake.endNs;
    }

    private visitAt(node: Principal, atNs: bigint): void {
        this.tables.dutyDue.set({ atNs, node }, true);
    }
}

/** A participation since the last visit begins the count anew. */
function currentDuty({ presence }: KnownNode, duty: DutyRecord): DutyRecord {
    const lastNs = presence.lastConsensusNs > duty.sinceNs ? presence.lastConsensusNs : duty.sinceNs;
    return lastNs === duty.anchorNs ? duty : { ...duty, anchorNs: lastNs, examined: 0n };
}
