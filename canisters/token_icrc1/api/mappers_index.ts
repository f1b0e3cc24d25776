import { accountKey, DEFAULT_SUBACCOUNT, type Account, type CandidAccount } from '../../../src/core/account';
import { equalBytes } from '../../../src/core/bytes';
import { err, ok, type Result } from '../../../src/core/result';
import type { AccountHistory } from '../domain/account_history';
import type { AccountKey } from '../domain/accounts';
import type { ListedAllowance } from '../domain/allowances';
import { INVALID, invalid, type Invalid } from '../domain/errors';
import { MAX_TAKE } from '../domain/metadata';
import type { Opt } from './idl';
import type { CandidAccountTransactions, CandidGetAllowancesArgs, CandidListedAllowance } from './idl_index';
import { queriedAccount, toOpt } from './mappers';
import { toTransaction } from './mappers_history';

/** ICRC-106 `GetTransactions`. */
export function toAccountTransactions(history: AccountHistory): CandidAccountTransactions {
    return {
        balance: history.balance,
        transactions: history.transactions.map(({ id, block }) => ({ id, transaction: toTransaction(block) })),
        oldest_tx_id: toOpt(history.oldest)
    };
}

/** What to list: the keys of the account and of the spender behind whom to go on. */
export interface AllowancesQuery {
    readonly from: AccountKey;
    readonly after: AccountKey | undefined;
    readonly take: number;
}

/** Reads ICRC-103 arguments; without an account, the caller's default account is meant. */
export function fromGetAllowancesArgs(
    caller: Account,
    args: CandidGetAllowancesArgs
): Result<AllowancesQuery, Invalid> {
    const from = optionalKey(args.from_account, caller);
    const after = optionalKey(args.prev_spender, undefined);
    if (!from.ok || !after.ok || from.value === undefined) return err(invalid('subaccount_length'));
    const [take = MAX_TAKE] = args.take;
    return ok({ from: from.value, after: after.value, take: Number(take < MAX_TAKE ? take : MAX_TAKE) });
}

function optionalKey([given]: Opt<CandidAccount>, absent: Account | undefined): Result<AccountKey | undefined, null> {
    const account = given === undefined ? absent : queriedAccount(given);
    if (given !== undefined && account === undefined) return err(null);
    return ok(account && accountKey.encode(account));
}

/** ICRC-103 `Allowance103`; default subaccounts as the approval spelled them. */
export function toListedAllowance({ from, spender, allowance }: ListedAllowance): CandidListedAllowance {
    return {
        from_account: accountOfKey(from, allowance.spelling.from),
        to_spender: accountOfKey(spender, allowance.spelling.spender),
        allowance: allowance.amount,
        expires_at: toOpt(allowance.expiresAtNs)
    };
}

function accountOfKey(key: AccountKey, writtenOut: boolean): CandidAccount {
    const { owner, subaccount = DEFAULT_SUBACCOUNT } = accountKey.decode(key);
    return { owner, subaccount: writtenOut || !equalBytes(subaccount, DEFAULT_SUBACCOUNT) ? [subaccount] : [] };
}

/** `GenericError` of a refusal. */
export function toGenericError({ reason }: Invalid): { GenericError: { error_code: bigint; message: string } } {
    const { code, message } = INVALID[reason];
    return { GenericError: { error_code: code, message } };
}
