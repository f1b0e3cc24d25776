import { Histogram, type Registry } from 'prom-client';

/** Hears of each call: how long it took, and whether it was answered at all. */
export type CallObserver = (method: string, seconds: number, isAnswered: boolean) => void;

/** The same port, each of whose calls is observed. Every method of a port answers with a promise. */
export function measured<T extends object>(port: T, observe: CallObserver): T {
    return new Proxy(port, {
        get(target, name, receiver) {
            const member: unknown = Reflect.get(target, name, receiver);
            if (typeof member !== 'function') return member;
            return (...args: unknown[]) => timed(String(name), () => Reflect.apply(member, target, args), observe);
        }
    });
}

async function timed(method: string, call: () => unknown, observe: CallObserver): Promise<unknown> {
    const startedAtMs = performance.now();
    let isAnswered = false;
    try {
        const answer = await call();
        isAnswered = true;
        return answer;
    } finally {
        observe(method, (performance.now() - startedAtMs) / 1_000, isAnswered);
    }
}

/** Canister calls of an agent, by what they ask; names are those of its ports, a closed list. */
export function callHistogram(registry: Registry): CallObserver {
    const calls = new Histogram({
        name: 'emc_canister_call_seconds',
        help: 'Time of calls to canisters, by method and whether there was an answer',
        labelNames: ['method', 'outcome'],
        buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30],
        registers: [registry]
    });
    return (method, seconds, isAnswered) =>
        calls.observe({ method, outcome: isAnswered ? 'answered' : 'failed' }, seconds);
}
