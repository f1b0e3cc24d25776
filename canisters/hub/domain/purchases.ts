import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { invariant } from '../../../src/core/assert';
import { err, ok, type Result } from '../../../src/core/result';
import type { Cell, OrderedTable, Table } from '../../../src/core/table';
import {
    beginAttempt,
    INTERRUPTED_AFTER_NS,
    intentMemo,
    isUnderWay,
    openIntent,
    resolveLost,
    sameMovement,
    settleAttempt,
    type LedgerAnswer,
    type LedgerRefusal,
    type LedgerTransfer,
    type TransferIntent
} from '../../../src/core/transfer_intents';
import type { CreditBook } from './credit_book';
import type { ErrorOf } from './errors';

/** Credits that somebody buys: an ICRC-2 pull, written down before the ledger is asked. */
export interface Purchase {
    readonly id: bigint;
    readonly owner: Principal;
    readonly credits: bigint;
    readonly intent: TransferIntent;
    /** When the sweep looks at it again; its place in the queue of unresolved purchases. */
    readonly dueNs: bigint;
}

export interface DueKey {
    readonly dueNs: bigint;
    readonly id: bigint;
}

export interface PurchaseTables {
    readonly purchases: Table<bigint, Purchase>;
    readonly nextId: Cell<bigint>;
    /** The unresolved purchase of a principal: at most one. */
    readonly unresolvedByOwner: Table<Principal, bigint>;
    readonly unresolved: OrderedTable<DueKey, boolean>;
}

export interface Order {
    readonly owner: Principal;
    readonly credits: bigint;
    /** Where the EMC comes from. */
    readonly from: Account;
    /** The hub's account. */
    readonly to: Account;
    readonly creditPriceE8s: bigint;
}

/** A purchase of 10^12 credits costs 10^17 e8s at the default price: half of all EMC. */
export const MAX_CREDITS_PER_PURCHASE = 1_000_000_000_000n;

const MEMO_TAG = 'hub.buy';
const RETRY_AFTER_NS = 30_000_000_000n;

type StartRefused = ErrorOf<'InvalidArgument' | 'Busy'>;
export type PurchaseRefused = ErrorOf<
    'InvalidArgument' | 'Busy' | 'InsufficientAllowance' | 'InsufficientFunds' | 'TemporarilyUnavailable'
>;

/** What one attempt came to. */
export interface Bought {
    /** Block of the transfer. */
    readonly blockIndex: bigint;
}

/** Purchases of credits: intent first, one unresolved per principal, credited exactly once (M2, M3). */
export class Purchases {
    constructor(
        private readonly tables: PurchaseTables,
        private readonly credits: CreditBook
    ) {}

    /**
     * Writes the intent, or finds the unresolved one of the same order: whoever asks again after a lost reply continues
     * what was begun. Answers the purchase's id.
     */
    start(order: Order, nowNs: bigint): Result<bigint, StartRefused> {
        if (order.credits <= 0n || order.credits > MAX_CREDITS_PER_PURCHASE) {
            return err({ kind: 'InvalidArgument', detail: `credits is 1 to ${MAX_CREDITS_PER_PURCHASE}` });
        }
        const unresolved = this.unresolvedOf(order.owner);
        if (unresolved === undefined) return ok(this.create(order, nowNs));
        const same = sameMovement(unresolved.intent.transfer, toTransfer(order, unresolved.id, nowNs));
        if (!same || isUnderWay(unresolved.intent, nowNs)) return err({ kind: 'Busy' });
        return ok(unresolved.id);
    }

    /** The transfer to ask the ledger for now; undefined when there is nothing to ask. */
    beginAttempt(id: bigint, nowNs: bigint): LedgerTransfer | undefined {
        const purchase = this.tables.purchases.get(id);
        if (purchase === undefined || !this.isUnresolved(purchase)) return undefined;
        const { intent, send } = beginAttempt(purchase.intent, nowNs);
        this.store({ ...purchase, intent }, nowNs + (send ? INTERRUPTED_AFTER_NS : RETRY_AFTER_NS));
        return send ? intent.transfer : undefined;
    }

    /** Books what the ledger answered. Nothing that was read before the call is used here. */
    settleAttempt(id: bigint, answer: LedgerAnswer, nowNs: bigint): Result<Bought, PurchaseRefused> {
        const purchase = this.tables.purchases.get(id);
        if (purchase === undefined) return err(toError({ kind: 'temporarily_unavailable' }));
        const intent = settleAttempt(purchase.intent, answer, nowNs);
        return this.conclude({ ...purchase, intent }, nowNs);
    }

    /** Ids of unresolved purchases that are due, at most `take`. */
    due(nowNs: bigint, take: number): readonly bigint[] {
        const ids: bigint[] = [];
        while (ids.length < take) {
            const first = this.tables.unresolved.firstKey();
            if (first === undefined || first.dueNs > nowNs) break;
            const purchase = this.tables.purchases.get(first.id);
            invariant(purchase !== undefined, 'H8', `purchase ${first.id} is queued and not kept`);
            this.store(purchase, nowNs + RETRY_AFTER_NS);
            ids.push(first.id);
        }
        return ids;
    }

