/**
 * The ICRC-3 hash of a block, straight from its stored bytes: `hashValue(blockValue(…))` at a fraction of the cost, because
 * constant parts are hashed once, digests stay words, and those of accounts are remembered (docs/decisions/0008-hashing.md).
 */
import { CorruptBytes } from '../../../src/core/codec';
import { digestOfText } from '../../../src/core/icrc3/hash';
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

/** What is remembered of accounts, which are given as they are stored: length and bytes of the owner, 0 or 1, subaccount. */
export interface AccountDigests {
    digestOf(spelled: Uint8Array): Digest;
    /** The state of a transfer's map once it has absorbed its first two entries, `op` and `to`. */
    receiving(spelled: Uint8Array): Digest;
}

/** Remembers nothing. */
export const freshDigests: AccountDigests = {
    digestOf: digestOfAccount,
    receiving: (spelled) => stateOfReceiver(digestOfAccount(spelled))
};

/** {@link AccountDigests.receiving} of an account with the given digest. */
export function stateOfReceiver(digest: Digest): Digest {
    const { keys, afterOperation } = constantsOf();
    return compress(afterOperation[TRANSFER] ?? INITIAL, keys.to, digest);
}

/** A map's keys in the order of their digests, in which ICRC-3 concatenates a map's entries. A test checks it. */
export const KEYS_IN_ORDER = [
    'btype',
    'op',
    'tx',
    'mthd',
    'ts',
    'caller',
    'to',
    'from',
    'phash',
    'spender',
    'memo',
    'amt',
    'expires_at',
    'fee',
    'expected_allowance',
    'fee_collector'
] as const;

type Keys = { readonly [Name in (typeof KEYS_IN_ORDER)[number]]: Digest };

/** What is the same in all blocks. Made at the first block: 30 compressions are too much for every start of the code. */
interface Constants {
    readonly keys: Keys;
    /** The state after the entry `op`, the first of every operation, by the stored position of the transaction's kind. */
    readonly afterOperation: readonly Digest[];
    readonly feeCollectorType: Digest;
    readonly feeCollectorMethod: Digest;
}

let constants: Constants | undefined;

function constantsOf(): Constants {
    constants ??= makeConstants();
    return constants;
}

function makeConstants(): Constants {
    const keys = Object.fromEntries(KEYS_IN_ORDER.map((key) => [key, digestOfText(key)])) as Keys;
    return {
        keys,
        afterOperation: Object.values(OPERATIONS).map((name) => compress(INITIAL, keys.op, digestOfText(name))),
        feeCollectorType: digestOfText(FEE_COLLECTOR_TYPE),
        feeCollectorMethod: digestOfText(FEE_COLLECTOR_METHOD)
    };
}

/** Digest of a stored block whose parent has the given digest; block 0 has no parent. */
export function digestOfBlock(bytes: Uint8Array, parent: Digest | undefined, accounts: AccountDigests): Digest {
    const scan = new Scanner(bytes, accounts);
    const { keys, feeCollectorType } = constantsOf();
    const ts = scan.u64();
    const fee = scan.optionalNat();
    scan.skipNat();
    scan.skipNat();
    const kind = scan.u8();
    const map = new MapDigest(INITIAL, 0);
    if (kind === FEE_COLLECTOR) map.add(keys.btype, feeCollectorType);
    map.add(keys.tx, kind === FEE_COLLECTOR ? digestOfFeeCollector(scan) : digestOfOperation(scan, kind));
    map.add(keys.ts, ts);
    map.add(keys.phash, parent && digestOfDigest(parent));
    map.addFee(keys.fee, fee);
    return map.finish();
}

/** Stored positions of the kinds of transactions (`transactionCodec`). */
const MINT = 0;
const BURN = 1;
const TRANSFER = 2;
const APPROVE = 3;
const FEE_COLLECTOR = 4;

