/** The ICP ledger: the interface by account identifiers beside ICRC-1 and ICRC-2. */
import { IDL } from '@dfinity/candid';
import {
    blob,
    int,
    nat32,
    nat64,
    none,
    opt,
    principal,
    record,
    result,
    text,
    variant,
    vec,
    type Codec,
    type Decoded
} from '../candid/codecs';
import { equalBytes } from '../wire/bytes';
import { account, accountIdentifier, defaultAccount, isAccountIdentifier } from './accounts';
import { party, partyOfIdentifier, type Block, type TransferFailure } from './book_types';
import { icrcMethods, withParties } from './icrc_methods';
import {
    answered,
    query,
    refused,
    update,
    type Methods,
    type NativeMethod,
    type Outcome,
    type QueryContext
} from './service';
import type { TokenBook } from './token_book';

const tokens = record({ e8s: nat64 });
const timestamp = record({ timestamp_nanos: nat64 });

const legacyTransferArgument = record({
    memo: nat64,
    amount: tokens,
    fee: tokens,
    from_subaccount: opt(blob),
    to: blob,
    created_at_time: opt(timestamp)
});
const legacyTransferError = variant({
    BadFee: record({ expected_fee: tokens }),
    InsufficientFunds: record({ balance: tokens }),
    TxTooOld: record({ allowed_window_nanos: nat64 }),
    TxCreatedInFuture: none,
    TxDuplicate: record({ duplicate_of: nat64 })
});
const legacyTransferResult = result(nat64, legacyTransferError);

const operation = variant({
    Mint: record({ to: blob, amount: tokens }),
    Burn: record({ from: blob, amount: tokens, spender: opt(blob) }),
    Transfer: record({ from: blob, to: blob, amount: tokens, fee: tokens, spender: opt(blob) }),
    Approve: record({
        from: blob,
        spender: blob,
        fee: tokens,
        allowance: tokens,
        allowance_e8s: int,
        expected_allowance: opt(tokens),
        expires_at: opt(timestamp)
    })
});
const candidBlock = record({
    parent_hash: opt(blob),
    transaction: record({ memo: nat64, icrc1_memo: opt(blob), operation: opt(operation), created_at_time: timestamp }),
    timestamp
});
/** Nothing is ever archived. */
const archivedBlocks: Codec<readonly never[]> = {
    idl: IDL.Vec(
        IDL.Record({
            start: IDL.Nat64,
            length: IDL.Nat64,
            callback: IDL.Func([IDL.Record({ start: IDL.Nat64, length: IDL.Nat64 })], [IDL.Reserved], ['query'])
        })
    ),
    from: () => [],
    to: () => []
};
const queryBlocksResult = record({
    chain_length: nat64,
    certificate: opt(blob),
    blocks: vec(candidBlock),
    first_block_index: nat64,
    archived_blocks: archivedBlocks
});

/** All methods. */
export function icpLedgerMethods(book: TokenBook): Methods {
    // An account identifier does not tell its owner, to whom the faucet may have something to give; but it is the caller mostly.
    const balanceOf = (identifier: Uint8Array, { caller }: QueryContext): { readonly e8s: bigint } => {
        const own = party(defaultAccount(caller));
        return { e8s: book.balance(equalBytes(own.identifier, identifier) ? own : partyOfIdentifier(identifier)) };
    };
    return new Map<string, NativeMethod>([
        ['transfer', legacyTransfer(book)],
        [
            'account_balance',
            query({
                argument: record({ account: blob }),
                result: tokens,
                run: (of, context) => balanceOf(of.account, context)
            })
        ],
        [
            'account_balance_dfx',
            query({
                argument: record({ account: text }),
                result: tokens,
                run: (of, context) => balanceOf(new Uint8Array(Buffer.from(of.account, 'hex')), context)
            })
        ],
        ['account_identifier', query({ argument: account, result: blob, run: accountIdentifier })],
        ['query_blocks', queryBlocks(book)],
        ...constants(book),
        ...icrcMethods(book)
    ]);
}

function constants({ rules }: TokenBook): readonly (readonly [name: string, method: NativeMethod])[] {
    const archives = record({ archives: vec(record({ canister_id: principal })) });
    const fee = { transfer_fee: { e8s: rules.fee } };
    return [
        ['symbol', query({ result: record({ symbol: text }), run: () => ({ symbol: rules.symbol }) })],
        ['name', query({ result: record({ name: text }), run: () => ({ name: rules.name }) })],
        ['decimals', query({ result: record({ decimals: nat32 }), run: () => ({ decimals: rules.decimals }) })],
        ['transfer_fee', query({ argument: record({}), result: record({ transfer_fee: tokens }), run: () => fee })],
        ['archives', query({ result: archives, run: () => ({ archives: [] }) })]
    ];
}

