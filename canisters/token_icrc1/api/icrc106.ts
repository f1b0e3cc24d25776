import { IDL } from 'azle';
import { query } from '../../../src/azle/endpoint';
import { accountHistory, SUBACCOUNT_LIMIT } from '../domain/account_history';
import { INVALID } from '../domain/errors';
import { indexOf } from '../domain/metadata';
import { books, env } from '../wiring';
import {
    AccountTransactionsArgs,
    AccountTransactionsResult,
    GetAllowancesArgs,
    GetAllowancesResult,
    IndexPrincipalResult,
    IndexStatus,
    ListSubaccountsArgs,
    ListSubaccountsResult,
    type CandidAccountTransactionsArgs,
    type CandidAccountTransactionsResult,
    type CandidGetAllowancesArgs,
    type CandidGetAllowancesResult,
    type CandidIndexPrincipalResult,
    type CandidIndexStatus,
    type CandidListSubaccountsArgs
} from './idl_index';
import { queriedAccount } from './mappers';
import { fromGetAllowancesArgs, toAccountTransactions, toGenericError, toListedAllowance } from './mappers_index';
import type { Principal } from '@dfinity/principal';

/** ICRC-106 with the ledger as its own index, and ICRC-103. Anyone may call every method. */
export class Index {
    @query([], IndexPrincipalResult)
    icrc106_get_index_principal(): CandidIndexPrincipalResult {
        return { Ok: indexOf(books.token.settings(), env.self()) };
    }

    @query([], IDL.Principal)
    ledger_id(): Principal {
        return env.self();
    }

    /** The index is part of the ledger: it knows every block from the message on that appended it. */
    @query([], IndexStatus)
    status(): CandidIndexStatus {
        return { num_blocks_synced: books.journal.length() };
    }

    @query([AccountTransactionsArgs], AccountTransactionsResult)
    get_account_transactions(args: CandidAccountTransactionsArgs): CandidAccountTransactionsResult {
        const account = queriedAccount(args.account);
        if (account === undefined) return { Err: { message: INVALID.subaccount_length.message } };
        return { Ok: toAccountTransactions(accountHistory(books, account, args.start[0], args.max_results)) };
    }

    @query([ListSubaccountsArgs], ListSubaccountsResult)
    list_subaccounts({ owner, start: [start] }: CandidListSubaccountsArgs): readonly Uint8Array[] {
        const after = start && Uint8Array.from(start);
        return books.accounts.subaccountsOf(owner.toUint8Array(), after, SUBACCOUNT_LIMIT);
    }

    /** Allowances are public: ICRC-2 lets anyone ask for each of them. */
    @query([GetAllowancesArgs], GetAllowancesResult)
    icrc103_get_allowances(args: CandidGetAllowancesArgs): CandidGetAllowancesResult {
        const asked = fromGetAllowancesArgs({ owner: env.caller() }, args);
        if (!asked.ok) return { Err: toGenericError(asked.error) };
        const { from, after, take } = asked.value;
        return { Ok: books.allowances.list(from, after, take, env.nowNs()).map(toListedAllowance) };
    }
}
