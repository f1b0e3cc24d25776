import { concatBytes } from '../../../src/core/bytes';
import { NS_PER_S } from '../../../src/core/clock';
import { u64Key } from '../../../src/core/codec';
import { err, ok, type Result } from '../../../src/core/result';
import type { Agenda } from './agenda';
import type { WindowRefusal } from './errors';

/** How long a transaction is remembered (ICRC-1 `TX_WINDOW`). */
export const TX_WINDOW_NS = 24n * 3_600n * NS_PER_S;

/** How far ahead of the ledger's clock a caller's may run (ICRC-1 `PERMITTED_DRIFT`). */
export const PERMITTED_DRIFT_NS = 60n * NS_PER_S;

/** Transactions that are remembered at most; the official ledger's bound. */
export const WINDOW_CAPACITY = 3_000_000;

/** Where a transaction is remembered: undefined when its caller asked for no deduplication. */
export type WindowSlot = Uint8Array | undefined;

/** The deduplication window: block index by (time of creation, transaction). */
export class TransactionWindow {
    constructor(
        private readonly recent: Agenda<bigint>,
        private readonly capacity = WINDOW_CAPACITY
    ) {}

    /** Checks the time of creation and looks for the same transaction (T6). Bounds are inclusive on both sides. */
    admit(transaction: Uint8Array, createdAtNs: bigint | undefined, nowNs: bigint): Result<WindowSlot, WindowRefusal> {
        if (createdAtNs === undefined) return ok(undefined);
        if (createdAtNs + TX_WINDOW_NS < nowNs) return err({ kind: 'too_old' });
        if (createdAtNs > nowNs + PERMITTED_DRIFT_NS) return err({ kind: 'created_in_future', ledgerTimeNs: nowNs });
        const slot = concatBytes(u64Key.encode(createdAtNs), transaction);
        const duplicateOf = this.recent.get(slot);
        if (duplicateOf !== undefined) return err({ kind: 'duplicate', duplicateOf });
        if (this.recent.size() >= this.capacity) return err({ kind: 'temporarily_unavailable' });
        return ok(slot);
    }

    remember(slot: WindowSlot, block: bigint): void {
        if (slot !== undefined) this.recent.add(slot, block);
    }

    /** Forgets up to `limit` transactions that would be refused as too old by now. */
    purge(nowNs: bigint, limit: number): void {
        this.recent.removeBefore(nowNs - TX_WINDOW_NS, limit);
    }

    size(): number {
        return this.recent.size();
    }
}
