import type { SlashOutcome, SlashRecord } from './duty_records';
import type { StateTables } from './records';

/** A deduction with its number, by which rewards tells repetitions. */
export interface KnownSlash extends SlashRecord {
    /** By which rewards tells a repetition. */
    readonly id: bigint;
}

/** Ids that a search for undelivered decisions looks at, for each that it wants. */
const LOOKED_AT = 4;

/**
 * Deductions that were decided here. Decision and queue are written in one message, and rewards executes a case once, so a
 * deduction is neither lost nor repeated, across upgrades too.
 */
export class Slashes {
    constructor(private readonly tables: StateTables) {}

    count(): bigint {
        return this.tables.slashes.length();
    }

    pending(): number {
        return this.tables.slashOutbox.size();
    }

    find(id: bigint): KnownSlash | undefined {
        const record = this.tables.slashes.get(id);
        return record && { ...record, id };
    }

    decide(decision: Pick<SlashRecord, 'node' | 'reason' | 'windows' | 'all'>, nowNs: bigint): bigint {
        const id = this.tables.slashes.append({ ...decision, decidedNs: nowNs, outcome: undefined });
        this.tables.slashOutbox.set(id, true);
        return id;
    }

    /** The oldest decision that rewards has not executed. */
    next(): KnownSlash | undefined {
        const [oldest] = this.batch(1);
        return oldest;
    }

    /** The oldest decisions that rewards has not executed, at most so many. */
    batch(limit: number): readonly KnownSlash[] {
        const first = this.tables.slashOutbox.firstKey();
        if (first === undefined) return [];
        const found: KnownSlash[] = [];
        // Decisions are executed nearly in their order, so that few ids here have been settled.
        const end = first + BigInt(LOOKED_AT * limit);
        for (let id = first; id < end && id < this.count() && found.length < limit; id++) {
            const decision = this.tables.slashOutbox.has(id) ? this.find(id) : undefined;
            if (decision !== undefined) found.push(decision);
        }
        return found;
    }

    /** Takes over what rewards answered; an answer that came twice changes nothing. */
    settle(id: bigint, outcome: SlashOutcome): void {
        const record = this.tables.slashes.get(id);
        if (record === undefined || !this.tables.slashOutbox.has(id)) return;
        this.tables.slashOutbox.delete(id);
        this.tables.slashes.replace(id, { ...record, outcome });
    }
}
