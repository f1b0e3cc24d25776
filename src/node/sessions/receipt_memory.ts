import type { KeptReceipt, ReceiptStore } from './ports';

/** Receipts in memory: the end of the process takes them along. */
export class ReceiptMemory implements ReceiptStore {
    private readonly kept = new Map<bigint, KeptReceipt>();

    all(): readonly KeptReceipt[] {
        return [...this.kept.values()];
    }

    get(sessionId: bigint): KeptReceipt | undefined {
        return this.kept.get(sessionId);
    }

    keep(kept: KeptReceipt): void {
        this.kept.set(kept.receipt.sessionId, kept);
    }

    forget(sessionId: bigint): void {
        this.kept.delete(sessionId);
    }
}
