import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../src/core/assert';
import { err, ok, type Result } from '../../../src/core/result';
import type { Account } from '../../../src/core/account';
import { isHistory, judgePage, type HistoryPage } from '../../../src/core/lost_transfers';
import type { Cell, OrderedTable, Table } from '../../../src/core/table';
import {
    beginAttempt,
    INTERRUPTED_AFTER_NS,
    isUnderWay,
    openIntent,
    resolveLost,
    settleAttempt,
    type LedgerAnswer,
    type LedgerTransfer,
    type TransferIntent
} from '../../../src/core/transfer_intents';
import type { ErrorOf } from './errors';
import { refusalOf, type MovementRefused } from './movement_errors';

/** What a movement of money is for. One with an owner was asked for by that principal, who may have one at a time. */
export type Purpose =
    /** Pull: credits are bought. */
    | { readonly kind: 'purchase'; readonly owner: Principal; readonly credits: bigint }
    /** Push: unused credits are paid back. */
    | { readonly kind: 'withdrawal'; readonly owner: Principal; readonly credits: bigint }
    /** Pull: the price of a market order goes into escrow. */
    | { readonly kind: 'escrow'; readonly owner: Principal; readonly order: bigint }
    /** Push: the price of an order, or a part of it, goes back to whoever paid it. */
    | { readonly kind: 'refund'; readonly order: bigint };

/** One transfer between the hub's ledger account and somebody, written down before the ledger is asked. */
export interface Movement {
    readonly id: bigint;
    readonly purpose: Purpose;
    readonly intent: TransferIntent;
    /** When the sweep looks at it again; its place in the queue of unresolved movements. */
    readonly dueNs: bigint;
}

export interface DueKey {
    readonly dueNs: bigint;
    readonly id: bigint;
}

export interface MovementTables {
    readonly movements: Table<bigint, Movement>;
    readonly nextId: Cell<bigint>;
    readonly unresolvedByOwner: Table<Principal, bigint>;
    readonly unresolved: OrderedTable<DueKey, boolean>;
    /** How far the ledger's log was read for a lost movement. */
    readonly search: Cell<StartedSearch | undefined>;
}

export interface StartedSearch {
    readonly id: bigint;
    /** Blocks from this one on were read. */
    readonly before: bigint;
}

/** The next page of the ledger's log to read for a lost movement. */
export interface LostSearch {
    readonly id: bigint;
    /** Whose history to read: the user's, which is the shorter one. */
    readonly account: Account;
    /** Only blocks before this one; absent at first. */
    readonly before?: bigint;
}

/** What movements mean for the books; each is called once for a movement, in the message that learnt its end. */
export interface MovementEffects {
    /** The ledger has executed it. */
    done(movement: Movement, nowNs: bigint): void;
    /** It was certainly never executed, and is not asked for again. */
    dropped(movement: Movement): void;
}

/** An executed movement. */
export interface Moved {
    readonly id: bigint;
    /** Block of the transfer. */
    readonly blockIndex: bigint;
}

const RETRY_AFTER_NS = 30_000_000_000n;

/** All money that moves between users and the hub: intent first, one unresolved per principal, booked once (M2, M3). */
export class Movements {
    constructor(
        private readonly tables: MovementTables,
        private readonly effects: MovementEffects
    ) {}

    /**
     * The unresolved movement of a principal if it is the one that is asked for: whoever asks again after a lost reply
     * continues what was begun. Undefined when there is none; Busy when there is another, or its call is under way.
     */
    resumable(
        owner: Principal,
        isSame: (movement: Movement) => boolean,
        nowNs: bigint
    ): Result<bigint | undefined, ErrorOf<'Busy'>> {
        const id = this.tables.unresolvedByOwner.get(owner);
        const movement = id === undefined ? undefined : this.tables.movements.get(id);
        if (movement === undefined) return ok(undefined);
        if (!isSame(movement) || isUnderWay(movement.intent, nowNs)) return err({ kind: 'Busy' });
        return ok(movement.id);
    }

    /** Writes the intent; the transfer is told the movement's number for its memo. */
    begin(purpose: Purpose, transferOf: (id: bigint) => LedgerTransfer, nowNs: bigint): bigint {
        const id = this.tables.nextId.get();
        this.tables.nextId.set(id + 1n);
        const owner = ownerOf(purpose);
        if (owner !== undefined) {
            invariant(!this.tables.unresolvedByOwner.has(owner), 'M2', `${owner.toText()} has two movements`);
            this.tables.unresolvedByOwner.set(owner, id);
        }
        this.store({ id, purpose, intent: openIntent(transferOf(id)), dueNs: nowNs }, nowNs + RETRY_AFTER_NS);
        return id;
    }

    /** The transfer to ask the ledger for now; undefined when there is nothing to ask. */
    beginAttempt(id: bigint, nowNs: bigint): LedgerTransfer | undefined {
        const movement = this.tables.movements.get(id);
        if (movement === undefined || !this.isUnresolved(movement)) return undefined;
        const { intent, send } = beginAttempt(movement.intent, nowNs);
        this.store({ ...movement, intent }, nowNs + (send ? INTERRUPTED_AFTER_NS : RETRY_AFTER_NS));
        return send ? intent.transfer : undefined;
    }

    /** Books what the ledger answered. Nothing that was read before the call is used here. */
    settleAttempt(id: bigint, answer: LedgerAnswer, nowNs: bigint): Result<Moved, MovementRefused> {
        const movement = this.tables.movements.get(id);
        if (movement === undefined) return err(refusalOf({ kind: 'temporarily_unavailable' }));
        const intent = settleAttempt(movement.intent, answer, nowNs);
        return this.conclude({ ...movement, intent }, nowNs);
    }

