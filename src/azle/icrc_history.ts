/**
 * The history of an account on the EMC ledger, which is its own index (ICRC-106). Blocks that have moved to an archive are
 * not in that index's answers, so from there on the whole log is read, which the ledger tells the archives of.
 */
import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { fromCandidAccount, toCandidAccount, type Account, type CandidAccount } from '../core/account';
import { minAmount } from '../core/amount';
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

interface Range {
    readonly start: bigint;
    readonly length: bigint;
}
const Range = IDL.Record({ start: IDL.Nat, length: IDL.Nat });
const Archived = IDL.Record({ transactions: IDL.Vec(Transaction) });

interface LogPage {
    first_index: bigint;
    archived_transactions: (Range & { callback: [Principal, string] })[];
}

const getTransactions = remoteMethod<[Range], LogPage>(
    'get_transactions',
    [Range],
    IDL.Record({
        first_index: IDL.Nat,
        archived_transactions: IDL.Vec(
            IDL.Record({ start: IDL.Nat, length: IDL.Nat, callback: IDL.Func([Range], [Archived], ['query']) })
        )
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
    const isArchived =
        transactions.length === 0 && oldestIndex !== undefined && oldestIndex < (before ?? oldestIndex + 1n);
    if (!isArchived) return ok({ ...toPage(transactions), oldestIndex });
    const archived = await archivedBefore(ledger, before);
    return archived.ok ? ok({ ...toPage(archived.value), oldestIndex }) : archived;
}

/** The newest page of the archived log before a block, newest first; the account has no block between the two. */
async function archivedBefore(
    ledger: Principal,
    before: bigint | undefined
): Promise<Result<readonly NumberedTransaction[], string>> {
    const bounds = await callRemote(ledger, getTransactions, [{ start: 0n, length: 0n }]);
    if (!bounds.ok) return err(bounds.error.message);
    const end = minAmount(before ?? bounds.value.first_index, bounds.value.first_index);
    const start = end > PAGE ? end - PAGE : 0n;
    const located = await callRemote(ledger, getTransactions, [{ start, length: end - start }]);
    if (!located.ok) return err(located.error.message);
    const found: NumberedTransaction[] = [];
    for (const { callback, ...range } of located.value.archived_transactions) {
        const [archive, name] = callback;
        const method = remoteMethod<[Range], { transactions: CandidTransaction[] }>(name, [Range], Archived);
        const answer = await callRemote(archive, method, [range]);
        if (!answer.ok) return err(answer.error.message);
        found.push(
            ...answer.value.transactions.map((transaction, at) => ({ id: range.start + BigInt(at), transaction }))
        );
    }
    // A page with holes would let an executed transfer pass for one that never was.
    return BigInt(found.length) === end - start ? ok(found.reverse()) : err('the archived blocks are not all there');
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
