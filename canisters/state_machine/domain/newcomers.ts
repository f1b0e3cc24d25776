import type { Principal } from '@dfinity/principal';
import { NS_PER_MS, NS_PER_S } from '../../../src/core/clock';
import { DenseList } from '../../../src/core/dense_list';
import { recentProbes } from '../../../src/core/poc/measure';
import { DONE, err, type Result } from '../../../src/core/result';
import type { OrderedTable, Table } from '../../../src/core/table';
import type { NodeDueKey } from './duty_records';
import type { Refusal } from './errors';
import { newcomerRank, sampleDraw } from './newcomer_rank';
import type { StateTables } from './records';
import { hasApplied } from './validator_batch';

/** Newcomers at a time: registering is free, and no walk may grow by more. Who comes when they are taken takes the place of who has done least. */
export const MAX_NEWCOMERS = 1_000n;
/** A newcomer that does not report for so long is forgotten. */
export const NEWCOMER_SILENCE_NS = 86_400n * NS_PER_S;
/** Even one that reports is forgotten when it has neither been Active nor had a stake by then. */
export const NEWCOMER_AGE_NS = 30n * 86_400n * NS_PER_S;

/** Newcomers that a registration compares, when there is no place. */
const SAMPLE = 16;
const RETRY_S = 60n;

/** What newcomers are kept by; those who have stopped to be newcomers are in the log of node ids. */
export interface NewcomerTables {
    /** Newcomers by position, and their positions. */
    readonly newcomers: Table<bigint, Principal>;
    readonly newcomerPositions: Table<Principal, bigint>;
    /** When a newcomer is looked at next. */
    readonly newcomerDue: OrderedTable<NodeDueKey, boolean>;
    readonly newcomerNotes: Table<Principal, NewcomerNote>;
}

/** What is kept of a newcomer besides its registration. */
export interface NewcomerNote {
    /** Where it stands in `newcomerDue`. */
    readonly dueNs: bigint;
    /** It has to give way, unless rewards tells of a stake. */
    readonly hasNotice: boolean;
}