/** Reads in the order of the stored form, adds in the order of the keys' digests. */
function digestOfOperation(scan: Scanner, kind: number): Digest {
    const { keys, afterOperation } = constantsOf();
    const operation = afterOperation[kind];
    if (operation === undefined) throw new CorruptBytes('a kind of transaction', 0);
    const amount = scan.nat();
    const memo = scan.optionalBlob();
    const ts = scan.optionalU64();
    const from = kind === MINT ? undefined : scan.account();
    // A transfer's map begins with `op` and `to` unless `ts` stands between them.
    const received = kind === TRANSFER && ts === undefined ? scan.receiver() : undefined;
    const to = received !== undefined || kind === BURN || kind === APPROVE ? undefined : scan.account();
    const spender = kind === MINT ? undefined : kind === APPROVE ? scan.account() : scan.optionalAccount();
    const fee = kind === MINT || kind === BURN ? undefined : scan.optionalNat();
    const expected = kind === APPROVE ? scan.optionalNat() : undefined;
    const expiry = kind === APPROVE ? scan.optionalU64() : undefined;
    const map = received === undefined ? new MapDigest(operation, 1) : new MapDigest(received, 2);
    map.add(keys.ts, ts);
    map.add(keys.to, to);
    map.add(keys.from, from);
    map.add(keys.spender, spender);
    map.add(keys.memo, memo);
    map.add(keys.amt, amount);
    map.add(keys.expires_at, expiry);
    map.addFee(keys.fee, fee);
    map.add(keys.expected_allowance, expected);
    return map.finish();
}

function digestOfFeeCollector(scan: Scanner): Digest {
    const { keys, feeCollectorMethod } = constantsOf();
    const caller = scan.principal();
    const collector = scan.optionalAccount();
    const ts = scan.u64();
    const map = new MapDigest(INITIAL, 0);
    map.add(keys.mthd, feeCollectorMethod);
    map.add(keys.ts, ts);
    map.add(keys.caller, caller);
    map.add(keys.fee_collector, collector);
    return map.finish();
}

/** The digest of a map, entry by entry in the order of the keys' digests; entries without a value are left out. */
class MapDigest {
    constructor(
        private state: Digest,
        /** Entries that the state has absorbed. */
        private entries: number
    ) {}

    add(key: Digest, value: Digest | undefined): void {
        if (value === undefined) return;
        this.state = compress(this.state, key, value);
        this.entries += 1;
    }

    /** As {@link add}: the fee's entry is the same block in nearly every map, so that its schedule is kept. */
    addFee(key: Digest, fee: Digest | undefined): void {
        if (fee === undefined) return;
        if (feeEntry?.fee !== fee) feeEntry = { fee, schedule: prepare(key, fee) };
        this.state = compressPrepared(this.state, feeEntry.schedule);
        this.entries += 1;
    }

    finish(): Digest {
        return finishBlocks(this.state, this.entries);
    }
}

let feeEntry: { readonly fee: Digest; readonly schedule: ReturnType<typeof prepare> } | undefined;

/** Digests of recent numbers, by their lower halves: fees, round amounts, the time of all blocks of a round. */
const recentNumbers = new Map<number, { readonly high: number; readonly digest: Digest }>();
const MAX_RECENT_NUMBERS = 512;

function digestOfNumber(high: number, low: number): Digest {
    const known = recentNumbers.get(low);
    if (known?.high === high) return known.digest;
    if (recentNumbers.size >= MAX_RECENT_NUMBERS) recentNumbers.clear();
    const digest = digestOfLeb128(high, low);
    recentNumbers.set(low, { high, digest });
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
        private readonly accounts: AccountDigests
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
        return this.accounts.digestOf(this.spelled());
    }

    receiver(): Digest {
        return this.accounts.receiving(this.spelled());
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

    private spelled(): Uint8Array {
        const start = this.at;
        const flag = start + 1 + this.view.getUint8(start);
        this.at = flag + 1 + (this.view.getUint8(flag) === 0 ? 0 : 32);
        return this.bytes.slice(start, this.at);
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
