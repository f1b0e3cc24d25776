/** `debug_print` and `trap`. */
import { calledTrap } from '../traps';
import { TRANSMISSION_FACTOR } from './charges';
import { decodeTextLossy } from './copy';
import type { Execution } from './execution';
import { group } from './handlers';

const MAX_TRAP_TEXT_BYTES = 32 * 1024;
/** Capacity of the canister log: what is printed beyond it is not sent. */
const LOG_CAPACITY_BYTES = 4_096;

/** A heap range, or the replica's replacement text: printing never traps. */
function textOrNotice(x: Execution, src: number, size: number, notice: string): Uint8Array {
    const heap = x.heap();
    if (src + size > heap.length) return new TextEncoder().encode(notice);
    return heap.slice(src, src + size);
}

/** Storing a record costs twice its bytes, sending it `TRANSMISSION_FACTOR` times those that still fit. */
function chargeLog(x: Execution, size: number): void {
    const allocated = BigInt(Math.min(size, LOG_CAPACITY_BYTES));
    const transmitted = BigInt(Math.min(size, Math.max(0, LOG_CAPACITY_BYTES - x.logs.totalBytes)));
    x.charge(2n * allocated + TRANSMISSION_FACTOR * transmitted);
}

/** `debug_print` and `trap`. */
export const debugApi = group({
    debug_print: (x, src, size) => {
        chargeLog(x, size);
        x.logs.append(textOrNotice(x, src, size, '(debug_print message out of memory bounds)'));
    },
    trap: (x, src, size) => {
        chargeLog(x, size);
        const text = textOrNotice(x, src, Math.min(size, MAX_TRAP_TEXT_BYTES), '(trap message out of memory bounds)');
        throw calledTrap(decodeTextLossy(text));
    }
});
