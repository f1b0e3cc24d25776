import { roundAt, roundEndNs, type ClockParams } from '../../../src/core/clock';
import { err, ok, type Result } from '../../../src/core/result';
import type { Cell } from '../../../src/core/table';
import type { ErrorOf } from './errors';

/** What the hub learnt from rewards: its windows are the rounds of that clock. */
export interface HubClock extends ClockParams {
    /** The round that rewards expected when the hub first asked: earlier ones belong to an earlier hub. */
    readonly firstWindow: bigint;
}

export interface CalendarTables {
    readonly clock: Cell<HubClock | undefined>;
}

/** The stored calendar; undefined until rewards has told it. */
export class Calendar {
    constructor(private readonly tables: CalendarTables) {}

    /** Takes the clock over once; a later answer changes nothing, because windows were counted by the first. */
    adopt(clock: HubClock): void {
        if (this.tables.clock.get() === undefined) this.tables.clock.set(clock);
    }

    get(): HubClock | undefined {
        return this.tables.clock.get();
    }

    require(): Result<HubClock, ErrorOf<'TemporarilyUnavailable'>> {
        const clock = this.tables.clock.get();
        return clock === undefined
            ? err({ kind: 'TemporarilyUnavailable', detail: 'the round clock is not known yet' })
            : ok(clock);
    }
}

/** Window in which something recorded at this instant counts (AS-72): [start, end), the start belongs to it. */
export function windowAt(clock: HubClock, atNs: bigint): bigint {
    const window = roundAt(clock, atNs);
    return window < clock.firstWindow ? clock.firstWindow : window;
}

/** First instant after a window. */
export function windowEndNs(clock: HubClock, window: bigint): bigint {
    return roundEndNs(clock, window);
}
