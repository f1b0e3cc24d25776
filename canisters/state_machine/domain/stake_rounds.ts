import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import { isGone } from './status';
import type { StateTables } from './records';
import type { Registry } from './registry';

/** Nodes of one question: rewards answers at most 100. */
const BATCH = 100;

/** Whose stake is to be asked for next: those who are waited for, then all in the order of their registration, again and again. */
export class StakeRounds {
    constructor(
        private readonly tables: StateTables,
        private readonly registry: Registry
    ) {}

    /** The next nodes to ask for; empty while the round is over and the next one has not begun. */
    next(nowNs: bigint): readonly Principal[] {
        const urgent = this.takeQueue();
        return urgent.length > 0 ? urgent : this.takePage(nowNs);
    }

    /** Asks again later: rewards did not answer. */
    postpone(nodes: readonly Principal[], nowNs: bigint): void {
        for (const node of nodes) this.tables.stakeQueue.set({ atNs: nowNs, node }, true);
    }

    private takeQueue(): readonly Principal[] {
        const nodes: Principal[] = [];
        while (nodes.length < BATCH) {
            const first = this.tables.stakeQueue.firstKey();
            if (first === undefined) break;
            this.tables.stakeQueue.delete(first);
            nodes.push(first.node);
        }
        return nodes;
    }

    private takePage(nowNs: bigint): readonly Principal[] {
        const round = this.tables.stakeSync.get();
        const isOver = round.cursor >= this.registry.count();
        const spacingNs = this.tables.config.get().stakeSyncS * NS_PER_S;
        if (isOver && nowNs < round.startedNs + spacingNs) return [];
        const cursor = isOver ? 0n : round.cursor;
        const startedNs = cursor === 0n ? nowNs : round.startedNs;
        const until = cursor + BigInt(BATCH);
        this.tables.stakeSync.set({ cursor: until, startedNs });
        const nodes: Principal[] = [];
        for (let index = cursor; index < until; index++) {
            const node = this.tables.nodeIds.get(index);
            if (node === undefined) break;
            const status = this.tables.nodes.get(node)?.status;
            if (status !== undefined && !isGone(status)) nodes.push(node);
        }
        return nodes;
    }
}
