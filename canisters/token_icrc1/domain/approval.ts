import { accountKey } from '../../../src/core/account';
import { equalBytes } from '../../../src/core/bytes';
import { err, ok, type Result } from '../../../src/core/result';
import { pairKey, type PairKey } from './allowances';
import type { AccountKey } from './accounts';
import { invalid, type ApproveRefusal } from './errors';
import { isOtherFee } from './movement';
import type { ApproveOrder } from './orders';
import type { TokenRules } from './token';
import { MAX_AMOUNT } from './transaction';

/** An approval whose form is in order. */
export interface Approval {
    readonly from: AccountKey;
    readonly spender: AccountKey;
    readonly pair: PairKey;
}

/** The checks that need neither time nor log, in the official ledger's order (ledger.md §2.3). */
export function checkApproval(
    order: ApproveOrder,
    rules: TokenRules,
    currentAllowance: (pair: PairKey) => bigint
): Result<Approval, ApproveRefusal> {
    if (order.memo !== undefined && order.memo.length > rules.maxMemoBytes) return err(invalid('memo_too_long'));
    if (order.spender.owner.compareTo(order.from.owner) === 'eq') return err(invalid('self_approval'));
    const from = accountKey.encode(order.from);
    if (equalBytes(from, rules.minter)) return err(invalid('approval_by_minter'));
    if (order.amount > MAX_AMOUNT) return err(invalid('amount_too_large'));
    const spender = accountKey.encode(order.spender);
    const pair = pairKey(from, spender);
    if (order.expectedAllowance !== undefined && order.expectedAllowance > MAX_AMOUNT) {
        return err({ kind: 'allowance_changed', currentAllowance: currentAllowance(pair) });
    }
    if (isOtherFee(order.fee, rules.fee)) return err({ kind: 'bad_fee', expectedFee: rules.fee });
    return ok({ from, spender, pair });
}
