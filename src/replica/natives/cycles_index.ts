/** The index of the cycles ledger, as `ic-icrc1-index-ng` answers. It reads the ledger's own books, so it is never behind. */
import { IDL } from '@dfinity/candid';
import {
    blob,
    nat,
    nat64,
    opt,
    principal,
    record,
    result,
    text,
    vec,
    type Codec,
    type Decoded
} from '../candid/codecs';
import { account, isWellFormed } from './accounts';
import type { BlockIndex } from './block_index';
import { party, type Block, type Party } from './book_types';
import { blockValues } from './icrc3';
import { genericValue } from './icrc_types';
import { cyclesLedgerId } from './ids';
import type { LedgerParts } from './ledger_parts';
import { answered, fallibleQuery, query, refused, type Methods, type NativeMethod } from './service';

const noted = { memo: opt(blob), created_at_time: opt(nat64), amount: nat };
const mint = record({ ...noted, to: account, fee: opt(nat) });
const burn = record({ ...noted, from: account, spender: opt(account), fee: opt(nat) });
const transfer = record({ ...noted, from: account, to: account, spender: opt(account), fee: opt(nat) });
const approve = record({
    ...noted,
    from: account,
    spender: account,
    fee: opt(nat),
    expected_allowance: opt(nat),
    expires_at: opt(nat64)
});
const transaction = record({
    kind: text,
    mint: opt(mint),
    burn: opt(burn),
    transfer: opt(transfer),
    approve: opt(approve),
    timestamp: nat64
});
const transactionsResult = result(
    record({ balance: nat, transactions: vec(record({ id: nat, transaction })), oldest_tx_id: opt(nat) }),
    record({ message: text })
);
/** Fees of the cycles ledger are burnt: nobody has ever collected one. */
const feeCollectors: Codec<readonly never[]> = {
    idl: IDL.Vec(IDL.Tuple(account.idl, IDL.Vec(IDL.Tuple(IDL.Nat, IDL.Nat)))),
    from: () => [],
    to: () => []
};

const maxResults = 2_000n;
const malformed = 'The subaccount of an account must have 32 bytes.';

/** All methods. */
export function cyclesIndexMethods({ book, chain, index }: LedgerParts): Methods {
    return new Map<string, NativeMethod>([
        ['get_account_transactions', accountTransactions(index)],
        [
            'get_blocks',
            query({
                argument: record({ start: nat, length: nat }),
                result: record({ blocks: vec(genericValue), chain_length: nat64 }),
                run: ({ start, length }) => ({
                    blocks: blockValues(chain, start, length).map(({ block }) => block),
                    chain_length: book.length
                })
            })
        ],
        [
            'get_fee_collectors_ranges',
            query({ result: record({ ranges: feeCollectors }), run: () => ({ ranges: [] }) })
        ],
        [
            'icrc1_balance_of',
            query({ argument: account, result: nat, run: (of) => (isWellFormed(of) ? book.balance(party(of)) : 0n) })
        ],
        ['ledger_id', query({ result: principal, run: () => cyclesLedgerId })],
        [
            'list_subaccounts',
            query({
                argument: record({ owner: principal, start: opt(blob) }),
                result: vec(blob),
                run: ({ owner, start }) => index.subaccounts(owner, start)
            })
        ],
        [
            'status',
            query({ result: record({ num_blocks_synced: nat }), run: () => ({ num_blocks_synced: book.length }) })
        ]
    ]);
}

function accountTransactions(index: BlockIndex): NativeMethod {
    const { book } = index;
    return fallibleQuery({
        argument: record({ account, start: opt(nat), max_results: nat }),
        result: transactionsResult,
        run: ({ account: named, start, max_results: wanted }) => {
            if (!isWellFormed(named)) return refused(malformed);
            const of = party(named);
            const limit = Number(wanted < maxResults ? wanted : maxResults);
            const transactions = index.newestFirst(of, limit, start).flatMap((id) => {
                const block = book.block(id);
                return block === undefined ? [] : [{ id, transaction: toTransaction(block) }];
            });
            const value = { balance: book.balance(of), transactions, oldest_tx_id: index.oldest(of) };
            return answered({ kind: 'Ok' as const, value });
        }
    });
}

type Transaction = Decoded<typeof transaction>;
const nothing = { mint: undefined, burn: undefined, transfer: undefined, approve: undefined };

function toTransaction({ operation: done, memo, createdAtNs, timestampNs: timestamp }: Block): Transaction {
    const base = { memo, created_at_time: createdAtNs, amount: done.amount };
    const of = ({ account: named, identifier }: Party): Decoded<typeof account> =>
        named ?? { owner: identifier, subaccount: undefined };
    switch (done.kind) {
        case 'mint':
            return { ...nothing, kind: 'mint', timestamp, mint: { ...base, to: of(done.to), fee: undefined } };
        case 'burn': {
            const { fee } = done;
            const spender = done.spender && of(done.spender);
            return {
                ...nothing,
                kind: 'burn',
                timestamp,
                burn: { ...base, from: of(done.from), spender, fee }
            };
        }
        case 'transfer': {
            const { from, to, fee, spender } = done;
            const parties = { from: of(from), to: of(to), spender: spender && of(spender) };
            return { ...nothing, kind: 'transfer', timestamp, transfer: { ...base, ...parties, fee } };
        }
        case 'approve': {
            const { from, spender, fee, expectedAllowance: expected_allowance, expiresAtNs: expires_at } = done;
            const parties = { from: of(from), spender: of(spender) };
            const approved = { ...base, ...parties, fee, expected_allowance, expires_at };
            return { ...nothing, kind: 'approve', timestamp, approve: approved };
        }
    }
}
