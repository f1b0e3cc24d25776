/** The block log of ICRC-3: blocks as generic values, each with the hash of its parent, and a certificate of the last one. */
import { blob, nat, opt, principal, record, text, vec } from '../candid/codecs';
import { utf8 } from '../wire/bytes';
import { encodeSelfDescribed, type CborKey, type CborValue } from '../wire/cbor';
import { labels, leaf, type HashTree } from '../wire/hash_tree';
import { treeToCbor } from '../wire/hash_tree_cbor';
import { encodeLeb128 } from '../wire/leb128';
import { hashOfMap } from '../wire/request_id';
import { BlockChain } from './block_chain';
import type { Block, Operation, Party } from './book_types';
import { getBlocksArgument, getBlocksResult, type Value } from './icrc_types';
import { query, type NativeMethod } from './service';
import type { TokenBook } from './token_book';

const maxBlocksPerQuery = 2_000n;
const standardUrl = 'https://github.com/dfinity/ICRC-1/blob/main/standards/ICRC-3/README.md';
const blockTypes = ['1mint', '1burn', '1xfer', '2xfer', '2approve'];

/** The methods of ICRC-3. */
export function blockLogMethods(chain: BlockChain): readonly (readonly [name: string, method: NativeMethod])[] {
    return [
        [
            'icrc3_get_blocks',
            query({
                argument: getBlocksArgument,
                result: getBlocksResult,
                run: (ranges) => ({
                    log_length: chain.book.length,
                    blocks: ranges.flatMap(({ start, length }) => blockValues(chain, start, length)),
                    archived_blocks: []
                })
            })
        ],
        [
            'icrc3_get_archives',
            query({
                argument: record({ from: opt(principal) }),
                result: vec(record({ canister_id: principal, start: nat, end: nat })),
                run: () => []
            })
        ],
        [
            'icrc3_get_tip_certificate',
            query({
                result: opt(record({ certificate: blob, hash_tree: blob })),
                run: (_, context) => {
                    const certificate = context.certificate?.();
                    const hash_tree = encodeSelfDescribed(treeToCbor(tipTree(chain)));
                    return certificate && { certificate, hash_tree };
                }
            })
        ],
        [
            'icrc3_supported_block_types',
            query({
                result: vec(record({ block_type: text, url: text })),
                run: () => blockTypes.map((block_type) => ({ block_type, url: standardUrl }))
            })
        ]
    ];
}

/** ICRC-3, "Tip of the block log": what the ledger certifies by the digest of this tree. */
export function tipTree(chain: BlockChain): HashTree {
    const hash = chain.tipHash();
    if (hash === undefined) return labels([]);
    return labels([
        [utf8('last_block_hash'), leaf(hash)],
        [utf8('last_block_index'), leaf(encodeLeb128(chain.book.length - 1n))]
    ]);
}

/** The chain of a ledger of ICRC-3: a block's hash is the representation-independent one of its value, which has that of its parent. */
export function icrc3BlockChain(book: TokenBook, saved?: readonly Uint8Array[]): BlockChain {
    return new BlockChain(book, (block, parentHash) => hashOfBlock(toValue(block, parentHash)), saved);
}

/** A block has only kinds of values that have such a hash. */
class UnhashableBlock extends Error {
    constructor() {
        super('a block holds a value without a representation-independent hash');
    }
}

function hashOfBlock(block: Extract<Value, { readonly kind: 'Map' }>): Uint8Array {
    const hash = hashOfMap(toCborMap(block.value));
    if (hash === undefined) throw new UnhashableBlock();
    return hash;
}

function toCborMap(fields: readonly (readonly [name: string, value: Value])[]): ReadonlyMap<CborKey, CborValue> {
    return new Map(fields.map(([name, value]) => [name, toCbor(value)]));
}

function toCbor({ kind, value }: Value): CborValue {
    switch (kind) {
        case 'Array':
            return value.map(toCbor);
        case 'Map':
            return toCborMap(value);
        default:
            return value;
    }
}

/** The blocks from `start` on, `length` and a page at most. */
export function blockValues(
    chain: BlockChain,
    start: bigint,
    length: bigint
): readonly { readonly id: bigint; readonly block: Value }[] {
    const { book } = chain;
    const wanted = length < maxBlocksPerQuery ? length : maxBlocksPerQuery;
    return book.blocks(start, wanted).map((block, offset) => {
        const id = start + BigInt(offset);
        return { id, block: toValue(block, chain.parentHash(id)) };
    });
}

function toValue(block: Block, parentHash: Uint8Array | undefined): Extract<Value, { readonly kind: 'Map' }> {
    const { operation, memo, createdAtNs, timestampNs } = block;
    const { type, fields, fee } = describe(operation);
    const transaction: readonly Field[] = [...fields, ['memo', blobOf(memo)], ['ts', natOf(createdAtNs)]];
    return mapOf([
        ['phash', blobOf(parentHash)],
        ['btype', { kind: 'Text', value: type }],
        ['fee', natOf(fee)],
        ['ts', natOf(timestampNs)],
        ['tx', mapOf(transaction)]
    ]);
}

type Field = readonly [name: string, value: Value | undefined];

interface Description {
    readonly type: string;
    readonly fields: readonly Field[];
    readonly fee?: bigint;
}

function describe(operation: Operation): Description {
    const amount: Field = ['amt', natOf(operation.amount)];
    switch (operation.kind) {
        case 'mint':
            return { type: '1mint', fields: [amount, ['to', accountOf(operation.to)]] };
        case 'burn': {
            const { from, fee } = operation;
            return { type: '1burn', fields: [amount, ['from', accountOf(from)], spenderOf(operation)], fee };
        }
        case 'transfer': {
            const { from, to, fee, spender } = operation;
            const parties: readonly Field[] = [['from', accountOf(from)], ['to', accountOf(to)], spenderOf(operation)];
            return { type: spender === undefined ? '1xfer' : '2xfer', fields: [amount, ...parties], fee };
        }
        case 'approve': {
            const { from, fee, expectedAllowance, expiresAtNs } = operation;
            const limits: readonly Field[] = [
                ['expected_allowance', natOf(expectedAllowance)],
                ['expires_at', natOf(expiresAtNs)]
            ];
            return {
                type: '2approve',
                fields: [amount, ['from', accountOf(from)], spenderOf(operation), ...limits],
                fee
            };
        }
    }
}

function spenderOf({ spender }: { readonly spender?: Party }): Field {
    return ['spender', spender && accountOf(spender)];
}

/** ICRC-3 spells an account as its owner and, if it is not the default one, its subaccount. */
function accountOf({ account, identifier }: Party): Value {
    const { owner, subaccount } = account ?? { owner: identifier, subaccount: undefined };
    const parts = subaccount === undefined ? [owner] : [owner, subaccount];
    return { kind: 'Array', value: parts.map((value) => ({ kind: 'Blob', value })) };
}

function natOf(value: bigint | undefined): Value | undefined {
    return value === undefined ? undefined : { kind: 'Nat', value };
}

function blobOf(value: Uint8Array | undefined): Value | undefined {
    return value && { kind: 'Blob', value };
}

function mapOf(fields: readonly Field[]): Extract<Value, { readonly kind: 'Map' }> {
    return {
        kind: 'Map',
        value: fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
    };
}
