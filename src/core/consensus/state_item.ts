import { concatBytes } from '../bytes';
import { ByteReader, ByteWriter } from '../codec';
import { sha256 } from '../hash';
import { DIGEST_BYTES, leafHash } from './merkle';

/** What the validators agree on (S2 §2): stored by position, append and never reorder. */
export const ITEM_KINDS = [
    /** A proof of computing that passed or failed; `ref` is its position among the decided ones. */
    'PocResult',
    /** What a window of the hub dispatched and recorded; `ref` is the window. */
    'TaskDigest',
    /** The trades that a round settled; `ref` is the round. */
    'Trade'
] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** One state bit: what happened is told by 32 bytes that everybody can recompute from the canister that owns it. */
export interface StateItem {
    readonly kind: ItemKind;
    readonly ref: bigint;
    /** SHA-256; 32 bytes. */
    readonly digest: Uint8Array;
}

/** Bytes of an item: kind, ref, digest. */
export const ITEM_BYTES = 1 + 8 + DIGEST_BYTES;

export function itemBytes(item: StateItem): Uint8Array {
    const writer = new ByteWriter();
    writer.u8(ITEM_KINDS.indexOf(item.kind));
    writer.u64(item.ref);
    writer.raw(item.digest);
    return writer.finish();
}

/** Reads what {@link itemBytes} wrote. */
export function itemFrom(bytes: Uint8Array): StateItem {
    const reader = new ByteReader(bytes);
    const kind = ITEM_KINDS[reader.u8()] ?? 'PocResult';
    return { kind, ref: reader.u64(), digest: reader.raw(DIGEST_BYTES) };
}

/** Leaf of an item in its state's tree. */
export function itemLeaf(item: StateItem): Uint8Array {
    return leafHash(itemBytes(item));
}

const domain = (name: string): Uint8Array => new TextEncoder().encode(name);
const POC_RESULT = domain('emc-poc-result');
const WINDOW = domain('emc-window');
const TRADES = domain('emc-trades');

/** A decided proof of computing. */
export interface PocOutcome {
    readonly id: bigint;
    /** Principal of the node. */
    readonly node: Uint8Array;
    readonly passed: boolean;
    /** E × 10^8; 0 when it failed. */
    readonly eValueE8: bigint;
    readonly finalAtNs: bigint;
}

/** Digest of a `PocResult`. */
export function pocDigest(outcome: PocOutcome): Uint8Array {
    const writer = new ByteWriter();
    writer.u64(outcome.id);
    writer.bytes(outcome.node);
    writer.u8(outcome.passed ? 1 : 0);
    writer.u64(outcome.eValueE8);
    writer.u64(outcome.finalAtNs);
    return sha256(concatBytes(POC_RESULT, writer.finish()));
}

/** What a closed window of the hub counts. */
export interface WindowCounts {
    readonly window: bigint;
    readonly records: bigint;
    readonly successes: bigint;
    readonly credits: bigint;
}

/** Digest of a `TaskDigest`. */
export function windowDigest(counts: WindowCounts): Uint8Array {
    const writer = new ByteWriter();
    writer.u64(counts.window);
    writer.u64(counts.records);
    writer.u64(counts.successes);
    writer.u64(counts.credits);
    return sha256(concatBytes(WINDOW, writer.finish()));
}

/** The trades of a settled round. */
export interface TradesSettled {
    readonly round: bigint;
    readonly volumeE8s: bigint;
    /** What the hub settled by: covers weights and trades. */
    readonly sourceHash: Uint8Array;
}

/** Digest of a `Trade`. */
export function tradesDigest(trades: TradesSettled): Uint8Array {
    const writer = new ByteWriter();
    writer.u64(trades.round);
    writer.u64(trades.volumeE8s);
    writer.raw(trades.sourceHash);
    return sha256(concatBytes(TRADES, writer.finish()));
}