    /** Ids of unresolved movements that are due, at most `take`. */
    due(nowNs: bigint, take: number): readonly bigint[] {
        const ids: bigint[] = [];
        while (ids.length < take) {
            const first = this.tables.unresolved.firstKey();
            if (first === undefined || first.dueNs > nowNs) break;
            const movement = this.tables.movements.get(first.id);
            invariant(movement !== undefined, 'M3', `movement ${first.id} is queued and not kept`);
            this.store(movement, nowNs + RETRY_AFTER_NS);
            ids.push(first.id);
        }
        return ids;
    }

    /** The search that was begun, or one for the first of `ids` that is lost for certain. */
    nextSearch(ids: readonly bigint[], nowNs: bigint): LostSearch | undefined {
        const started = this.tables.search.get();
        const begun = started && this.lost(started.id);
        if (begun !== undefined) return { id: begun.id, account: userOf(begun), before: started?.before };
        for (const id of ids) {
            const movement = this.lost(id);
            if (movement !== undefined && isHistory(movement.intent.transfer, nowNs)) {
                return { id, account: userOf(movement) };
            }
        }
        return undefined;
    }

    /**
     * Books what a page of the ledger's log says of a lost movement: executed in a block, or never; a refund is then asked
     * for anew. Answers whether the search is over.
     */
    takePage({ id, before }: LostSearch, page: HistoryPage, nowNs: bigint): boolean {
        const movement = this.lost(id);
        const verdict = movement && judgePage(movement.intent.transfer, before, page);
        this.tables.search.set(verdict?.kind === 'older' ? { id, before: verdict.before } : undefined);
        if (movement === undefined || verdict === undefined) return true;
        if (verdict.kind === 'older') return false;
        if (verdict.kind === 'unreadable') return true;
        const blockIndex = verdict.kind === 'executed' ? verdict.blockIndex : undefined;
        this.conclude({ ...movement, intent: resolveLost(movement.intent, blockIndex, nowNs) }, nowNs);
        return true;
    }

    /** The movement if the ledger's window closed over it before its outcome was known. */
    private lost(id: bigint): Movement | undefined {
        const movement = this.tables.movements.get(id);
        return movement?.intent.state.kind === 'lost' ? movement : undefined;
    }

    get(id: bigint): Movement | undefined {
        return this.tables.movements.get(id);
    }

    unresolvedCount(): number {
        return this.tables.unresolved.size();
    }

    private conclude(movement: Movement, nowNs: bigint): Result<Moved, MovementRefused> {
        const { state, transfer } = movement.intent;
        switch (state.kind) {
            case 'done':
                if (this.isUnresolved(movement)) this.finish(movement, nowNs);
                return ok({ id: movement.id, blockIndex: state.blockIndex ?? 0n });
            case 'refused':
                // A refund is owed whatever the ledger says: it was certainly not executed, so it gets a new date.
                if (ownerOf(movement.purpose) !== undefined) this.drop(movement);
                else this.retry({ ...movement, intent: openIntent({ ...transfer, createdAtNs: nowNs }) }, nowNs);
                return err(refusalOf(state.refusal));
            case 'open':
                if (state.doubt || ownerOf(movement.purpose) === undefined) this.retry(movement, nowNs);
                else this.drop(movement);
                return err({ kind: 'TemporarilyUnavailable', detail: describe(state.doubt, state.reason) });
            case 'sent':
            case 'lost':
                this.retry(movement, nowNs);
                return err({ kind: 'TemporarilyUnavailable', detail: describe(true, state.kind) });
        }
    }

    private finish(movement: Movement, nowNs: bigint): void {
        this.resolve(movement);
        this.tables.movements.set(movement.id, movement);
        this.effects.done(movement, nowNs);
    }

    private drop(movement: Movement): void {
        if (!this.isUnresolved(movement)) return;
        this.resolve(movement);
        this.tables.movements.delete(movement.id);
        this.effects.dropped(movement);
    }

    private retry(movement: Movement, nowNs: bigint): void {
        if (this.isUnresolved(movement)) this.store(movement, nowNs + RETRY_AFTER_NS);
    }

    private isUnresolved({ dueNs, id }: Movement): boolean {
        return this.tables.unresolved.has({ dueNs, id });
    }

    private store(movement: Movement, dueNs: bigint): void {
        this.tables.unresolved.delete({ dueNs: movement.dueNs, id: movement.id });
        this.tables.unresolved.set({ dueNs, id: movement.id }, true);
        this.tables.movements.set(movement.id, { ...movement, dueNs });
    }

    private resolve({ dueNs, id, purpose }: Movement): void {
        this.tables.unresolved.delete({ dueNs, id });
        const owner = ownerOf(purpose);
        if (owner !== undefined) this.tables.unresolvedByOwner.delete(owner);
    }
}

export function ownerOf(purpose: Purpose): Principal | undefined {
    return purpose.kind === 'refund' ? undefined : purpose.owner;
}

/** The end of a movement that is not the hub. */
function userOf({ intent: { transfer } }: Movement): Account {
    return transfer.kind === 'pull' ? transfer.from : transfer.to;
}

function describe(doubt: boolean, reason: string): string {
    return doubt
        ? `the ledger's answer is awaited (${reason}): it is booked by itself or not at all`
        : `the ledger did not act (${reason}): ask again`;
}
