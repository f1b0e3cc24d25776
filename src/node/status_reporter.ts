import { errorText } from '../client/error_text';
import { sleep } from '../client/wait';
import type { Log, NodeStatus, Registry } from './ports';

/** Reports that the node is there, at once and then at every interval. */
export async function reportStatus(
    registry: Registry,
    status: () => NodeStatus,
    intervalMs: number,
    log: Log,
    signal: AbortSignal
): Promise<void> {
    while (!signal.aborted) {
        try {
            const reported = await registry.reportStatus(status());
            if (!reported.ok) log.warn({ code: reported.error.code }, 'status_refused');
        } catch (failure) {
            log.warn({ error: errorText(failure) }, 'status_failed');
        }
        await sleep(intervalMs, signal);
    }
}
