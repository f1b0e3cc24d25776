import { accountKey, type Account } from '../../../src/core/account';
import { equalBytes } from '../../../src/core/bytes';
import { err, ok, type Result } from '../../../src/core/result';
import { pairKey, type Allowance, type Allowances } from './allowances';
import { checkApproval } from './approval';
import type { Balances } from './balances';
import {
    invalid,
    type ApproveRefusal,
    type TransferFromRefusal,
    type TransferRefusal,
    type WindowRefusal
} from './errors';
import type { Journal, SupplyChange } from './journal';
import { classify, type Movement } from './movement';
import type { ApproveOrder, TransferFromOrder, TransferOrder } from './orders';
import type { Token } from './token';
import { MAX_AMOUNT, transactionCodec, type Transaction } from './transaction';
import type { TransactionWindow, WindowSlot } from './window';

/** Expired entries that one call removes of each kind: more than it adds, so that none pile up. */
const PURGE_LIMIT = 16;

/** What the ledger keeps its books in. */
export interface Books {
    readonly token: Token;
    readonly balances: Balances;
    readonly allowances: Allowances;
    readonly window: TransactionWindow;
    readonly journal: Journal;
}

/** A request that is neither too old, nor from the future, nor a repetition. */
interface Admitted {
    readonly bytes: Uint8Array;
    readonly slot: WindowSlot;
}

/** Lets the movement use up what authorises it; called once, when nothing can fail any more. */
type Spend = () => void;

const spendNothing: Spend = () => undefined;

/**
 * ICRC-1 and ICRC-2 over tables. Each operation makes all its checks before its first write (T4); the order of the
 * checks is the official ledger's (ledger.md §2.3). Success is the index of the new block.
 */
export class Ledger {
    constructor(private readonly books: Books) {}

    balanceOf(account: Account): bigint {
        return this.books.balances.of(accountKey.encode(account));
    }

    /** The allowance that counts at `nowNs`. */
    allowance(from: Account, spender: Account, nowNs: bigint): Allowance {
        return this.books.allowances.effective(pairKey(accountKey.encode(from), accountKey.encode(spender)), nowNs);
    }

    transfer(order: TransferOrder, nowNs: bigint): Result<bigint, TransferRefusal> {
        return this.move(order, nowNs, () => ok(spendNothing));
    }

    transferFrom(order: TransferFromOrder, nowNs: bigint): Result<bigint, TransferFromRefusal> {
        return this.move(order, nowNs, (movement) => this.authorise(order, movement, nowNs));
    }

    approve(order: ApproveOrder, nowNs: bigint): Result<bigint, ApproveRefusal> {
        this.removeExpired(nowNs);
        const { token, balances, allowances } = this.books;
        const { fee } = token.rules();
        const current = (pair: Uint8Array): bigint => allowances.effective(pair, nowNs).amount;
        const checked = checkApproval(order, token.rules(), current);
        if (!checked.ok) return checked;
        const transaction: Transaction = { kind: 'approve', ...order };
        const admitted = this.admit(transaction, nowNs);
        if (!admitted.ok) return admitted;
        const { from, pair } = checked.value;
        const balance = balances.of(from);
        if (balance < fee) return err({ kind: 'insufficient_funds', balance });
        if (order.expiresAtNs !== undefined && order.expiresAtNs <= nowNs) {
            return err({ kind: 'expired', ledgerTimeNs: nowNs });
        }
        if (order.expectedAllowance !== undefined && order.expectedAllowance !== current(pair)) {
            return err({ kind: 'allowance_changed', currentAllowance: current(pair) });
        }
        balances.debit(from, balance, fee);
        allowances.put(pair, { amount: order.amount, expiresAtNs: order.expiresAtNs });
        return ok(this.record(transaction, admitted.value, nowNs, fee, { burned: fee }));
    }

