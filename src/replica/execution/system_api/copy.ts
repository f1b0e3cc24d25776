import { contractViolation } from '../traps';
import type { Execution } from './execution';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const lossyUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A view of `bytes[from, from + length)`; a range outside is a contract violation with the replica's text. */
export function subslice(what: string, from: number, length: number, bytes: Uint8Array): Uint8Array {
    if (from + length > bytes.length) {
        throw contractViolation(`${what}: src=${from} + length=${length} exceeds the slice size=${bytes.length}`);
    }
    return bytes.subarray(from, from + length);
}

/** A copy of a heap range; `what` names the System API function. */
export function fromHeap(x: Execution, what: string, from: number, length: number): Uint8Array {
    return subslice(what, from, length, x.heap()).slice();
}

/** Serves `*_copy(dst, offset, size)`; `source` names what is copied, for the error text. */
export function copyToHeap(
    x: Execution,
    name: string,
    source: { readonly what: string; readonly bytes: Uint8Array },
    at: { readonly dst: number; readonly offset: number; readonly size: number }
): void {
    subslice(`ic0.${name} heap`, at.dst, at.size, x.heap());
    const content = subslice(`ic0.${name} ${source.what}`, at.offset, at.size, source.bytes);
    x.writableHeap(at.dst, at.size).set(content);
}

/** Writes a 128-bit value as 16 bytes, little end first. */
export function cyclesToHeap(x: Execution, name: string, amount: bigint, dst: number): void {
    const heap = x.heap();
    if (dst + 16 > heap.length) {
        throw contractViolation(
            `ic0_${name} failed because dst + size is out of bounds.Found dst = ${dst} and size = 16 while must be <= ${heap.length}`
        );
    }
    const target = x.writableHeap(dst, 16);
    const view = new DataView(target.buffer, target.byteOffset, 16);
    view.setBigUint64(0, BigInt.asUintN(64, amount), true);
    view.setBigUint64(8, BigInt.asUintN(64, amount >> 64n), true);
}

/** Joins the halves of a 128-bit parameter. */
export function joinHalves(high: bigint, low: bigint): bigint {
    return (high << 64n) | low;
}

/** Undefined for bytes that are no UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
    try {
        return utf8.decode(bytes);
    } catch {
        return undefined;
    }
}

/** UTF-8; malformed bytes become U+FFFD. */
export function decodeTextLossy(bytes: Uint8Array): string {
    return lossyUtf8.decode(bytes);
}
