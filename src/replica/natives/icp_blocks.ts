/** The ICP ledger's blocks: as Candid, and in the encoding that their hashes are computed over. */
import { IDL } from '@dfinity/candid';
import { blob, int, nat64, opt, record, variant, vec, type Codec, type Decoded } from '../candid/codecs';
import { sha256 } from '../wire/bytes';
import { message, type Message } from '../wire/protobuf';
import { BlockChain } from './block_chain';
import type { Block, Party } from './book_types';
import { timestamp, tokens } from './icp_types';
import { query, type NativeMethod, type QueryContext } from './service';
import type { TokenBook } from './token_book';

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
const blockRange = record({ start: nat64, length: nat64 });
const archiveError = IDL.Variant({
    BadFirstBlockIndex: IDL.Record({ requested_index: IDL.Nat64, first_valid_index: IDL.Nat64 }),
    Other: IDL.Record({ error_code: IDL.Nat64, error_message: IDL.Text })
});

/** Nothing is ever archived: the type is there for clients that compare it with theirs. */
function archived(answer: IDL.Type): Codec<readonly never[]> {
    const callback = IDL.Func([blockRange.idl], [IDL.Variant({ Ok: answer, Err: archiveError })], ['query']);
    return {
        idl: IDL.Vec(IDL.Record({ start: IDL.Nat64, length: IDL.Nat64, callback })),
        from: () => [],
        to: () => []
    };
}

const queryBlocksResult = record({
    chain_length: nat64,
    certificate: opt(blob),
    blocks: vec(candidBlock),
    first_block_index: nat64,
    archived_blocks: archived(IDL.Record({ blocks: IDL.Vec(candidBlock.idl) }))
});
const queryEncodedBlocksResult = record({
    chain_length: nat64,
    certificate: opt(blob),
    blocks: vec(blob),
    first_block_index: nat64,
    archived_blocks: archived(IDL.Vec(IDL.Vec(IDL.Nat8)))
});
const tipOfChain = record({ certification: opt(blob), tip_index: nat64 });

/** `query_blocks`, `query_encoded_blocks` and `tip_of_chain`. */
export function icpBlockMethods(chain: BlockChain): readonly (readonly [name: string, method: NativeMethod])[] {
    const { book } = chain;
    return [
        [
            'query_blocks',
            query({
                argument: blockRange,
                result: queryBlocksResult,
                run: (range, context) => pageOf(chain, range, context, toCandidBlock)
            })
        ],
        [
            'query_encoded_blocks',
            query({
                argument: blockRange,
                result: queryEncodedBlocksResult,
                run: (range, context) => pageOf(chain, range, context, encodeBlock)
            })
        ],
        [
            'tip_of_chain',
            query({
                result: tipOfChain,
                run: (_, { certificate }) => ({ certification: certificate?.(), tip_index: book.length - 1n })
            })
        ]
    ];
}

const maxBlocksPerQuery = 2_000n;

interface Page<B> {
    readonly chain_length: bigint;
    readonly certificate: Uint8Array | undefined;
    readonly blocks: readonly B[];
    readonly first_block_index: bigint;
    readonly archived_blocks: readonly never[];
}

function pageOf<B>(
    chain: BlockChain,
    range: Decoded<typeof blockRange>,
    { certificate }: QueryContext,
    show: (block: Block, parentHash: Uint8Array | undefined) => B
): Page<B> {
    const { book } = chain;
    const length = range.length < maxBlocksPerQuery ? range.length : maxBlocksPerQuery;
    const start = range.start < book.length ? range.start : book.length;
    return {
        chain_length: book.length,
        certificate: certificate?.(),
        blocks: encodedRange(chain, start, length, show),
        first_block_index: start,
        archived_blocks: []
    };
}

function encodedRange<B>(
    chain: BlockChain,
    start: bigint,
    length: bigint,
    show: (block: Block, parentHash: Uint8Array | undefined) => B
): readonly B[] {
    return chain.book
        .blocks(start, length)
        .map((block, offset) => show(block, chain.parentHash(start + BigInt(offset))));
}

