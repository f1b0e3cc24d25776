import { Gauge, type Registry } from 'prom-client';
import { within } from '../client/wait';
import { Cached } from './cached';

/** What operators want to know of the canisters behind a gateway. Every method throws `PortUnavailable` when it cannot be asked. */
export interface NetworkPort {
    /** Cycles by canister. */
    cycles(): Promise<Readonly<Record<string, bigint>>>;
    /** When the first window that is not settled ends, or has ended; milliseconds since 1970. */
    unsettledSinceMs(): Promise<number | undefined>;
}

const BELIEVED_MS = 30_000;
/** A scrape does not wait longer for a network that does not answer. */
const PATIENCE_MS = 2_000;

/** Gauges of the canisters, asked when somebody looks and at most every half minute; the last answer stands meanwhile. */
export function watchNetwork(registry: Registry, port: NetworkPort, nowMs: () => number = Date.now): void {
    const registers = [registry];
    const cycles = new Cached<Readonly<Record<string, bigint>>>(BELIEVED_MS, 1);
    const unsettled = new Cached<number | undefined>(BELIEVED_MS, 1);
    new Gauge({
        name: 'emc_canister_cycles',
        help: 'Cycles of the canisters that this gateway stands on',
        labelNames: ['canister'],
        registers,
        async collect() {
            const known = await answered(cycles.get('', () => port.cycles()));
            for (const [canister, value] of Object.entries(known ?? {})) this.set({ canister }, Number(value));
        }
    });
    new Gauge({
        name: 'emc_settlement_lag_seconds',
        help: 'How long the first window that is not settled has been over; 0 while it runs',
        registers,
        async collect() {
            const endsMs = await answered(unsettled.get('', () => port.unsettledSinceMs()));
            if (endsMs !== undefined) this.set(Math.max(0, (nowMs() - endsMs) / 1_000));
        }
    });
}

function answered<T>(answer: Promise<T>): Promise<T | undefined> {
    return within(
        PATIENCE_MS,
        answer.catch(() => undefined)
    );
}
