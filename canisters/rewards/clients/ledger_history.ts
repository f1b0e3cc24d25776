/** The history of an account on the EMC ledger, which is its own index (ICRC-106). */
import { IDL } from 'azle';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import { fromCandidAccount, toCandidAccount, type Account, type CandidAccount } from '../../../src/core/account';
import { err, ok, type Result } from '../../../src/core/result';
import type { HistoryEntry, HistoryPage } from '../domain/lost';
import { peers } from '../wiring';

const PAGE = 100n;

type Opt<T> = [] | [T];

interface Movement {
    from: CandidAccount;
    to?: CandidAccount;
    amount: bigint;
    memo: Opt<Uint8Array>;
    created_at_time: Opt<bigint>;
}

interface Transaction {
    timestamp: bigint;
    transfer: Opt<Movement>;
    burn: Opt<Movement>;
}

type Answer =
    | { Ok: { transactions: { id: bigint; transaction: Transaction }[]; oldest_tx_id: Opt<bigint> } }
    | { Err: { message: string } };

const CandidAccountType = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });
const COMMON = {
    from: CandidAccountType,
    amount: IDL.Nat,
    memo: IDL.Opt(IDL.Vec(IDL.Nat8)),
    created_at_time: IDL.Opt(IDL.Nat64)
};

/** The fields that matter here; Candid lets a reader leave the others out. */
const getAccountTransactions = remoteMethod<[object], Answer>(
    'get_account_transactions',
    [IDL.Record({ account: CandidAccountType, start: IDL.Opt(IDL.Nat), max_results: IDL.Nat })],
    IDL.Variant({
        Ok: IDL.Record({
            transactions: IDL.Vec(
                IDL.Record({
                    id: IDL.Nat,
                    transaction: IDL.Record({
                        timestamp: IDL.Nat64,
                        transfer: IDL.Opt(IDL.Record({ ...COMMON, to: CandidAccountType })),
                        burn: IDL.Opt(IDL.Record(COMMON))
                    })
                })
            ),
            oldest_tx_id: IDL.Opt(IDL.Nat)
        }),
        Err: IDL.Record({ message: IDL.Text })
    })
);

/** Transactions of an account before a block, newest first, or why they cannot be known now. */
export async function askHistory(account: Account, start: bigint | undefined): Promise<Result<HistoryPage, string>> {
    const ledger = peers.get('token_icrc1');
    if (ledger === undefined) return err('token_icrc1 is not set');
    const args = { account: toCandidAccount(account), start: start === undefined ? [] : [start], max_results: PAGE };
    const answer = await callRemote(ledger, getAccountTransactions, [args]);
    if (!answer.ok) return err(answer.error.message);
    if ('Err' in answer.value) return err(answer.value.Err.message);
    const { transactions, oldest_tx_id: oldest } = answer.value.Ok;
    const last = transactions[transactions.length - 1];
    return ok({
        entries: transactions.flatMap(({ id, transaction }) => toEntry(id, transaction)),
        last: last && { index: last.id, atNs: last.transaction.timestamp },
        oldestIndex: oldest[0]
    });
}

/** Mints and approvals move nothing that this canister ever asks for. */
function toEntry(index: bigint, { timestamp, transfer, burn }: Transaction): HistoryEntry[] {
    const movement = transfer[0] ?? burn[0];
    if (movement === undefined) return [];
    const from = fromCandidAccount(movement.from);
    const to = movement.to === undefined ? undefined : fromCandidAccount(movement.to);
    if (!from.ok || to?.ok === false) return [];
    const [memo] = movement.memo;
    return [
        {
            index,
            atNs: timestamp,
            from: from.value,
            to: to?.value,
            amountE8s: movement.amount,
            memo: memo && Uint8Array.from(memo),
            createdAtNs: movement.created_at_time[0]
        }
    ];
}
