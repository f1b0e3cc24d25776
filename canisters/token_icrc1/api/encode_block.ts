/**
 * The Candid form of a block's ICRC-3 value, straight from its stored bytes: what encoding `blockValue` gives, byte for byte, at
 * a fourth of the cost. Blocks are read a hundred at a time.
 */
import { CorruptBytes } from '../../../src/core/codec';
import { labelId } from '../../../src/core/candid/label_id';
import { Encoded } from '../../../src/core/candid/output';
import { FEE_COLLECTOR_METHOD, FEE_COLLECTOR_TYPE, OPERATIONS } from '../domain/block_value';

/** Positions of the cases of `Value` on the wire: in the order of their labels' ids. */
const CASES = ['Blob', 'Text', 'Nat', 'Int', 'Array', 'Map'].sort((a, b) => labelId(a) - labelId(b));
const BLOB = CASES.indexOf('Blob');
const TEXT = CASES.indexOf('Text');
const NAT = CASES.indexOf('Nat');
const ARRAY = CASES.indexOf('Array');
const MAP = CASES.indexOf('Map');

/** A short text behind its length. */
function textBytes(text: string): number[] {
    return [text.length, ...new TextEncoder().encode(text)];
}

/** A map's key, and the case of the value that follows. */
function keyOf(key: string, valueCase: number): Uint8Array {
    return Uint8Array.from([...textBytes(key), valueCase]);
}

/** A whole entry whose value is a text. */
function textEntry(key: string, text: string): Uint8Array {
    return Uint8Array.from([...textBytes(key), TEXT, ...textBytes(text)]);
}

const KEY = {
    amt: keyOf('amt', NAT),
    caller: keyOf('caller', BLOB),
    expected_allowance: keyOf('expected_allowance', NAT),
    expires_at: keyOf('expires_at', NAT),
    fee: keyOf('fee', NAT),
    fee_collector: keyOf('fee_collector', ARRAY),
    from: keyOf('from', ARRAY),
    memo: keyOf('memo', BLOB),
    phash: keyOf('phash', BLOB),
    spender: keyOf('spender', ARRAY),
    to: keyOf('to', ARRAY),
    ts: keyOf('ts', NAT),
    tx: keyOf('tx', MAP)
};
const OP = Object.values(OPERATIONS).map((name) => textEntry('op', name));
const BTYPE = textEntry('btype', FEE_COLLECTOR_TYPE);
const MTHD = textEntry('mthd', FEE_COLLECTOR_METHOD);

/** Stored positions of the kinds of transactions (`transactionCodec`). */
const MINT = 0;
const BURN = 1;
const APPROVE = 3;
const FEE_COLLECTOR = 4;

/** No such field: real fields stand behind the block's first byte. */
const ABSENT = 0;

/**
 * The encoding and, behind it, the stored bytes that it is made of: pieces are then moved within one buffer.
 * `end` is where the next piece goes, `at` where the stored bytes are read.
 */
let buffer = new Uint8Array(1024);
let view = new DataView(buffer.buffer);
let end = 0;
let at = 0;

/** The block in its Candid form, as a value for `Value` of idl_blocks.ts. */
export function encodeBlock(stored: Uint8Array, parentHash: Uint8Array | undefined): Encoded {
    load(stored);
    const ts = skip(8);
    const fee = optionalNat();
    skipNat();
    skipNat();
    const kind = byte();
    const isFeeCollector = kind === FEE_COLLECTOR;
    byteOut(MAP);
    byteOut(2 + (isFeeCollector ? 1 : 0) + (fee === ABSENT ? 0 : 1) + (parentHash === undefined ? 0 : 1));
    if (isFeeCollector) raw(BTYPE);
    nat(KEY.fee, fee);
    if (parentHash !== undefined) {
        raw(KEY.phash);
        byteOut(parentHash.length);
        raw(parentHash);
    }
    raw(KEY.ts);
    number(ts);
    raw(KEY.tx);
    if (isFeeCollector) feeCollector();
    else operation(kind);
    return new Encoded(buffer.slice(0, end));
}

function load(stored: Uint8Array): void {
    const from = 512 + 2 * stored.length;
    if (buffer.length < from + stored.length) {
        buffer = new Uint8Array(2 * (from + stored.length));
        view = new DataView(buffer.buffer);
    }
    buffer.set(stored, from);
    at = from;
    end = 0;
}

