import { sleep } from '../../src/client/wait';
import { once, type Benchmark } from '../lib/benchmark';
import { ChatLoad, type ChatRun } from '../lib/chat_load';
import { openShop } from '../lib/shop';
import { quantile } from '../lib/statistics';

const CONNECTIONS = 32;
const RUNS = 5;
const CHATS = 2_000;
/** Offered when latency is measured: far from what saturates the machine, where a closed loop would show only its queues. */
const CHATS_PER_SECOND = 200;
const SESSION_TRIES = 100;
const MILLISECONDS = 1_000;

/** The gateway serves no session, so its path cannot be measured. */
class NoSession extends Error {
    constructor() {
        super('no session was opened');
        this.name = 'NoSession';
    }
}

interface Pair {
    readonly direct: ChatRun;
    readonly through: ChatRun;
    /** Through gateway and session, as fast as it goes. */
    readonly saturated: ChatRun;
}

/** The same rate of chats to the AI server alone and through gateway and session, in turns, so that both see the same machine. */
const pairs = once(async (): Promise<readonly Pair[]> => {
    const shop = await openShop();
    const direct = new ChatLoad(shop.backend, CONNECTIONS);
    const through = new ChatLoad(shop.gateway, CONNECTIONS);
    try {
        await untilSession(through);
        await Promise.all([direct.run(CHATS), through.run(CHATS)]);
        const measured: Pair[] = [];
        while (measured.length < RUNS) {
            measured.push({
                direct: await direct.runAt(CHATS_PER_SECOND, CHATS),
                through: await through.runAt(CHATS_PER_SECOND, CHATS),
                saturated: await through.run(CHATS)
            });
        }
        if (!(await isOnSession(through))) throw new NoSession();
        return measured;
    } finally {
        direct.close();
        through.close();
        await shop.close();
    }
});

async function isOnSession(load: ChatLoad): Promise<boolean> {
    return (await load.ask())['x-emc-session-id'] !== undefined;
}

async function untilSession(load: ChatLoad): Promise<void> {
    for (let tries = 0; tries < SESSION_TRIES; tries++) {
        if (await isOnSession(load)) return;
        await sleep(200);
    }
    throw new NoSession();
}

const added = (q: number) => async (): Promise<readonly number[]> =>
    (await pairs()).map(({ direct, through }) => quantile(through.latenciesMs, q) - quantile(direct.latenciesMs, q));

export const gatewayBenchmarks: readonly Benchmark[] = [
    {
        name: 'gateway_p50',
        unit: 'ms',
        description:
            'Added by gateway, session line and node at the median: 2 000 chats with 1 KiB prompts on 32 connections at 200 per second (an open loop; latency from the time at which a chat is due), all processes on one machine, less the same load on the AI server alone.',
        runs: added(0.5)
    },
    { name: 'gateway_p99', unit: 'ms', description: 'The same at the 99th percentile.', runs: added(0.99) },
    {
        name: 'gateway_rps',
        unit: 'calls/s',
        description:
            'Chats per second through the gateway when each of the 32 connections sends again as soon as it has its answer.',
        runs: async () => (await pairs()).map(({ saturated }) => (CHATS * MILLISECONDS) / saturated.elapsedMs)
    },
    {
        name: 'gateway_p50_saturated',
        unit: 'ms',
        description: 'Median latency of that load, its queues on the busy machine included.',
        runs: async () => (await pairs()).map(({ saturated }) => quantile(saturated.latenciesMs, 0.5))
    }
];
