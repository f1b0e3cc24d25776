import { PortUnavailable } from '../../client/asked';
import type { JournalEntry } from './entries';

/** Where a ledger writes its entries; each is applied to every ledger as it is written. */
export interface JournalWriter {
    /** Resolves when the entry is on the disk. */
    write(entry: JournalEntry): Promise<void>;
    /** The same for what may be forgotten in a crash. */
    writeSoon(entry: JournalEntry): void;
    nowMs(): number;
}

/** One kind of what the gateway owes the canister. */
export interface Ledger {
    /** Messages that the canister has not answered. */
    readonly depth: number;
    /** When the oldest of them was owed; undefined without any. */
    readonly oldestMs: number | undefined;
    apply(entry: JournalEntry): void;
    /** All entries of an earlier process were applied: what that one can do no more is owed now. */
    takeOver(): void;
    /** The fewest entries that say the same. */
    state(): readonly JournalEntry[];
    /** Sends what is owed. Whether everything could be sent. */
    sendAll(): Promise<boolean>;
}

/** Whether the canister could be asked. */
export async function reached(call: () => Promise<void>): Promise<boolean> {
    try {
        await call();
        return true;
    } catch (failure) {
        if (!(failure instanceof PortUnavailable)) throw failure;
        return false;
    }
}