function legacyTransfer(book: TokenBook): NativeMethod {
    return update({
        argument: legacyTransferArgument,
        result: legacyTransferResult,
        run: (argument, { caller, nowNs }): Outcome<Decoded<typeof legacyTransferResult>> => {
            const { to, memo: numericMemo, amount, fee, created_at_time: createdAt } = argument;
            if (!isAccountIdentifier(to)) return refused('The receiver is no valid account identifier.');
            const from = { owner: caller, subaccount: argument.from_subaccount };
            return withParties([from], undefined, ([sender]) => {
                const outcome = book.transfer({
                    from: sender,
                    to: partyOfIdentifier(to),
                    amount: amount.e8s,
                    fee: fee.e8s,
                    numericMemo,
                    createdAtNs: createdAt?.timestamp_nanos,
                    nowNs
                });
                return outcome.kind === 'Ok' ? answered(outcome) : legacyFailure(outcome.value);
            });
        }
    });
}

const windowNs = 86_400_000_000_000n;

/** The same failures under their older names. */
function legacyFailure(failure: TransferFailure): Outcome<Decoded<typeof legacyTransferResult>> {
    const err = (value: Decoded<typeof legacyTransferError>): Outcome<Decoded<typeof legacyTransferResult>> =>
        answered({ kind: 'Err', value });
    switch (failure.kind) {
        case 'BadFee':
            return err({ kind: 'BadFee', value: { expected_fee: { e8s: failure.value.expected_fee } } });
        case 'InsufficientFunds':
            return err({ kind: 'InsufficientFunds', value: { balance: { e8s: failure.value.balance } } });
        case 'TooOld':
            return err({ kind: 'TxTooOld', value: { allowed_window_nanos: windowNs } });
        case 'CreatedInFuture':
            return err({ kind: 'TxCreatedInFuture', value: null });
        case 'Duplicate':
            return err({ kind: 'TxDuplicate', value: { duplicate_of: failure.value.duplicate_of } });
        case 'BadBurn':
            return refused(`Burns lower than ${failure.value.min_burn_amount} are not allowed`);
    }
}

const maxBlocksPerQuery = 2_000n;

function queryBlocks(book: TokenBook): NativeMethod {
    return query({
        argument: record({ start: nat64, length: nat64 }),
        result: queryBlocksResult,
        run: ({ start, length }) => {
            const wanted = length < maxBlocksPerQuery ? length : maxBlocksPerQuery;
            return {
                chain_length: book.length,
                certificate: undefined,
                blocks: book.blocks(start, wanted).map(toCandidBlock),
                first_block_index: start < book.length ? start : book.length,
                archived_blocks: []
            };
        }
    });
}

/** Blocks are not chained by hashes: nobody could verify a tip that is not certified. */
function toCandidBlock({
    operation: done,
    memo,
    numericMemo,
    createdAtNs,
    timestampNs
}: Block): Decoded<typeof candidBlock> {
    return {
        parent_hash: undefined,
        transaction: {
            memo: numericMemo ?? 0n,
            icrc1_memo: memo,
            operation: toCandidOperation(done),
            created_at_time: { timestamp_nanos: createdAtNs ?? timestampNs }
        },
        timestamp: { timestamp_nanos: timestampNs }
    };
}

const maxNat64 = 2n ** 64n - 1n;

function toCandidOperation(done: Block['operation']): Decoded<typeof operation> {
    const amount = { e8s: done.amount };
    switch (done.kind) {
        case 'mint':
            return { kind: 'Mint', value: { to: done.to.identifier, amount } };
        case 'burn':
            return { kind: 'Burn', value: { from: done.from.identifier, amount, spender: done.spender?.identifier } };
        case 'transfer': {
            const { from, to, spender, fee } = done;
            const parties = { from: from.identifier, to: to.identifier, spender: spender?.identifier };
            return { kind: 'Transfer', value: { ...parties, amount, fee: { e8s: fee } } };
        }
        case 'approve': {
            const { from, spender, fee, expectedAllowance, expiresAtNs } = done;
            return {
                kind: 'Approve',
                value: {
                    from: from.identifier,
                    spender: spender.identifier,
                    fee: { e8s: fee },
                    // The older type ends at 64 bits, where the ledger caps it.
                    allowance: { e8s: done.amount < maxNat64 ? done.amount : maxNat64 },
                    allowance_e8s: done.amount,
                    expected_allowance: expectedAllowance === undefined ? undefined : { e8s: expectedAllowance },
                    expires_at: expiresAtNs === undefined ? undefined : { timestamp_nanos: expiresAtNs }
                }
            };
        }
    }
}