/** The blocks from `start` on, `length` at most, each in the encoding that its hash is computed over. */
export function encodedBlocks(chain: BlockChain, start: bigint, length: bigint): readonly Uint8Array[] {
    return encodedRange(chain, start, length, encodeBlock);
}

/** The chain of the ICP ledger: a block's hash is the SHA-256 of its encoding, which begins with the hash of its parent. */
export function icpBlockChain(book: TokenBook, saved?: readonly Uint8Array[]): BlockChain {
    return new BlockChain(book, (block, parentHash) => sha256(encodeBlock(block, parentHash)), saved);
}

/** Transfers of the ledger's own interface always have a numeric memo, and a date: theirs or that of the block. */
function createdAtOf({ createdAtNs, numericMemo, timestampNs }: Block): bigint | undefined {
    return createdAtNs ?? (numericMemo === undefined ? undefined : timestampNs);
}

/** `ic_ledger.pb.v1.Block` of the ledger's Protocol Buffers. */
function encodeBlock(block: Block, parentHash: Uint8Array | undefined): Uint8Array {
    const { memo, numericMemo = 0n, timestampNs } = block;
    const createdAtNs = createdAtOf(block);
    const transaction = message(
        ...encodeOperation(block.operation),
        [4n, message([1n, numericMemo])],
        [6n, createdAtNs === undefined ? undefined : message([1n, createdAtNs])],
        [7n, memo && message([1n, memo])]
    );
    const hash = parentHash && message([1n, parentHash]);
    return message([1n, hash], [2n, message([1n, timestampNs])], [3n, transaction]).bytes;
}

const accountMessage = ({ identifier }: Party): Message => message([1n, identifier]);
const tokensMessage = (e8s: bigint): Message => message([1n, e8s]);
const timeMessage = (nanos: bigint | undefined): Message | undefined =>
    nanos === undefined ? undefined : message([1n, nanos]);

/** The one field of `Transaction` that stands for what was done: 1 burn, 2 mint, 3 everything else. */
function encodeOperation(done: Block['operation']): readonly (readonly [tag: bigint, value: Message])[] {
    const amount = tokensMessage(done.amount);
    switch (done.kind) {
        case 'mint':
            return [[2n, message([2n, accountMessage(done.to)], [3n, amount])]];
        case 'burn': {
            const spender = done.spender && accountMessage(done.spender);
            return [[1n, message([1n, accountMessage(done.from)], [3n, amount], [4n, spender])]];
        }
        case 'transfer': {
            const { from, to, fee, spender } = done;
            const extension = spender && message([1n, accountMessage(spender)]);
            const parties = [[1n, accountMessage(from)] as const, [2n, accountMessage(to)] as const];
            return [[3n, message(...parties, [3n, amount], [4n, tokensMessage(fee)], [6n, extension])]];
        }
        case 'approve': {
            const { from, spender, fee, expectedAllowance, expiresAtNs } = done;
            const extension = message(
                [1n, amount],
                [2n, timeMessage(expiresAtNs)],
                [3n, expectedAllowance === undefined ? undefined : tokensMessage(expectedAllowance)]
            );
            const parties = [[1n, accountMessage(from)] as const, [2n, accountMessage(spender)] as const];
            return [[3n, message(...parties, [3n, tokensMessage(0n)], [4n, tokensMessage(fee)], [5n, extension])]];
        }
    }
}

function toCandidBlock(block: Block, parentHash: Uint8Array | undefined): Decoded<typeof candidBlock> {
    const { operation: done, memo, numericMemo, createdAtNs, timestampNs } = block;
    return {
        parent_hash: parentHash,
        transaction: {
            memo: numericMemo ?? 0n,
            icrc1_memo: memo,
            operation: toCandidOperation(done),
            created_at_time: { timestamp_nanos: createdAtNs ?? timestampNs }
        },
        timestamp: { timestamp_nanos: timestampNs }
    };
}

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
                    allowance: amount,
                    allowance_e8s: done.amount,
                    expected_allowance: expectedAllowance === undefined ? undefined : { e8s: expectedAllowance },
                    expires_at: expiresAtNs === undefined ? undefined : { timestamp_nanos: expiresAtNs }
                }
            };
        }
    }
}