    /** The purchase if the ledger's window closed over it before its outcome was known. */
    lost(id: bigint): Purchase | undefined {
        const purchase = this.tables.purchases.get(id);
        return purchase?.intent.state.kind === 'lost' ? purchase : undefined;
    }

    /** Books a lost purchase as executed, or drops it as never executed. */
    resolveLost(id: bigint, happened: boolean, nowNs: bigint): void {
        const purchase = this.lost(id);
        if (purchase === undefined) return;
        this.conclude({ ...purchase, intent: resolveLost(purchase.intent, happened, nowNs) }, nowNs);
    }

    unresolvedCount(): number {
        return this.tables.unresolved.size();
    }

    private create(order: Order, nowNs: bigint): bigint {
        const id = this.tables.nextId.get();
        this.tables.nextId.set(id + 1n);
        const intent = openIntent(toTransfer(order, id, nowNs));
        const purchase: Purchase = { id, owner: order.owner, credits: order.credits, intent, dueNs: nowNs };
        this.tables.unresolvedByOwner.set(order.owner, id);
        this.store(purchase, nowNs + RETRY_AFTER_NS);
        return id;
    }

    private conclude(purchase: Purchase, nowNs: bigint): Result<Bought, PurchaseRefused> {
        const { state } = purchase.intent;
        switch (state.kind) {
            case 'done':
                if (this.isUnresolved(purchase)) this.credits.buy(purchase.owner, purchase.credits);
                this.resolve(purchase);
                this.tables.purchases.set(purchase.id, purchase);
                return ok({ blockIndex: state.blockIndex ?? 0n });
            case 'refused':
                this.forget(purchase);
                return err(toError(state.refusal));
            case 'open':
                if (state.doubt) this.store(purchase, nowNs + RETRY_AFTER_NS);
                else this.forget(purchase);
                return err({ kind: 'TemporarilyUnavailable', detail: describe(state.doubt, state.reason) });
            case 'sent':
            case 'lost':
                this.store(purchase, nowNs + RETRY_AFTER_NS);
                return err({ kind: 'TemporarilyUnavailable', detail: describe(true, state.kind) });
        }
    }

    private unresolvedOf(owner: Principal): Purchase | undefined {
        const id = this.tables.unresolvedByOwner.get(owner);
        return id === undefined ? undefined : this.tables.purchases.get(id);
    }

    private isUnresolved(purchase: Purchase): boolean {
        return this.tables.unresolvedByOwner.get(purchase.owner) === purchase.id;
    }

    private store(purchase: Purchase, dueNs: bigint): void {
        this.tables.unresolved.delete({ dueNs: purchase.dueNs, id: purchase.id });
        this.tables.unresolved.set({ dueNs, id: purchase.id }, true);
        this.tables.purchases.set(purchase.id, { ...purchase, dueNs });
    }

    private resolve(purchase: Purchase): void {
        this.tables.unresolved.delete({ dueNs: purchase.dueNs, id: purchase.id });
        if (this.isUnresolved(purchase)) this.tables.unresolvedByOwner.delete(purchase.owner);
    }

    private forget(purchase: Purchase): void {
        this.resolve(purchase);
        this.tables.purchases.delete(purchase.id);
    }
}

/**
 * Whether a lost purchase was executed, told by the hub's ledger balance at a moment when nothing else moves: what the
 * balance holds above what the books explain is its money, or is not there. Anything between stays undecided.
 */
export function judgeLostPurchase(
    purchase: Purchase,
    backingE8s: bigint,
    balanceE8s: bigint
): 'happened' | 'did_not' | 'undecided' {
    const surplus = balanceE8s - backingE8s;
    if (surplus >= purchase.intent.transfer.amountE8s) return 'happened';
    return surplus === 0n ? 'did_not' : 'undecided';
}

function toTransfer(order: Order, id: bigint, nowNs: bigint): LedgerTransfer {
    return {
        kind: 'pull',
        from: order.from,
        to: order.to,
        amountE8s: order.credits * order.creditPriceE8s,
        feeE8s: LEDGER_FEE_E8S,
        memo: intentMemo(MEMO_TAG, id),
        createdAtNs: nowNs
    };
}

function describe(doubt: boolean, reason: string): string {
    return doubt
        ? `the ledger's answer is awaited (${reason}): the purchase completes by itself or not at all`
        : `the ledger did not act (${reason}): ask again`;
}

function toError(refusal: LedgerRefusal): PurchaseRefused {
    switch (refusal.kind) {
        case 'insufficient_allowance':
            return { kind: 'InsufficientAllowance', allowanceE8s: refusal.allowanceE8s };
        case 'insufficient_funds':
            return { kind: 'InsufficientFunds', balanceE8s: refusal.balanceE8s };
        case 'generic':
            return { kind: 'TemporarilyUnavailable', detail: refusal.message };
        case 'bad_fee':
        case 'bad_burn':
        case 'too_old':
        case 'created_in_future':
        case 'temporarily_unavailable':
            return { kind: 'TemporarilyUnavailable', detail: refusal.kind };
    }
}
