/** What the hub executes for a call: its reservation, and its record. */
import type { _SERVICE as Hub } from '../../src/declarations/hub';
import { u64Key } from '../../src/core/codec';
import { receiptBody } from '../../src/core/compute/receipt';
import { sha256 } from '../../src/core/hash';
import { accepted } from '../lib/answers';
import { once, type Benchmark } from '../lib/benchmark';
import { EmptyCalls } from '../lib/empty_calls';
import type { LocalActor } from '../lib/local_network';
import type { LocalSuite } from '../lib/local_suite';
import { APP, NODE, openMarket, USER } from '../lib/market';
import { repeat } from '../lib/repeat';

type Opening = Parameters<LocalActor<Hub>['c2c_open_request']>[0];
type Recording = Parameters<LocalActor<Hub>['c2c_record_result']>[0];

/** Request ids that no job will reach. */
const FIRST_REQUEST = 1_000_000_000n;
/** Requests that the hub has recorded before: its trees grow for good. */
const RECORDED = 10_000;
/** What the gateway canister tells of together. */
const TOGETHER = 8;

const EMPTY = {
    canister: 'hub',
    types: 'api/idl_requests',
    names: ['OpenRequestArgs', 'RecordResultArgs'],
    operations: { c2c_open_request: 'OpenRequestArgs', c2c_record_result: 'RecordResultArgs' }
} as const;
type Operation = keyof typeof EMPTY.operations;

let made = 0;

function opening(): Opening {
    made += 1;
    return { request_id: FIRST_REQUEST + BigInt(made), payer: { Principal: USER }, app_id: APP, max_credits: 10n };
}

const recordingOf = ({ request_id }: Opening): Recording => ({
    request_id,
    node: [NODE],
    status: { Success: null },
    credits_used: 10n,
    receipt_hash: [],
    receipt: [receiptBody({ attempt: 1, units: 1n, outputHash: sha256(u64Key.encode(request_id)) })]
});

/** The hub in the gateway canister's eyes. */
const hubOf = (suite: LocalSuite) => suite.as('hub', suite.ids.compute_gateway);

function record(suite: LocalSuite, openings: readonly Opening[]): void {
    for (const answer of hubOf(suite).c2c_record_results(openings.map(recordingOf))) accepted(answer);
}

/** A market whose hub has recorded many requests. */
const market = once(async () => {
    const suite = await openMarket();
    const hub = hubOf(suite);
    while (made < RECORDED) {
        const openings = Array.from({ length: TOGETHER }, opening);
        for (const one of openings) accepted(hub.c2c_open_request(one));
        record(suite, openings);
    }
    return suite;
});

function own(suite: LocalSuite, action: () => unknown): number {
    return suite.network.measureIn(suite.ids.hub, action).own;
}

/** Instructions of the hub's part alone, called in the gateway's name. */
const requests = once(async () => {
    const suite = await market();
    const hub = hubOf(suite);
    return repeat(() => {
        const one = opening();
        return {
            opened: own(suite, () => accepted(hub.c2c_open_request(one))),
            recorded: own(suite, () => accepted(hub.c2c_record_result(recordingOf(one))))
        };
    });
});

const batches = once(async () => {
    const suite = await market();
    return repeat(() => {
        const openings = Array.from({ length: TOGETHER }, opening);
        for (const one of openings) accepted(hubOf(suite).c2c_open_request(one));
        return Math.round(own(suite, () => record(suite, openings)) / TOGETHER);
    });
});

const emptyHub = once(() => EmptyCalls.open<Operation>(EMPTY));

/** Measured whole, without what an empty call with the same argument costs. */
async function over(operation: Operation, whole: readonly number[], argument: unknown): Promise<readonly number[]> {
    const { ids } = await market();
    const empty = (await emptyHub()).costOf(operation, argument, ids.compute_gateway);
    return whole.map((cost) => cost - empty);
}

const unit = 'instructions';
const CONTEXT = `with ${RECORDED} requests recorded`;
const OVER = `over an empty call, ${CONTEXT}: all that the hub executes, stable memory included, less an update of the hub that reads the same argument, does nothing and answers null`;

const opened = async (): Promise<readonly number[]> => (await requests()).map((run) => run.opened);
const recorded = async (): Promise<readonly number[]> => (await requests()).map((run) => run.recorded);

export const marketBenchmarks: readonly Benchmark[] = [
    {
        name: 'open_request',
        unit,
        description: `hub.c2c_open_request, the hold of a job, ${OVER}.`,
        runs: async () => over('c2c_open_request', await opened(), opening())
    },
    {
        name: 'open_request_whole',
        unit,
        description: `hub.c2c_open_request, the empty call included, ${CONTEXT}.`,
        runs: opened
    },
    {
        name: 'record_result',
        unit,
        description: `hub.c2c_record_result, the record and the capture of a job, ${OVER}.`,
        runs: async () => over('c2c_record_result', await recorded(), recordingOf(opening()))
    },
    {
        name: 'record_result_whole',
        unit,
        description: `hub.c2c_record_result, the empty call included, ${CONTEXT}.`,
        runs: recorded
    },
    {
        name: `record_result_of_${TOGETHER}`,
        unit,
        description: `hub.c2c_record_results of ${TOGETHER} results, per result, the empty call included, ${CONTEXT}.`,
        runs: batches
    }
];
