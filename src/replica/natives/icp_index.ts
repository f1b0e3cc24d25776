/** The index of the ICP ledger: which blocks an account is in. Here it reads the ledger's own books, so it is never behind. */
import { blob, nat, nat64, opt, principal, record, result, text, variant, vec, type Decoded } from '../candid/codecs';
import { toHex } from '../wire/bytes';
import { account, isAccountIdentifier, isWellFormed, type Account } from './accounts';
import { party, partyOfIdentifier, type Block, type Party } from './book_types';
import { encodedBlocks } from './icp_blocks';
import { timestamp, tokens } from './icp_types';
import { icpLedgerId } from './ids';
import type { LedgerParts } from './ledger_parts';
import { answered, fallibleQuery, query, refused, type Methods, type NativeMethod, type Outcome } from './service';

const operation = variant({
    Approve: record({
        fee: tokens,
        from: text,
        allowance: tokens,
        expires_at: opt(timestamp),
        spender: text,
        expected_allowance: opt(tokens)
    }),
    Burn: record({ from: text, amount: tokens, spender: opt(text) }),
    Mint: record({ to: text, amount: tokens }),
    Transfer: record({ to: text, fee: tokens, from: text, amount: tokens, spender: opt(text) })
});
const transaction = record({
    memo: nat64,
    icrc1_memo: opt(blob),
    operation,
    created_at_time: opt(timestamp),
    timestamp: opt(timestamp)
});
const transactionsResult = result(
    record({
        balance: nat64,
        transactions: vec(record({ id: nat64, transaction })),
        oldest_tx_id: opt(nat64)
    }),
    record({ message: text })
);

const maxResults = 2_000n;

/** All methods. */
export function icpIndexMethods(parts: LedgerParts): Methods {
    const { book, chain } = parts;
    return new Map<string, NativeMethod>([
        ['get_account_identifier_balance', byIdentifier(nat64, (of) => book.balance(of))],
        [
            'get_account_identifier_transactions',
            fallibleQuery({
                argument: record({ max_results: nat64, start: opt(nat64), account_identifier: text }),
                result: transactionsResult,
                run: ({ account_identifier, max_results, start }) =>
                    withIdentifier(account_identifier, (of) => transactionsOf(parts, of, { max_results, start }))
            })
        ],
        [
            'get_account_transactions',
            fallibleQuery({
                argument: record({ account, start: opt(nat), max_results: nat }),
                result: transactionsResult,
                run: ({ account: of, max_results, start }) =>
                    withAccount(of, (owner) => transactionsOf(parts, owner, { max_results, start }))
            })
        ],
        [
            'get_blocks',
            query({
                argument: record({ start: nat, length: nat }),
                result: record({ blocks: vec(blob), chain_length: nat64 }),
                run: ({ start, length }) => ({
                    blocks: encodedBlocks(chain, start, length < maxResults ? length : maxResults),
                    chain_length: book.length
                })
            })
        ],
        ['ledger_id', query({ result: principal, run: () => icpLedgerId })],
        [
            'status',
            query({ result: record({ num_blocks_synced: nat64 }), run: () => ({ num_blocks_synced: book.length }) })
        ],
        [
            'icrc1_balance_of',
            fallibleQuery({
                argument: account,
                result: nat64,
                run: (of) => withAccount(of, (owner) => book.balance(owner))
            })
        ]
    ]);
}

function byIdentifier<R>(
    answer: Parameters<typeof query<R, string>>[0]['result'],
    run: (of: Party) => R
): NativeMethod {
    return fallibleQuery({ argument: text, result: answer, run: (identifier) => withIdentifier(identifier, run) });
}

function withIdentifier<R>(hex: string, run: (of: Party) => R): Outcome<R> {
    const identifier = new Uint8Array(Buffer.from(hex, 'hex'));
    if (!isAccountIdentifier(identifier)) return refused('Invalid account identifier.');
    return answered(run(partyOfIdentifier(identifier)));
}

function withAccount<R>(of: Account, run: (of: Party) => R): Outcome<R> {
    return isWellFormed(of) ? answered(run(party(of))) : refused('The subaccount of an account must have 32 bytes.');
}

interface PageRequest {
    readonly max_results: bigint;
    readonly start: bigint | undefined;
}

function transactionsOf(
    { book, index }: LedgerParts,
    of: Party,
    { max_results: wanted, start }: PageRequest
): Decoded<typeof transactionsResult> {
    const limit = Number(wanted < maxResults ? wanted : maxResults);
    const transactions = index.newestFirst(of, limit, start).flatMap((id) => {
        const block = book.block(id);
        return block === undefined ? [] : [{ id, transaction: toTransaction(block) }];
    });
    return { kind: 'Ok', value: { balance: book.balance(of), transactions, oldest_tx_id: index.oldest(of) } };
}

function toTransaction({
    operation: done,
    memo,
    numericMemo,
    createdAtNs,
    timestampNs
}: Block): Decoded<typeof transaction> {
    return {
        memo: numericMemo ?? 0n,
        icrc1_memo: memo,
        operation: toOperation(done),
        created_at_time: timeOf(createdAtNs ?? (numericMemo === undefined ? undefined : timestampNs)),
        timestamp: timeOf(timestampNs)
    };
}

function timeOf(nanos: bigint | undefined): Decoded<typeof timestamp> | undefined {
    return nanos === undefined ? undefined : { timestamp_nanos: nanos };
}

function toOperation(done: Block['operation']): Decoded<typeof operation> {
    const amount = { e8s: done.amount };
    const name = ({ identifier }: Party): string => toHex(identifier);
    switch (done.kind) {
        case 'mint':
            return { kind: 'Mint', value: { to: name(done.to), amount } };
        case 'burn':
            return {
                kind: 'Burn',
                value: { from: name(done.from), amount, spender: done.spender && name(done.spender) }
            };
        case 'transfer': {
            const { from, to, fee, spender } = done;
            const parties = { from: name(from), to: name(to), spender: spender && name(spender) };
            return { kind: 'Transfer', value: { ...parties, amount, fee: { e8s: fee } } };
        }
        case 'approve': {
            const { from, spender, fee, expectedAllowance: expected, expiresAtNs } = done;
            const expected_allowance = expected === undefined ? undefined : { e8s: expected };
            const parties = { from: name(from), spender: name(spender) };
            const terms = { allowance: amount, expected_allowance, expires_at: timeOf(expiresAtNs) };
            return { kind: 'Approve', value: { ...parties, ...terms, fee: { e8s: fee } } };
        }
    }
}