/**
 * Nodes that have registered and were neither Active nor staked yet. Only a bounded number may be so at a time: who stays
 * silent is forgotten after a day. When all places are taken, who comes takes the place of who has done least, so that nobody
 * holds places by registering and reporting alone (docs/decisions/0018). Nothing but the list of who is online walks over them.
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

    /**
     * Makes sure that there is a place for who comes, if need be by forgetting the one of some that has done least. One with a
     * wallet may have a stake: rewards is asked first, so its place is free a moment later.
     */
    makeRoom(entrant: Principal, nowNs: bigint): Result<void, Refusal<'RateLimited'>> {
        if (this.count() < MAX_NEWCOMERS) return DONE;
        for (const node of this.leastFirst(this.sample(entrant, nowNs), nowNs)) {
            if (this.giveWay(node, nowNs)) return DONE;
        }
        return err({ kind: 'RateLimited', retryAfterS: RETRY_S });
    }

    /** A node that has just registered and holds no place in the log of node ids. */
    add(node: Principal, nowNs: bigint): void {
        if (this.has(node)) return;
        this.list.add(node);
        this.lookAt(node, nowNs + NEWCOMER_SILENCE_NS);
    }

    /** The node became Active, or has a stake: from now on it is walked over with the others. */
    graduate(node: Principal): void {
        if (!this.has(node)) return;
        this.leave(node);
        this.tables.nodeIds.append(node);
    }

    /** Forgets newcomers whose time is over, at most so many; more may be left. */
    sweep(nowNs: bigint, budget: number): void {
        for (let looked = 0; looked < budget; looked++) {
            const due = this.tables.newcomerDue.firstKey();
            if (due === undefined || due.atNs > nowNs) return;
            this.look(due, nowNs);
        }
    }

    /** Rewards has told that the node has no stake: forgets a newcomer whose time is over, or that has to give way. Whether it did. */
    dismiss(node: Principal, nowNs: bigint): boolean {
        if (!this.has(node)) return false;
        const note = this.tables.newcomerNotes.get(node);
        if (note?.hasNotice === true) this.tables.newcomerNotes.set(node, { ...note, hasNotice: false });
        const gives = note?.hasNotice === true && this.rankOf(node, nowNs) !== undefined;
        if (this.isBusy(node) || !(gives || this.endNs(node) <= nowNs)) return false;
        this.forget(node);
        return true;
    }

    /** Newcomers that nobody can foresee, and the one that was not looked at for longest. */
    private sample(entrant: Principal, nowNs: bigint): readonly Principal[] {
        const draw = sampleDraw(entrant, nowNs);
        const nodes = new Map<string, Principal>();
        const add = (node: Principal | undefined) => node && this.has(node) && nodes.set(node.toText(), node);
        for (let at = 0; at < SAMPLE; at++) add(this.at(BigInt(draw.getUint16(2 * at)) % this.count()));
        add(this.tables.newcomerDue.firstKey()?.node);
        return [...nodes.values()];
    }

    /** Those that may have to give way: who has done less goes first, of equals who has had more time. */
    private leastFirst(nodes: readonly Principal[], nowNs: bigint): readonly Principal[] {
        const ranked = nodes.flatMap((node) => {
            const rank = this.isBusy(node) ? undefined : this.rankOf(node, nowNs);
            return rank === undefined ? [] : [{ node, rank, sinceNs: this.registeredNs(node) }];
        });
        ranked.sort((a, b) => a.rank - b.rank || (a.sinceNs < b.sinceNs ? -1 : 1));
        return ranked.map(({ node }) => node);
    }

    private rankOf(node: Principal, nowNs: bigint): number | undefined {
        const { failures = 0, first = [] } = this.tables.challengeScores.get(node) ?? {};
        return newcomerRank({
            isOnline: this.lastSeenNs(node) + this.windowNs() > nowNs,
            passed: recentProbes(first, nowNs / NS_PER_MS).length,
            failures,
            hasWallet: this.hasWallet(node)
        });
    }

    /** Forgets the node; one with a wallet is told to rewards' next answer. Whether its place is free. */
    private giveWay(node: Principal, nowNs: bigint): boolean {
        if (!this.hasWallet(node)) {
            this.forget(node);
            return true;
        }
        const note = this.tables.newcomerNotes.get(node);
        if (note === undefined || note.hasNotice) return false;
        this.tables.newcomerNotes.set(node, { ...note, hasNotice: true });
        this.tables.stakeQueue.set({ atNs: nowNs, node }, true);
        return false;
    }

    /** Forgets a newcomer whose time is over; otherwise it is looked at again later. One with a wallet may have a stake, so rewards is asked first. */
    private look(due: NodeDueKey, nowNs: bigint): void {
        const { node } = due;
        this.tables.newcomerDue.delete(due);
        if (!this.has(node)) return;
        const isOver = this.endNs(node) <= nowNs;
        if (isOver && !this.isBusy(node)) {
            if (!this.hasWallet(node)) return this.forget(node);
            this.tables.stakeQueue.set({ atNs: nowNs, node }, true);
        }
        this.lookAt(node, isOver ? nowNs + NEWCOMER_SILENCE_NS : this.endNs(node));
    }

    /** When the newcomer's time is over, if it does not report again. */
    private endNs(node: Principal): bigint {
        const silentNs = this.lastSeenNs(node) + NEWCOMER_SILENCE_NS;
        const oldNs = this.registeredNs(node) + NEWCOMER_AGE_NS;
        return silentNs < oldNs ? silentNs : oldNs;
    }

    private lastSeenNs(node: Principal): bigint {
        const registeredNs = this.registeredNs(node);
        const reportedNs = this.tables.presences.get(node)?.lastStatusNs ?? 0n;
        return reportedNs > registeredNs ? reportedNs : registeredNs;
    }

    private registeredNs(node: Principal): bigint {
        return this.tables.profiles.get(node)?.registeredAtNs ?? 0n;
    }

    private hasWallet(node: Principal): boolean {
        return this.tables.profiles.get(node)?.wallet !== undefined;
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

    /** Sets when a newcomer is looked at next. */
    private lookAt(node: Principal, dueNs: bigint): void {
        const { newcomerDue, newcomerNotes } = this.tables;
        const note = newcomerNotes.get(node);
        if (note !== undefined) newcomerDue.delete({ atNs: note.dueNs, node });
        newcomerDue.set({ atNs: dueNs, node }, true);
        newcomerNotes.set(node, { dueNs, hasNotice: note?.hasNotice ?? false });
    }

    private leave(node: Principal): void {
        const { newcomerDue, newcomerNotes } = this.tables;
        const note = newcomerNotes.get(node);
        if (note !== undefined) newcomerDue.delete({ atNs: note.dueNs, node });
        newcomerNotes.delete(node);
        this.list.remove(node);
    }

    /** As if it had never registered; its key may register again. */
    private forget(node: Principal): void {
        const { nodes, profiles, presences, walletProposals, challengeScores } = this.tables;
        const { stakeChecks, ownStakeChecks } = this.tables;
        this.leave(node);
        const rows = [nodes, profiles, presences, walletProposals, stakeChecks, ownStakeChecks, challengeScores];
        for (const table of rows) table.delete(node);
    }
}
