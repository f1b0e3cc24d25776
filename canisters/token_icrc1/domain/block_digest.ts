/**
 * The ICRC-3 hash of a block, straight from its stored bytes: `hashValue(blockValue(…))` at a fraction of the cost, because
 * constant parts are hashed once, digests stay words, and those of accounts are remembered (docs/decisions/0008-hashing.md).
 */
import { CorruptBytes } from '../../../src/core/codec';
import { compareDigests, digestOfText } from '../../../src/core/icrc3/hash';
import { encodeUnsigned } from '../../../src/core/icrc3/leb128';
import {
    compress,
    compressPrepared,
    digestOf,
    digestOfDigest,
    finishBlocks,
    INITIAL,
    prepare,
    type Digest
} from '../../../src/core/sha256';
import { FEE_COLLECTOR_METHOD, FEE_COLLECTOR_TYPE, OPERATIONS } from './block_value';

/** The digest of an account, given as it is stored: length and bytes of the owner, 0 or 1, subaccount. */
export type AccountDigest = (spelled: Uint8Array) => Digest;

const KEYS = [
    'amt',
    'btype',
    'caller',
    'expected_allowance',
    'expires_at',
    'fee',
    'fee_collector',
    'from',
    'memo',
    'mthd',
    'op',
    'phash',
    'spender',
    'to',
    'ts',
    'tx'
] as const;

type Key = (typeof KEYS)[number];
type Fields = { [Name in Key]?: Digest };

/** What is the same in all blocks. Made at the first block: 30 compressions are too much for every start of the code. */
interface Constants {
    /** Keys and their digests in the order of the digests, in which ICRC-3 concatenates a map's entries. */
    readonly keys: readonly Key[];
    readonly keyDigests: readonly Digest[];
    /** `op` and `mthd` by the stored position of the transaction's kind. */
    readonly kinds: readonly Digest[];
    readonly feeCollectorType: Digest;
    /** The state after the entry `op`, the first of every operation, by the same position. */
    readonly afterOperation: readonly Digest[];
}

let constants: Constants | undefined;

function constantsOf(): Constants {
    if (constants !== undefined) return constants;
    const sorted = KEYS.map((key) => [key, digestOfText(key)] as const).sort((a, b) => compareDigests(a[1], b[1]));
    const kinds = [...Object.values(OPERATIONS), FEE_COLLECTOR_METHOD].map(digestOfText);
    const operation = digestOfText('op');
    const afterOperation = kinds.map((kind) => compress(INITIAL, operation, kind));
    constants = {
        keys: sorted.map(([key]) => key),
        keyDigests: sorted.map(([, digest]) => digest),
        kinds,
        afterOperation,
        feeCollectorType: digestOfText(FEE_COLLECTOR_TYPE)
    };
    return constants;
}

/** Digest of a stored block whose parent has the given digest; block 0 has no parent. */
export function digestOfBlock(bytes: Uint8Array, parent: Digest | undefined, accountDigest: AccountDigest): Digest {
    const scan = new Scanner(bytes, accountDigest);
    const block: Fields = { ts: scan.u64(), fee: scan.optionalNat(), phash: parent && digestOfDigest(parent) };
    scan.skipNat();
    scan.skipNat();
    const { kinds, feeCollectorType, afterOperation } = constantsOf();
    const kind = scan.u8();
    const state = kind < FEE_COLLECTOR ? afterOperation[kind] : INITIAL;
    if (state === undefined) throw new CorruptBytes('a kind of transaction', 0);
    if (kind === FEE_COLLECTOR) {
        block.btype = feeCollectorType;
        block.tx = digestOfMap(INITIAL, 0, { ...feeCollectorFields(scan), mthd: kinds[FEE_COLLECTOR] });
    } else {
        block.tx = digestOfMap(state, 1, operationFields(scan, kind));
    }
    return digestOfMap(INITIAL, 0, block);
}

/** Stored positions of the kinds of transactions (`transactionCodec`). */
const [MINT, BURN, TRANSFER, FEE_COLLECTOR] = [0, 1, 2, 4];

function operationFields(scan: Scanner, kind: number): Fields {
    const fields: Fields = { amt: scan.nat(), memo: scan.optionalBlob(), ts: scan.optionalU64() };
    if (kind === MINT) return { ...fields, to: scan.account() };
    fields.from = scan.account();
    if (kind === BURN) return { ...fields, spender: scan.optionalAccount() };
    if (kind === TRANSFER) {
        fields.to = scan.account();
        fields.spender = scan.optionalAccount();
        fields.fee = scan.optionalNat();
        return fields;
    }
    fields.spender = scan.account();
    fields.fee = scan.optionalNat();
    fields.expected_allowance = scan.optionalNat();
    fields.expires_at = scan.optionalU64();
    return fields;
}

function feeCollectorFields(scan: Scanner): Fields {
    return { caller: scan.principal(), fee_collector: scan.optionalAccount(), ts: scan.u64() };
}

