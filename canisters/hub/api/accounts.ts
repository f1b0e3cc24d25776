import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { sumAccounts } from '../domain/credit_book';
import { hub } from '../wiring';
import { signedIn } from './access';
import {
    AccountView,
    BuyCreditsArgs,
    Purchase,
    WithdrawCreditsArgs,
    Withdrawal,
    type CandidAccountView,
    type CandidBuyCreditsArgs,
    type CandidPurchase,
    type CandidResultOf,
    type CandidWithdrawal,
    type CandidWithdrawCreditsArgs
} from './idl';
import { resultOf } from './idl_errors';
import { AccountSums, Audit, Books, type CandidAccountSums, type CandidAudit, type CandidBooks } from './idl_windows';
import { fromOwnAccount, never, toAccountView, toResult } from './mappers';
import { currentBooks, paidE8s, toAccountSums, toAudit } from './mappers_books';

const BuyResult = resultOf(
    Purchase,
    'Anonymous',
    'InvalidArgument',
    'Busy',
    'InsufficientAllowance',
    'InsufficientFunds',
    'TemporarilyUnavailable'
);
const WithdrawResult = resultOf(
    Withdrawal,
    'Anonymous',
    'InvalidArgument',
    'Busy',
    'InsufficientCredits',
    'InsufficientAllowance',
    'InsufficientFunds',
    'TemporarilyUnavailable'
);
const AuditResult = resultOf(Audit, 'Anonymous', 'TemporarilyUnavailable');

/** Credit accounts and the books behind them. */
export class Accounts {
    /** Role: anyone signed in. Pulls credits × price from the caller's account by ICRC-2. */
    @update([BuyCreditsArgs], BuyResult)
    async buy_credits({ credits, from_subaccount }: CandidBuyCreditsArgs): Promise<CandidResultOf<CandidPurchase>> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        const account = fromOwnAccount(caller.value, from_subaccount);
        if (!account.ok) return toResult(account, never);
        const bought = await hub.tradeCredits.buy({ owner: caller.value, credits, account: account.value });
        return toResult(bought, ({ blockIndex }) => ({
            account: toAccountView(hub.credits.account(caller.value)),
            block_index: blockIndex
        }));
    }

    /** Role: the credits' owner. Pays unused credits back to an account of the caller: their price less the ledger's fee. */
    @update([WithdrawCreditsArgs], WithdrawResult)
    async withdraw_credits(args: CandidWithdrawCreditsArgs): Promise<CandidResultOf<CandidWithdrawal>> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        const account = fromOwnAccount(caller.value, args.to_subaccount);
        if (!account.ok) return toResult(account, never);
        const { credits } = args;
        const paid = await hub.tradeCredits.withdraw({ owner: caller.value, credits, account: account.value });
        return toResult(paid, ({ blockIndex }) => ({
            account: toAccountView(hub.credits.account(caller.value)),
            block_index: blockIndex,
            paid_e8s: paidE8s(credits)
        }));
    }

    /** Public like a ledger balance: purchases are visible on the ledger anyway. */
    @query([IDL.Principal], AccountView)
    get_account(owner: Principal): CandidAccountView {
        return toAccountView(hub.credits.account(owner));
    }

    @query([], Books)
    books(): CandidBooks {
        return currentBooks();
    }

    /** Sums over accounts, at most 100 from `start` on: adding up all pages gives the totals of `books`. */
    @query([IDL.Nat64, IDL.Nat64], AccountSums)
    sum_accounts(start: bigint, take: bigint): CandidAccountSums {
        return toAccountSums(sumAccounts(hub.tables.credits, start, take));
    }

    /** Role: anyone signed in. Compares the books with the ledger. */
    @update([], AuditResult, SERVED_WHILE_PAUSED)
    async audit(): Promise<CandidResultOf<CandidAudit>> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        return toResult(await hub.money.ledgerBalance(), (ledgerE8s) => toAudit(ledgerE8s));
    }
}
