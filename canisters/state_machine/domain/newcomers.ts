import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import { DenseList } from '../../../src/core/dense_list';
import { DONE, err, type Result } from '../../../src/core/result';
import type { OrderedTable, Table } from '../../../src/core/table';
import { secondsUp } from './config';
import type { NodeDueKey } from './duty_records';
import type { Refusal } from './errors';
import type { StateTables } from './records';
import { hasApplied } from './validator_batch';

/** Newcomers at a time: registering is free, so strangers may fill these places, and no walk may grow by more. */
export const MAX_NEWCOMERS = 1_000n;
/** A newcomer that does not report for so long is forgotten. */
export const NEWCOMER_SILENCE_NS = 86_400n * NS_PER_S;
/** Even one that reports is forgotten when it has neither been Active nor had a stake by then. */
export const NEWCOMER_AGE_NS = 30n * 86_400n * NS_PER_S;

/** Newcomers that a registration looks at for a place, when there is none. */
const LOOKS = 8;
const LEAST_RETRY_S = 60n;

/** What newcomers are kept by; those who have stopped to be newcomers are in the log of node ids. */
export interface NewcomerTables {
    /** Newcomers by position, and their positions. */
    readonly newcomers: Table<bigint, Principal>;
    readonly newcomerPositions: Table<Principal, bigint>;
    /** When a newcomer is looked at next; of those who are newcomers no more, entries may be left over. */
    readonly newcomerDue: OrderedTable<NodeDueKey, boolean>;
}

/**
 * Nodes that have registered and were neither Active nor staked yet. Only a bounded number may be so at a time: who stays
 * silent is forgotten after a day, and sooner when others wait for the place. Nothing but the list of who is online walks
 * over them.
 */
export class Newcomers {
    private readonly list: DenseList<Principal>;

    constructor(private readonly tables: StateTables) {
        this.list = new DenseList(tables.newcomers, tables.newcomerPositions);
    }

    count(): bigint {
        return this.list.size();
    }

    at(position: bigint): Principal | undefined {
        return this.list.at(position);
    }

    has(node: Principal): boolean {
        return this.list.has(node);
    }

    /** Makes sure that there is a place, if need be by forgetting newcomers that are not online. */
    makeRoom(nowNs: bigint): Result<void, Refusal<'RateLimited'>> {
        const windowNs = this.windowNs();
        for (let looks = 0; looks < LOOKS && this.count() >= MAX_NEWCOMERS; looks++) {
            const due = this.tables.newcomerDue.firstKey();
            if (due === undefined || due.atNs - NEWCOMER_SILENCE_NS + windowNs > nowNs) break;
            this.look(due, windowNs, nowNs);
        }
        if (this.count() < MAX_NEWCOMERS) return DONE;
        const next = this.tables.newcomerDue.firstKey();
        const waitS = next === undefined ? 0n : secondsUp(next.atNs - NEWCOMER_SILENCE_NS + windowNs - nowNs);
        return err({ kind: 'RateLimited', retryAfterS: waitS > LEAST_RETRY_S ? waitS : LEAST_RETRY_S });
    }

    /** A node that has just registered and holds no place in the log of node ids. */
    add(node: Principal, nowNs: bigint): void {
        if (this.has(node)) return;
        this.list.add(node);
        this.tables.newcomerDue.set({ atNs: nowNs + NEWCOMER_SILENCE_NS, node }, true);
    }

    /** The node became Active, or has a stake: from now on it is walked over with the others. */
    graduate(node: Principal): void {
        if (!this.has(node)) return;
        this.list.remove(node);
        this.tables.nodeIds.append(node);
    }

    /** Forgets newcomers whose time is over, at most so many; more may be left. */
    sweep(nowNs: bigint, budget: number): void {
        for (let looked = 0; looked < budget; looked++) {
            const due = this.tables.newcomerDue.firstKey();
            if (due === undefined || due.atNs > nowNs) return;
            this.look(due, NEWCOMER_SILENCE_NS, nowNs);
        }
    }

    /** Rewards has told that the node has no stake: forgets a newcomer whose time is over. Whether it did. */
    dismiss(node: Principal, nowNs: bigint): boolean {
        const silenceNs = this.count() < MAX_NEWCOMERS ? NEWCOMER_SILENCE_NS : this.windowNs();
        if (!this.has(node) || this.endNs(node, silenceNs) > nowNs || this.isBusy(node)) return false;
        this.forget(node);
        return true;
    }

    /**
     * Forgets a newcomer that has been silent for so long, or is too old; otherwise it is looked at again later. One with a
     * wallet may have a stake, so rewards is asked first.
     */
    private look(due: NodeDueKey, silenceNs: bigint, nowNs: bigint): void {
        const { node } = due;
        this.tables.newcomerDue.delete(due);
        if (!this.has(node)) return;
        const isOver = this.endNs(node, silenceNs) <= nowNs;
        if (isOver && !this.isBusy(node)) {
            if (this.tables.profiles.get(node)?.wallet === undefined) return this.forget(node);
            this.tables.stakeQueue.set({ atNs: nowNs, node }, true);
        }
        const atNs = isOver ? nowNs + NEWCOMER_SILENCE_NS : this.endNs(node, NEWCOMER_SILENCE_NS);
        this.tables.newcomerDue.set({ atNs, node }, true);
    }

    /** When the newcomer's time is over, if it does not report again. */
    private endNs(node: Principal, silenceNs: bigint): bigint {
        const registeredNs = this.tables.profiles.get(node)?.registeredAtNs ?? 0n;
        const reportedNs = this.tables.presences.get(node)?.lastStatusNs ?? 0n;
        const silentNs = (reportedNs > registeredNs ? reportedNs : registeredNs) + silenceNs;
        const oldNs = registeredNs + NEWCOMER_AGE_NS;
        return silentNs < oldNs ? silentNs : oldNs;
    }

    private windowNs(): bigint {
        return this.tables.config.get().onlineWindowS * NS_PER_S;
    }

    /** Whether something that is not over names the node. */
    private isBusy(node: Principal): boolean {
        const { challengeOfNode, openCaseOf, poolOfNode, validatorBatch } = this.tables;
        const batch = validatorBatch.get();
        return (
            challengeOfNode.has(node) ||
            openCaseOf.has(node) ||
            poolOfNode.has(node) ||
            (batch !== undefined && hasApplied(batch, node))
        );
    }

    /** As if it had never registered; its key may register again. */
    private forget(node: Principal): void {
        const { nodes, profiles, presences, walletProposals, stakeChecks, challengeScores } = this.tables;
        this.list.remove(node);
        for (const table of [nodes, profiles, presences, walletProposals, stakeChecks, challengeScores]) {
            table.delete(node);
        }
    }
}
