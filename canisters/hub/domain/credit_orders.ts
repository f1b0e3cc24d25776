import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { err, ok, type Result } from '../../../src/core/result';
import { intentMemo, sameMovement, type LedgerTransfer } from '../../../src/core/transfer_intents';
import type { CreditBook } from './credit_book';
import type { ErrorOf } from './errors';
import type { Movement, Movements, Purpose } from './movements';

/** Credits that somebody buys, or has paid back, at the hub's fixed price. */
export interface CreditOrder {
    readonly owner: Principal;
    readonly credits: bigint;
    /** Where the EMC comes from, or goes to: an account of the owner. */
    readonly account: Account;
    readonly hubAccount: Account;
    readonly creditPriceE8s: bigint;
}

/** A purchase of 10^12 credits costs 10^17 e8s at the default price: half of all EMC. */
export const MAX_CREDITS_PER_PURCHASE = 1_000_000_000_000n;

const PURCHASE_MEMO = 'hub.buy';
const WITHDRAWAL_MEMO = 'hub.wdr';

/** Begins a purchase, or continues the one of the same order. Answers the movement's id. */
export function startPurchase(
    movements: Movements,
    order: CreditOrder,
    nowNs: bigint
): Result<bigint, ErrorOf<'InvalidArgument' | 'Busy'>> {
    const { owner, credits } = order;
    if (credits <= 0n || credits > MAX_CREDITS_PER_PURCHASE) return err(badCredits());
    const transferOf = (id: bigint): LedgerTransfer => ({
        kind: 'pull',
        from: order.account,
        to: order.hubAccount,
        amountE8s: credits * order.creditPriceE8s,
        feeE8s: LEDGER_FEE_E8S,
        memo: intentMemo(PURCHASE_MEMO, id),
        createdAtNs: nowNs
    });
    const unresolved = movements.resumable(owner, isLike('purchase', transferOf(0n)), nowNs);
    if (!unresolved.ok) return unresolved;
    return ok(unresolved.value ?? movements.begin({ kind: 'purchase', owner, credits }, transferOf, nowNs));
}

type WithdrawalRefused = ErrorOf<'InvalidArgument' | 'Busy' | 'InsufficientCredits'>;

/**
 * Begins to pay unused credits back: what they cost, less the ledger's fee, to an account of their owner. The credits leave
 * the account with the intent, so that they cannot be spent meanwhile. Answers the movement's id.
 */
export function startWithdrawal(
    movements: Movements,
    book: CreditBook,
    order: CreditOrder,
    nowNs: bigint
): Result<bigint, WithdrawalRefused> {
    const { owner, credits } = order;
    const amountE8s = credits * order.creditPriceE8s - LEDGER_FEE_E8S;
    if (amountE8s <= 0n) return err({ kind: 'InvalidArgument', detail: 'credits are worth less than the ledger fee' });
    const transferOf = (id: bigint): LedgerTransfer => ({
        kind: 'push',
        from: order.hubAccount,
        to: order.account,
        amountE8s,
        feeE8s: LEDGER_FEE_E8S,
        memo: intentMemo(WITHDRAWAL_MEMO, id),
        createdAtNs: nowNs
    });
    const unresolved = movements.resumable(owner, isLike('withdrawal', transferOf(0n)), nowNs);
    if (!unresolved.ok) return unresolved;
    if (unresolved.value !== undefined) return ok(unresolved.value);
    const taken = book.beginWithdrawal(owner, credits);
    if (!taken.ok) return taken;
    return ok(movements.begin({ kind: 'withdrawal', owner, credits }, transferOf, nowNs));
}

function badCredits(): ErrorOf<'InvalidArgument'> {
    return { kind: 'InvalidArgument', detail: `credits is 1 to ${MAX_CREDITS_PER_PURCHASE}` };
}

function isLike(kind: Purpose['kind'], transfer: LedgerTransfer): (movement: Movement) => boolean {
    return ({ purpose, intent }) => purpose.kind === kind && sameMovement(intent.transfer, transfer);
}