    /** Mints outside any request: the allocations of genesis. Their blocks carry the time of the mint as the caller's. */
    grant(to: Account, amount: bigint, nowNs: bigint): bigint {
        const transaction: Transaction = { kind: 'mint', to, amount, createdAtNs: nowNs };
        this.books.balances.credit(accountKey.encode(to), amount);
        const bytes = transactionCodec.encode(transaction);
        return this.record(transaction, { bytes, slot: undefined }, nowNs, 0n, { minted: amount });
    }

    private move<E>(
        order: TransferOrder,
        nowNs: bigint,
        authorise: (movement: Movement) => Result<Spend, E>
    ): Result<bigint, TransferRefusal | E> {
        this.removeExpired(nowNs);
        const { balances, token } = this.books;
        const classified = classify(order, token.rules(), (account) => balances.of(account));
        if (!classified.ok) return classified;
        const movement = classified.value;
        const admitted = this.admit(movement.transaction, nowNs);
        if (!admitted.ok) return admitted;
        const authorised = authorise(movement);
        if (!authorised.ok) return authorised;
        const affordable = this.checkFunds(movement);
        if (!affordable.ok) return affordable;
        authorised.value();
        const change = this.commit(movement);
        return ok(this.record(movement.transaction, admitted.value, nowNs, movement.fee, change));
    }

    /** ICRC-2: the allowance must cover amount and fee; an account needs none to move its own tokens. */
    private authorise(
        order: TransferFromOrder,
        movement: Movement,
        nowNs: bigint
    ): Result<Spend, { kind: 'insufficient_allowance'; allowance: bigint }> {
        const { allowances } = this.books;
        const spender = accountKey.encode(order.spender);
        if (equalBytes(spender, movement.from)) return ok(spendNothing);
        const pair = pairKey(movement.from, spender);
        const allowance = allowances.effective(pair, nowNs);
        const charge = order.amount + movement.fee;
        if (allowance.amount < charge) return err({ kind: 'insufficient_allowance', allowance: allowance.amount });
        return ok(() => allowances.spend(pair, allowance, charge));
    }

    private checkFunds({ transaction, fromBalance, fee }: Movement): Result<void, TransferRefusal> {
        if (transaction.kind === 'mint') {
            const { minted } = this.books.journal.totals();
            return minted + transaction.amount > MAX_AMOUNT ? err(invalid('amount_too_large')) : ok(undefined);
        }
        const charge = transaction.amount + fee;
        return fromBalance < charge ? err({ kind: 'insufficient_funds', balance: fromBalance }) : ok(undefined);
    }

    private commit({ transaction, from, to, fromBalance, fee }: Movement): SupplyChange {
        const { balances } = this.books;
        const { kind, amount } = transaction;
        if (kind !== 'mint') balances.debit(from, fromBalance, amount + fee);
        if (kind !== 'burn') balances.credit(to, amount);
        return { minted: kind === 'mint' ? amount : 0n, burned: kind === 'burn' ? amount : fee };
    }

    private admit(transaction: Transaction, nowNs: bigint): Result<Admitted, WindowRefusal> {
        const bytes = transactionCodec.encode(transaction);
        const slot = this.books.window.admit(bytes, transaction.createdAtNs, nowNs);
        return slot.ok ? ok({ bytes, slot: slot.value }) : slot;
    }

    private record(
        transaction: Transaction,
        { bytes, slot }: Admitted,
        nowNs: bigint,
        fee: bigint,
        change: SupplyChange
    ): bigint {
        const named = 'fee' in transaction && transaction.fee !== undefined;
        const charged = transaction.kind === 'transfer' || transaction.kind === 'approve';
        const block = { tsNs: nowNs, fee: charged && !named ? fee : undefined, transaction: bytes };
        const index = this.books.journal.append(block, change);
        this.books.window.remember(slot, index);
        return index;
    }

    private removeExpired(nowNs: bigint): void {
        this.books.window.purge(nowNs, PURGE_LIMIT);
        this.books.allowances.prune(nowNs, PURGE_LIMIT);
    }
}
