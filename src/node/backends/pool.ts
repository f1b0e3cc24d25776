import type { Result } from '../../core/result';
import type { Backend, BackendResult, Failure, Task } from '../ports';

/** Several servers of one model as one backend: the one with the most room runs, the next one when it fails at once. */
export function poolOf(backends: readonly [Backend, ...Backend[]]): Backend {
    const [first] = backends;
    if (backends.length === 1) return first;
    return {
        name: `pool of ${first.name}`,
        modelHash: first.modelHash,
        async room() {
            const rooms = await Promise.all(backends.map((backend) => backend.room()));
            return rooms.reduce((sum, room) => sum + room, 0);
        },
        loads: () => backends.flatMap((backend) => backend.loads?.() ?? []),
        run: (task, signal) => runOn(backends, task, signal)
    };
}

/** Once text has left, another server's text would not fit to it: then the failure stands. */
async function runOn(
    backends: readonly [Backend, ...Backend[]],
    task: Task,
    signal: AbortSignal
): Promise<Result<BackendResult, Failure>> {
    let hasSpoken = false;
    const heard: Task = {
        ...task,
        onText(text) {
            hasSpoken = true;
            task.onText?.(text);
        }
    };
    const [first, ...others] = await byRoom(backends);
    let result = await (first ?? backends[0]).run(heard, signal);
    for (const backend of others) {
        if (result.ok || !result.error.retryable || hasSpoken || signal.aborted) break;
        result = await backend.run(heard, signal);
    }
    return result;
}

async function byRoom(backends: readonly Backend[]): Promise<readonly Backend[]> {
    const rooms = await Promise.all(backends.map(async (backend) => ({ backend, room: await backend.room() })));
    return rooms.sort((a, b) => b.room - a.room).map(({ backend }) => backend);
}
