/**
 * The history of an account on the EMC ledger, which is its own index (ICRC-106) and keeps what it answers, archived blocks
 * included (docs/decisions/0011-index-in-the-ledger.md).
 */
import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { fromCandidAccount, toCandidAccount, type Account, type CandidAccount } from '../core/account';
import type { HistoryEntry, HistoryPage } from '../core/lost_transfers';
import { err, ok, type Result } from '../core/result';
import { callRemote, remoteMethod } from './c2c';

const PAGE = 100n;

type Opt<T> = [] | [T];

interface Movement {
    from: CandidAccount;
    to?: CandidAccount;
    amount: bigint;
    memo: Opt<Uint8Array>;
    created_at_time: Opt<bigint>;
}

interface CandidTransaction {
    timestamp: bigint;
    transfer: Opt<Movement>;
    burn: Opt<Movement>;
}

interface NumberedTransaction {
    readonly id: bigint;
    readonly transaction: CandidTransaction;
}

type AccountTransactions =
    { Ok: { transactions: NumberedTransaction[]; oldest_tx_id: Opt<bigint> } } | { Err: { message: string } };

const CandidAccountType = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });
const COMMON = {
    from: CandidAccountType,
    amount: IDL.Nat,
    memo: IDL.Opt(IDL.Vec(IDL.Nat8)),
    created_at_time: IDL.Opt(IDL.Nat64)
};

/** The fields that matter here; Candid lets a reader leave the others out. */
const Transaction = IDL.Record({
    timestamp: IDL.Nat64,
    transfer: IDL.Opt(IDL.Record({ ...COMMON, to: CandidAccountType })),
    burn: IDL.Opt(IDL.Record(COMMON))
});

const getAccountTransactions = remoteMethod<[object], AccountTransactions>(
    'get_account_transactions',
    [IDL.Record({ account: CandidAccountType, start: IDL.Opt(IDL.Nat), max_results: IDL.Nat })],
    IDL.Variant({
        Ok: IDL.Record({
            transactions: IDL.Vec(IDL.Record({ id: IDL.Nat, transaction: Transaction })),
            oldest_tx_id: IDL.Opt(IDL.Nat)
        }),
        Err: IDL.Record({ message: IDL.Text })
    })
);

/** Transactions of an account before a block, newest first, or why they cannot be known now. */
export async function ledgerHistory(
    ledger: Principal,
    account: Account,
    before: bigint | undefined
): Promise<Result<HistoryPage, string>> {
    const args = { account: toCandidAccount(account), start: before === undefined ? [] : [before], max_results: PAGE };
    const answer = await callRemote(ledger, getAccountTransactions, [args]);
    if (!answer.ok) return err(answer.error.message);
    if ('Err' in answer.value) return err(answer.value.Err.message);
    const {
        transactions,
        oldest_tx_id: [oldestIndex]
    } = answer.value.Ok;
    return ok({ ...toPage(transactions), oldestIndex });
}

function toPage(newestFirst: readonly NumberedTransaction[]): HistoryPage {
    const last = newestFirst[newestFirst.length - 1];
    return {
        entries: newestFirst.flatMap(toEntry),
        last: last && { index: last.id, atNs: last.transaction.timestamp }
    };
}

/** Mints and approvals move nothing that a canister ever asks for. */
function toEntry({ id, transaction: { timestamp, transfer, burn } }: NumberedTransaction): HistoryEntry[] {
    const movement = transfer[0] ?? burn[0];
    if (movement === undefined) return [];
    const from = fromCandidAccount(movement.from);
    const to = movement.to === undefined ? undefined : fromCandidAccount(movement.to);
    if (!from.ok || to?.ok === false) return [];
    const [memo] = movement.memo;
    return [
        {
            index: id,
            atNs: timestamp,
            from: from.value,
            to: to?.value,
            amountE8s: movement.amount,
            memo: memo && Uint8Array.from(memo),
            createdAtNs: movement.created_at_time[0]
        }
    ];
}
