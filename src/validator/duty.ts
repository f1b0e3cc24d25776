import { errorText } from '../client/error_text';
import type { Clock, Context } from './ports';

/** Something that the agent does again and again. */
export interface Duty {
    readonly name: string;
    run(signal: AbortSignal): Promise<void>;
    /** Wait before the next run. */
    nextMs(): number;
    /** Wait before the first run; absent: none. */
    firstMs?(): number;
}

/** Runs a duty until the signal aborts. A failure is logged and never ends the agent; the next run tries again. */
export async function repeat(
    duty: Duty,
    { clock, log, metrics }: Pick<Context, 'clock' | 'log' | 'metrics'>,
    signal: AbortSignal
): Promise<void> {
    if (duty.firstMs !== undefined) await clock.sleep(duty.firstMs(), signal);
    while (!signal.aborted) {
        try {
            await duty.run(signal);
        } catch (failure) {
            if (signal.aborted) return;
            metrics.countFailure(duty.name);
            log.error({ duty: duty.name, reason: errorText(failure) }, 'duty failed');
        }
        await clock.sleep(duty.nextMs(), signal);
    }
}

/** A uniformly random whole number of milliseconds from an interval, both ends included. */
export function uniformMs(clock: Clock, minMs: number, maxMs: number): number {
    return minMs + Math.floor(clock.random() * (maxMs - minMs + 1));
}

/** Around a period, so that agents started together do not stay in step. */
export function jitteredMs(clock: Clock, periodMs: number): number {
    return uniformMs(clock, Math.round(periodMs * 0.8), Math.round(periodMs * 1.2));
}
