/**
 * Recomputes the invariants of docs/invariants.md from the tables. What is too much for one message is read page by page: the
 * cursor carries the sums, and an audit during which the books moved begins again.
 */
import { err, ok, type Result } from '../../../../src/core/result';
import { AUDIT_SECTIONS } from './audit_sections';
import { noSums, type AuditPosition, type AuditSums } from './audit_sums';
import { checkBooks, checkSums, type AuditCheck } from './audit_totals';
import { PURSES, purseOf } from '../treasury/purses';
import type { RewardsState } from '../state';

/** Rows that `audit` reads at most; beyond that it says that it is not complete. */
export const AUDIT_LIMIT = 1_000n;

export type { AuditCheck } from './audit_totals';

/** The answer of an audit: it holds when every rule does; `complete` says that all tables were read. */
export interface AuditReport {
    readonly holds: boolean;
    /** False when there is more than one message can read: sums over tables were then left out. */
    readonly complete: boolean;
    readonly checks: readonly AuditCheck[];
}

/** Where an audit goes on, and what it has added up so far. */
export interface AuditCursor {
    readonly position: AuditPosition;
    readonly sums: AuditSums;
    /** Of the books when the audit began. */
    readonly fingerprint: bigint;
}

/** One step of an audit: the report so far, and where to go on; no cursor at the end. */
export interface AuditPage {
    readonly rows: bigint;
    /** Empty until the last page. */
    readonly checks: readonly AuditCheck[];
    /** Absent on the last page. */
    readonly next?: AuditCursor;
}

/** The whole audit if one message can read it, else the rules that need no sum over a table. */
export function audit(state: RewardsState): AuditReport {
    const page = readPage(state, beginAudit(state), AUDIT_LIMIT);
    const complete = page.next === undefined;
    const checks = complete ? page.checks : checkBooks(state);
    return { holds: checks.every(({ holds }) => holds), complete, checks };
}

/** The cursor of an audit from the first row on, over the books as they are now. */
export function beginAudit(state: RewardsState): AuditCursor {
    return { position: { section: 0n, index: 0n, inner: 0n }, sums: noSums(), fingerprint: fingerprintOf(state) };
}

/** Reads some rows more; refuses when the books have moved since the audit began. */
export function auditPage(state: RewardsState, cursor: AuditCursor, rows: bigint): Result<AuditPage, 'books-moved'> {
    return cursor.fingerprint === fingerprintOf(state) ? ok(readPage(state, cursor, rows)) : err('books-moved');
}

function readPage(state: RewardsState, { position, sums: before, fingerprint }: AuditCursor, limit: bigint): AuditPage {
    const sums = { ...before };
    const reader = new PageReader(state, sums, position);
    while (reader.rows < limit && reader.step()) continue;
    const { rows } = reader;
    if (reader.isDone()) return { rows, checks: [...checkBooks(state), ...checkSums(state, sums)] };
    return { rows, checks: [], next: { position: reader.position(), sums, fingerprint } };
}

/** Walks through the sections, a row or an entry of a row's list at a time. */
class PageReader {
    rows = 0n;
    private section: bigint;
    private index: bigint;
    private inner: bigint;

    constructor(
        private readonly state: RewardsState,
        private readonly sums: AuditSums,
        { section, index, inner }: AuditPosition
    ) {
        this.section = section;
        this.index = index;
        this.inner = inner;
    }

    position(): AuditPosition {
        return { section: this.section, index: this.index, inner: this.inner };
    }

    isDone(): boolean {
        return this.section >= BigInt(AUDIT_SECTIONS.length);
    }

    step(): boolean {
        const section = AUDIT_SECTIONS[Number(this.section)];
        if (section === undefined) return false;
        if (this.index >= section.length(this.state)) {
            this.section++;
            this.index = 0n;
            return true;
        }
        this.rows++;
        const { list } = section;
        if (list !== undefined && this.inner < list.length(this.state, this.index)) {
            list.visit(this.state, this.index, this.inner++, this.sums);
            return true;
        }
        section.visit(this.state, this.index++, this.sums);
        this.inner = 0n;
        this.sums.list = 0n;
        this.sums.list_items = 0n;
        return true;
    }
}

const MODULUS = (1n << 61n) - 1n;
const BASE = 1_099_511_628_211n;

/** A number that changes when the books do: lengths of the logs, totals, and the figures of every purse. */
function fingerprintOf(state: RewardsState): bigint {
    const { emittedE8s, assignedE8s, carryE8s, unboundE8s } = state.emission.get();
    const { volumeE8s, treasuryDueE8s, burnDueE8s } = state.trade.get();
    const { heldE8s, rewardsPaidE8s, owedE8s } = state.holders.get();
    const figures = [
        ...[state.settlements, state.accountIndex, state.nodeIndex, state.claims].map((log) => log.length()),
        ...[state.transfers, state.totalPower, state.proposals, state.airdrops].map((log) => log.length()),
        ...[emittedE8s, assignedE8s, carryE8s, unboundE8s, volumeE8s, treasuryDueE8s, burnDueE8s],
        ...[heldE8s, rewardsPaidE8s, owedE8s, state.stakedE8s.get(), state.slashDueE8s.get()],
        ...[state.openProposals.get(), state.airdropUnpaidE8s.get(), BigInt(state.due.size())],
        BigInt(state.ballots.size()),
        BigInt(state.airdropClaims.size()),
        state.profiles.length(),
        state.claimsCancelled.get(),
        ...PURSES.flatMap((name) => {
            const purse = purseOf(state, name);
            return [purse.bookedE8s, purse.owedE8s, purse.heldE8s, BigInt(purse.openOut), BigInt(purse.openIn)];
        })
    ];
    return figures.reduce((mixed, figure) => (mixed * BASE + figure + 1n) % MODULUS, 0n);
}
