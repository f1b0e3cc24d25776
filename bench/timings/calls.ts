import { Actor } from '@dfinity/agent';
import { once, type Benchmark } from '../lib/benchmark';
import { checkCertificate, checkReplies } from '../lib/check_answers';
import { emptyInterface, NO_ARGUMENTS } from '../lib/empty_canister';
import { withEmptyCanister, type EmptyOnReplica } from '../lib/empty_on_replica';
import { LeanClient, type Drive } from '../lib/lean_client';
import { Signer, type SignedRequest } from '../lib/signed_requests';
import { quantile } from '../lib/statistics';

const RUNS = 5;
const MILLISECONDS = 1_000;

/** What one run sends, after one that warms the server up. */
interface Load {
    readonly connections: number;
    readonly requests: number;
    readonly sign: (signer: Signer, deployed: EmptyOnReplica, count: number) => readonly SignedRequest[];
    readonly check: (deployed: EmptyOnReplica, requests: readonly SignedRequest[], drive: Drive) => Promise<void>;
}

type Sign = Load['sign'];

const updates: Pick<Load, 'sign' | 'check'> = {
    sign: (signer, { canister }, count) =>
        signer.updates({ canister, method: 'update_nothing', argument: NO_ARGUMENTS }, count),
    check: async ({ agent, canister }, requests, { answers }) => {
        checkReplies(answers);
        await checkCertificate(agent, canister, requests.at(-1), answers.at(-1));
    }
};

const signQueries: Sign = (signer, { canister }, count) =>
    signer.queries({ canister, method: 'query_nothing', argument: NO_ARGUMENTS }, count);

/** Drives the load several times against one server. */
async function driveRuns({ connections, requests, sign, check }: Load): Promise<readonly Drive[]> {
    return withEmptyCanister(async (deployed) => {
        const signer = new Signer();
        const client = new LeanClient(deployed.url, connections);
        try {
            await client.drive(sign(signer, deployed, requests));
            const drives: Drive[] = [];
            while (drives.length < RUNS) {
                const signed = sign(signer, deployed, requests);
                const drive = await client.drive(signed);
                await check(deployed, signed, drive);
                drives.push(drive);
            }
            return drives;
        } finally {
            client.close();
        }
    });
}

const perSecond = ({ answers, elapsedMs }: Drive): number => (answers.length * MILLISECONDS) / elapsedMs;

const sequentialUpdates = once(() => driveRuns({ connections: 1, requests: 250, ...updates }));

async function agentRuns(): Promise<readonly number[]> {
    return withEmptyCanister(async ({ agent, canister }) => {
        const actor = Actor.createActor(emptyInterface, { agent, canisterId: canister });
        const latenciesMs: number[] = [];
        for (let call = 0; call < 60; call += 1) {
            const startedAt = performance.now();
            await actor.update_nothing?.();
            latenciesMs.push(performance.now() - startedAt);
        }
        return latenciesMs.slice(10);
    });
}

export const callBenchmarks: readonly Benchmark[] = [
    {
        name: 'update_call_p50',
        unit: 'ms',
        description:
            'Median time of 250 signed update calls (v3, answered with a certificate) one after the other on one connection. Signed in advance; certificates are checked afterwards: the server alone.',
        runs: async () => (await sequentialUpdates()).map(({ latenciesMs }) => quantile(latenciesMs, 0.5))
    },
    {
        name: 'update_call_p99',
        unit: 'ms',
        description: 'The 99th percentile of the same calls.',
        runs: async () => (await sequentialUpdates()).map(({ latenciesMs }) => quantile(latenciesMs, 0.99))
    },
    {
        name: 'update_call_agent',
        unit: 'ms',
        description: 'The same call by @dfinity/agent, which signs it and verifies the certificate within the time.',
        runs: agentRuns
    },
    {
        name: 'updates_per_second',
        unit: 'calls/s',
        description: 'Signed update calls answered with certificates, 64 at a time, signed in advance.',
        runs: async () => (await driveRuns({ connections: 64, requests: 1_500, ...updates })).map(perSecond)
    },
    {
        name: 'queries_per_second',
        unit: 'calls/s',
        description: 'Signed queries answered with signatures of the node, 32 at a time, signed in advance.',
        runs: async () => {
            const check: Load['check'] = async (_deployed, _requests, { answers }) => checkReplies(answers);
            const drives = await driveRuns({ connections: 32, requests: 4_000, sign: signQueries, check });
            return drives.map(perSecond);
        }
    }
];