/** Digest of a map whose first `entered` entries the state has absorbed already. */
function digestOfMap(state: Digest, entered: number, fields: Fields): Digest {
    const { keys, keyDigests } = constantsOf();
    let count = entered;
    let current = state;
    for (let i = 0; i < keys.length; i++) {
        const key = keys[i];
        const digest = keyDigests[i];
        const value = key && fields[key];
        if (value === undefined || digest === undefined) continue;
        current = key === 'fee' ? absorbFee(current, digest, value) : compress(current, digest, value);
        count += 1;
    }
    return finishBlocks(current, count);
}

/** The fee's entry is the same block in nearly every map: its schedule is kept. */
let feeEntry: { readonly fee: Digest; readonly schedule: ReturnType<typeof prepare> } | undefined;

function absorbFee(state: Digest, key: Digest, fee: Digest): Digest {
    if (feeEntry?.fee !== fee) feeEntry = { fee, schedule: prepare(key, fee) };
    return compressPrepared(state, feeEntry.schedule);
}

/** Digests of recent numbers: fees, round amounts, the time of all blocks of a round. */
const recentNumbers = new Map<number, Digest>();
const MAX_RECENT_NUMBERS = 512;
const TWO_TO_32 = 0x100000000;

function digestOfNumber(high: number, low: number): Digest {
    const value = high * TWO_TO_32 + low;
    if (value > Number.MAX_SAFE_INTEGER) return digestOfLeb128(high, low);
    const known = recentNumbers.get(value);
    if (known !== undefined) return known;
    if (recentNumbers.size >= MAX_RECENT_NUMBERS) recentNumbers.clear();
    const digest = digestOfLeb128(high, low);
    recentNumbers.set(value, digest);
    return digest;
}

/** Digest of the unsigned LEB128 of a 64-bit number given in halves: its only block is put together as words. */
function digestOfLeb128(high: number, low: number): Digest {
    const septets = [low, low >>> 7, low >>> 14, low >>> 21, (low >>> 28) | (high << 4)];
    septets.push(high >>> 3, high >>> 10, high >>> 17, high >>> 24, high >>> 31);
    const masked = septets.map((septet) => septet & 0x7f);
    const length =
        Math.max(
            masked.findLastIndex((septet) => septet !== 0),
            0
        ) + 1;
    const byteAt = (i: number): number => {
        if (i >= length) return i === length ? 0x80 : 0;
        return (masked[i] ?? 0) | (i < length - 1 ? 0x80 : 0);
    };
    const word = (i: number): number =>
        (byteAt(i) << 24) | (byteAt(i + 1) << 16) | (byteAt(i + 2) << 8) | byteAt(i + 3);
    return compress(INITIAL, [word(0), word(4), word(8), 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, length * 8]);
}

/** Walks over a stored block (`blockCodec`, `transactionCodec`) and digests its values. */
class Scanner {
    private at = 0;
    private readonly view: DataView;

    constructor(
        private readonly bytes: Uint8Array,
        private readonly accountDigest: AccountDigest
    ) {
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }

    u8(): number {
        return this.view.getUint8(this.at++);
    }

    u64(): Digest {
        const at = this.at;
        this.at = at + 8;
        return digestOfNumber(this.view.getUint32(at), this.view.getUint32(at + 4));
    }

    nat(): Digest {
        const length = this.u8();
        return length === 8 ? this.u64() : digestOf(encodeUnsigned(bigintOf(this.take(length))));
    }

    skipNat(): void {
        this.at += 1 + this.view.getUint8(this.at);
    }

    account(): Digest {
        const start = this.at;
        const flag = start + 1 + this.view.getUint8(start);
        this.at = flag + 1 + (this.view.getUint8(flag) === 0 ? 0 : 32);
        return this.accountDigest(this.bytes.slice(start, this.at));
    }

    principal(): Digest {
        return digestOf(this.take(this.u8()));
    }

    optionalNat(): Digest | undefined {
        return this.u8() === 0 ? undefined : this.nat();
    }

    optionalU64(): Digest | undefined {
        return this.u8() === 0 ? undefined : this.u64();
    }

    optionalAccount(): Digest | undefined {
        return this.u8() === 0 ? undefined : this.account();
    }

    optionalBlob(): Digest | undefined {
        return this.u8() === 0 ? undefined : digestOf(this.take(this.u32()));
    }

    private u32(): number {
        this.at += 4;
        return this.view.getUint32(this.at - 4);
    }

    private take(length: number): Uint8Array {
        this.at += length;
        return this.bytes.slice(this.at - length, this.at);
    }
}

function bigintOf(bytes: Uint8Array): bigint {
    return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Digest of an account as blocks spell it, from its stored form: an array of the owner and, if given, the subaccount. */
export function digestOfAccount(spelled: Uint8Array): Digest {
    const ownerEnd = 1 + (spelled[0] ?? 0);
    const owner = digestOf(spelled.slice(1, ownerEnd));
    if (spelled.length === ownerEnd + 1) return digestOfDigest(owner);
    return finishBlocks(compress(INITIAL, owner, digestOf(spelled.slice(ownerEnd + 1))), 1);
}