/** Reads in the order of the stored form, writes in the order of the keys. */
function operation(kind: number): void {
    const op = OP[kind];
    if (op === undefined) throw new CorruptBytes('a kind of transaction', 0);
    const amount = skipNat();
    const memo = byte() === 0 ? ABSENT : skip(4 + view.getUint32(at));
    const created = byte() === 0 ? ABSENT : skip(8);
    const from = kind === MINT ? ABSENT : account();
    const to = kind === BURN || kind === APPROVE ? ABSENT : account();
    const spender = kind === MINT ? ABSENT : kind === APPROVE ? account() : optionalAccount();
    const fee = kind === MINT || kind === BURN ? ABSENT : optionalNat();
    const expected = kind === APPROVE ? optionalNat() : ABSENT;
    const expiry = kind === APPROVE && byte() !== 0 ? skip(8) : ABSENT;
    byteOut(2 + present(memo, created, from, to, spender) + present(fee, expected, expiry, ABSENT, ABSENT));
    nat(KEY.amt, amount);
    nat(KEY.expected_allowance, expected);
    if (expiry !== ABSENT) {
        raw(KEY.expires_at);
        number(expiry);
    }
    nat(KEY.fee, fee);
    accountOut(KEY.from, from);
    if (memo !== ABSENT) {
        raw(KEY.memo);
        blobOut(memo + 4, view.getUint32(memo));
    }
    raw(op);
    accountOut(KEY.spender, spender);
    accountOut(KEY.to, to);
    if (created !== ABSENT) {
        raw(KEY.ts);
        number(created);
    }
}

function feeCollector(): void {
    const caller = skip(1 + view.getUint8(at));
    const collector = optionalAccount();
    const created = skip(8);
    byteOut(collector === ABSENT ? 3 : 4);
    raw(KEY.caller);
    blobOut(caller + 1, view.getUint8(caller));
    accountOut(KEY.fee_collector, collector);
    raw(MTHD);
    raw(KEY.ts);
    number(created);
}

function present(a: number, b: number, c: number, d: number, e: number): number {
    return +(a !== ABSENT) + +(b !== ABSENT) + +(c !== ABSENT) + +(d !== ABSENT) + +(e !== ABSENT);
}

function byte(): number {
    return view.getUint8(at++);
}

/** Passes over stored bytes; answers where they are. */
function skip(length: number): number {
    at += length;
    return at - length;
}

function skipNat(): number {
    return skip(1 + view.getUint8(at));
}

function optionalNat(): number {
    return byte() === 0 ? ABSENT : skipNat();
}

/** An account: length and bytes of the owner, 0 or 1, subaccount. */
function account(): number {
    const flag = at + 1 + view.getUint8(at);
    return skip(flag + 1 - at + (view.getUint8(flag) === 0 ? 0 : 32));
}

function optionalAccount(): number {
    return byte() === 0 ? ABSENT : account();
}

function byteOut(value: number): void {
    buffer[end++] = value;
}

function raw(bytes: Uint8Array): void {
    buffer.set(bytes, end);
    end += bytes.length;
}

function copy(from: number, length: number): void {
    buffer.copyWithin(end, from, from + length);
    end += length;
}

function length(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) byteOut((rest & 0x7f) | 0x80);
    byteOut(rest);
}

function blobOut(from: number, bytes: number): void {
    length(bytes);
    copy(from, bytes);
}

function accountOut(key: Uint8Array, from: number): void {
    if (from === ABSENT) return;
    raw(key);
    const owner = view.getUint8(from);
    const hasSubaccount = view.getUint8(from + 1 + owner) !== 0;
    byteOut(hasSubaccount ? 2 : 1);
    byteOut(BLOB);
    byteOut(owner);
    copy(from + 1, owner);
    if (!hasSubaccount) return;
    byteOut(BLOB);
    byteOut(32);
    copy(from + 2 + owner, 32);
}

/** An entry with a stored natural number: 8 bytes nearly always, any number otherwise. */
function nat(key: Uint8Array, from: number): void {
    if (from === ABSENT) return;
    raw(key);
    const bytes = view.getUint8(from);
    if (bytes === 8) number(from + 1);
    else leb128(bigintAt(from + 1, bytes));
}

function bigintAt(from: number, bytes: number): bigint {
    let value = 0n;
    for (let i = 0; i < bytes; i++) value = (value << 8n) | BigInt(view.getUint8(from + i));
    return value;
}

function leb128(value: bigint): void {
    let rest = value;
    for (; rest > 0x7fn; rest >>= 7n) byteOut(Number(rest & 0x7fn) | 0x80);
    byteOut(Number(rest));
}

/** A stored 64-bit number as LEB128, without BigInt: seven bits of either half at a time. */
function number(from: number): void {
    let high = view.getUint32(from);
    let low = view.getUint32(from + 4);
    while (high !== 0 || low > 0x7f) {
        byteOut((low & 0x7f) | 0x80);
        low = ((low >>> 7) | (high << 25)) >>> 0;
        high >>>= 7;
    }
    byteOut(low);
}
