import { accountKey, DEFAULT_SUBACCOUNT, type Account } from '../../../src/core/account';
import { equalBytes } from '../../../src/core/bytes';
import { err, ok, type Result } from '../../../src/core/result';
import type { Accounts } from './accounts';
import { pairKey, type Allowance, type Allowances } from './allowances';
import { checkApproval } from './approval';
import type { Archives } from './archives';
import type { Chain } from './chain';
import {
    invalid,
    type ApproveRefusal,
    type FeeCollectorRefusal,
    type TransferFromRefusal,
    type TransferRefusal,
    type WindowRefusal
} from './errors';
import type { Journal, SupplyChange } from './journal';
import { classify, type Movement } from './movement';
import type { ApproveOrder, FeeCollectorOrder, TransferFromOrder, TransferOrder } from './orders';
import { canCollectFees, type Token } from './token';
import { MAX_AMOUNT, transactionCodec, type Transaction } from './transaction';
import type { TransactionWindow, WindowSlot } from './window';

/** Expired entries that one call removes of each kind: more than it adds, so that none pile up. */
const PURGE_LIMIT = 16;

/** What the ledger keeps its books in. */
export interface Books {
    readonly token: Token;
    readonly accounts: Accounts;
    readonly allowances: Allowances;
    readonly window: TransactionWindow;
    readonly journal: Journal;
    readonly chain: Chain;
    readonly archives: Archives;
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
        return this.books.accounts.balance(accountKey.encode(account));
    }

    /** The allowance that counts at `nowNs`. */
    allowance(from: Account, spender: Account, nowNs: bigint): Allowance {
        const pair = pairKey(accountKey.encode(from), accountKey.encode(spender));
        const { amount, expiresAtNs } = this.books.allowances.effective(pair, nowNs);
        return { amount, expiresAtNs };
    }

    transfer(order: TransferOrder, nowNs: bigint): Result<bigint, TransferRefusal> {
        return this.move(order, nowNs, () => ok(spendNothing));
    }

    transferFrom(order: TransferFromOrder, nowNs: bigint): Result<bigint, TransferFromRefusal> {
        return this.move(order, nowNs, (movement) => this.authorise(order, movement, nowNs));
    }

    approve(order: ApproveOrder, nowNs: bigint): Result<bigint, ApproveRefusal> {
        this.removeExpired(nowNs);
        const { token, accounts, allowances, journal } = this.books;
        const { fee } = token.rules();
        const current = (pair: Uint8Array): bigint => allowances.effective(pair, nowNs).amount;
        const checked = checkApproval(order, token.rules(), current);
        if (!checked.ok) return checked;
        const transaction: Transaction = { kind: 'approve', ...order };
        const admitted = this.admit(transaction, nowNs);
        if (!admitted.ok) return admitted;
        const { from, spender, pair } = checked.value;
        const row = accounts.row(from);
        if (row.balance < fee) return err({ kind: 'insufficient_funds', balance: row.balance });
        if (order.expiresAtNs !== undefined && order.expiresAtNs <= nowNs) {
            return err({ kind: 'expired', ledgerTimeNs: nowNs });
        }
        if (order.expectedAllowance !== undefined && order.expectedAllowance !== current(pair)) {
            return err({ kind: 'allowance_changed', currentAllowance: current(pair) });
        }
        const block = journal.length();
        accounts.debit(from, row, fee, block);
        accounts.mention(spender, block);
        const spelling = { from: isWrittenOut(order.from), spender: isWrittenOut(order.spender) };
        allowances.put(pair, { amount: order.amount, expiresAtNs: order.expiresAtNs, spelling });
        return ok(this.record(transaction, admitted.value, nowNs, fee, { burned: this.takeFee(fee) }));
    }

    /** ICRC-107: from this block on, fees go to the collector, or are burned without one. The caller is authorised. */
    setFeeCollector(order: FeeCollectorOrder, nowNs: bigint): Result<bigint, FeeCollectorRefusal> {
        this.removeExpired(nowNs);
        const { token } = this.books;
        const { feeCollector } = order;
        if (feeCollector !== undefined && !canCollectFees(feeCollector, token.rules().minter)) {
            return err({ kind: 'invalid_account' });
        }
        const transaction: Transaction = { kind: 'fee_collector', ...order };
        const admitted = this.admit(transaction, nowNs);
        if (!admitted.ok) return admitted;
        token.set({ ...token.settings(), feeCollector });
        return ok(this.record(transaction, admitted.value, nowNs, 0n, {}));
    }

    /** Mints outside any request: the allocations of genesis. Their blocks carry the time of the mint as the caller's. */
    grant(to: Account, amount: bigint, nowNs: bigint): bigint {
        const transaction: Transaction = { kind: 'mint', to, amount, createdAtNs: nowNs };
        this.books.accounts.credit(accountKey.encode(to), amount, this.books.journal.length());
        const bytes = transactionCodec.encode(transaction);
        return this.record(transaction, { bytes, slot: undefined }, nowNs, 0n, { minted: amount });
    }

    private move<E>(
        order: TransferOrder,
        nowNs: bigint,
        authorise: (movement: Movement) => Result<Spend, E>
    ): Result<bigint, TransferRefusal | E> {
        this.removeExpired(nowNs);
        const { accounts, token } = this.books;
        const classified = classify(order, token.rules(), (account) => accounts.row(account));
        if (!classified.ok) return classified;
        const movement = classified.value;
        const admitted = this.admit(movement.transaction, nowNs);
        if (!admitted.ok) return admitted;
        const authorised = authorise(movement);
        if (!authorised.ok) return authorised;
        const affordable = this.checkFunds(movement);
        if (!affordable.ok) return affordable;
        const change = this.commit(movement);
        authorised.value();
        return ok(this.record(movement.transaction, admitted.value, nowNs, movement.fee, change));
    }

    /** ICRC-2: the allowance must cover amount and fee; an account needs none to move its own tokens. */
    private authorise(
        order: TransferFromOrder,
        movement: Movement,
        nowNs: bigint
    ): Result<Spend, { kind: 'insufficient_allowance'; allowance: bigint }> {
        const { accounts, allowances, journal } = this.books;
        const spender = accountKey.encode(order.spender);
        if (equalBytes(spender, movement.from)) return ok(spendNothing);
        const pair = pairKey(movement.from, spender);
        const allowance = allowances.effective(pair, nowNs);
        const charge = order.amount + movement.fee;
        if (allowance.amount < charge) return err({ kind: 'insufficient_allowance', allowance: allowance.amount });
        return ok(() => {
            allowances.spend(pair, allowance, charge);
            accounts.mention(spender, journal.length());
        });
    }

    private checkFunds(movement: Movement): Result<void, TransferRefusal> {
        const { transaction, fromRow, fee } = movement;
        if (transaction.kind === 'mint') {
            const { minted } = this.books.journal.totals();
            return minted + transaction.amount > MAX_AMOUNT ? err(invalid('amount_too_large')) : ok(undefined);
        }
        const charge = transaction.amount + fee;
        const { balance } = fromRow;
        return balance < charge ? err({ kind: 'insufficient_funds', balance }) : ok(undefined);
    }

    private commit(movement: Movement): SupplyChange {
        const { transaction, from, to, fromRow, fee } = movement;
        const { accounts, journal } = this.books;
        const { kind, amount } = transaction;
        const block = journal.length();
        if (kind !== 'mint') accounts.debit(from, fromRow, amount + fee, block);
        if (kind !== 'burn') accounts.credit(to, amount, block);
        if (kind === 'transfer') return { burned: this.takeFee(fee) };
        return kind === 'mint' ? { minted: amount } : { burned: amount };
    }

    /** ICRC-107: a fee that was charged goes to the collector, if there is one; answers what is burned instead. */
    private takeFee(fee: bigint): bigint {
        const { collector } = this.books.token.rules();
        if (collector === undefined) return fee;
        this.books.accounts.credit(collector, fee);
        return 0n;
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
        const charges = transaction.kind === 'transfer' || transaction.kind === 'approve';
        const block = {
            tsNs: nowNs,
            fee: charges && transaction.fee === undefined ? fee : undefined,
            transaction: bytes
        };
        const { journal, window } = this.books;
        const index = journal.append(block, change);
        window.remember(slot, index);
        return index;
    }

    private removeExpired(nowNs: bigint): void {
        this.books.window.purge(nowNs, PURGE_LIMIT);
        this.books.allowances.prune(nowNs, PURGE_LIMIT);
    }
}

/** Whether the account names its default subaccount by 32 zero bytes. */
function isWrittenOut(account: Account): boolean {
    const { subaccount } = account;
    return subaccount !== undefined && equalBytes(subaccount, DEFAULT_SUBACCOUNT);
}
