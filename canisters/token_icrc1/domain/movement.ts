import { accountKey } from '../../../src/core/account';
import { minAmount } from '../../../src/core/amount';
import { equalBytes } from '../../../src/core/bytes';
import { err, ok, type Result } from '../../../src/core/result';
import { NO_ROW, type AccountKey, type AccountRow } from './accounts';
import { invalid, type TransferRefusal } from './errors';
import type { TransferFromOrder, TransferOrder } from './orders';
import type { TokenRules } from './token';
import { MAX_AMOUNT, type Burn, type Mint, type Transfer } from './transaction';

/** What a transfer amounts to once the minting account's rules are applied. */
export interface Movement {
    readonly transaction: Mint | Burn | Transfer;
    readonly from: AccountKey;
    readonly to: AccountKey;
    readonly fromRow: AccountRow;
    /** Base units charged on top of the amount. */
    readonly fee: bigint;
}

type Order = TransferOrder & Partial<Pick<TransferFromOrder, 'spender'>>;

/**
 * The checks that need neither time nor log, in the official ledger's order (ledger.md §2.3): memo, range of the amount,
 * then fee and minimum by kind of movement.
 */
export function classify(
    order: Order,
    rules: TokenRules,
    rowOf: (account: AccountKey) => AccountRow
): Result<Movement, TransferRefusal> {
    if (order.memo !== undefined && order.memo.length > rules.maxMemoBytes) return err(invalid('memo_too_long'));
    const from = accountKey.encode(order.from);
    const to = accountKey.encode(order.to);
    const fromMinter = equalBytes(from, rules.minter);
    const toMinter = equalBytes(to, rules.minter);
    if (fromMinter) return toMinter ? err(invalid('minter_to_minter')) : mint(order, from, to);
    const fromRow = rowOf(from);
    if (order.amount > MAX_AMOUNT) return err({ kind: 'insufficient_funds', balance: fromRow.balance });
    const keys = { from, to, fromRow };
    return toMinter ? burn(order, keys, rules) : transfer(order, keys, rules);
}

function mint(order: Order, from: AccountKey, to: AccountKey): Result<Movement, TransferRefusal> {
    if (order.spender !== undefined) return err(invalid('mint_by_spender'));
    if (order.amount > MAX_AMOUNT) return err(invalid('amount_too_large'));
    if (isOtherFee(order.fee, 0n)) return err({ kind: 'bad_fee', expectedFee: 0n });
    const { amount, memo, createdAtNs } = order;
    const transaction: Mint = { kind: 'mint', to: order.to, amount, memo, createdAtNs };
    return ok({ transaction, from, to, fromRow: NO_ROW, fee: 0n });
}

type Keys = Pick<Movement, 'from' | 'to' | 'fromRow'>;

function burn(order: Order, keys: Keys, rules: TokenRules): Result<Movement, TransferRefusal> {
    if (isOtherFee(order.fee, 0n)) return err({ kind: 'bad_fee', expectedFee: 0n });
    // A balance below the fee can be moved no other way, so burning all of it must be possible.
    const minBurnAmount = minAmount(rules.fee, keys.fromRow.balance);
    if (order.amount < minBurnAmount) return err({ kind: 'bad_burn', minBurnAmount });
    if (order.amount === 0n) return err({ kind: 'bad_burn', minBurnAmount: rules.fee });
    const { from, spender, amount, memo, createdAtNs } = order;
    return ok({ ...keys, transaction: { kind: 'burn', from, spender, amount, memo, createdAtNs }, fee: 0n });
}

function transfer(order: Order, keys: Keys, rules: TokenRules): Result<Movement, TransferRefusal> {
    if (isOtherFee(order.fee, rules.fee)) return err({ kind: 'bad_fee', expectedFee: rules.fee });
    return ok({ ...keys, transaction: { kind: 'transfer', ...order }, fee: rules.fee });
}

/** Whether the caller named a fee, and not the one that is due. */
export function isOtherFee(named: bigint | undefined, due: bigint): boolean {
    return named !== undefined && named !== due;
}
