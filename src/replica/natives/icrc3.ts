/** The block log of ICRC-3, without certificates: whoever wants proof asks the real ledger. */
import { opt, principal, record, blob, vec, text, nat } from '../candid/codecs';
import type { Block, Operation, Party } from './book_types';
import { getBlocksArgument, getBlocksResult, type Value } from './icrc_types';
import { query, type NativeMethod } from './service';
import type { TokenBook } from './token_book';

const maxBlocksPerQuery = 2_000n;
const standardUrl = 'https://github.com/dfinity/ICRC-1/blob/main/standards/ICRC-3/README.md';
const blockTypes = ['1mint', '1burn', '1xfer', '2xfer', '2approve'];

/** The methods of ICRC-3. Blocks carry no parent hash, since no tip is certified. */
export function blockLogMethods(book: TokenBook): readonly (readonly [name: string, method: NativeMethod])[] {
    return [
        [
            'icrc3_get_blocks',
            query({
                argument: getBlocksArgument,
                result: getBlocksResult,
                run: (ranges) => ({
                    log_length: book.length,
                    blocks: ranges.flatMap(({ start, length }) => blocksOf(book, start, length)),
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
            query({ result: opt(record({ certificate: blob, hash_tree: blob })), run: () => undefined })
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

function blocksOf(
    book: TokenBook,
    start: bigint,
    length: bigint
): readonly { readonly id: bigint; readonly block: Value }[] {
    const wanted = length < maxBlocksPerQuery ? length : maxBlocksPerQuery;
    return book
        .blocks(start, wanted)
        .map((block, offset) => ({ id: start + BigInt(offset), block: toValue(book, block) }));
}

function toValue(book: TokenBook, block: Block): Value {
    const { operation, memo, createdAtNs, timestampNs } = block;
    const { type, fields, fee } = describe(operation);
    const transaction: readonly Field[] = [...fields, ['memo', blobOf(memo)], ['ts', natOf(createdAtNs)]];
    return mapOf([
        ['btype', { kind: 'Text', value: type }],
        ['fee', fee === book.rules.fee ? natOf(fee) : undefined],
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
        case 'burn':
            return { type: '1burn', fields: [amount, ['from', accountOf(operation.from)], spenderOf(operation)] };
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

function mapOf(fields: readonly Field[]): Value {
    return {
        kind: 'Map',
        value: fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
    };
}
