import type { _SERVICE as Gateway } from '../../src/declarations/compute_gateway';
import { accepted } from '../lib/answers';
import { once, type Benchmark } from '../lib/benchmark';
import type { LocalActor } from '../lib/local_network';
import type { LocalSuite } from '../lib/local_suite';
import { APP, MODEL_HASH, NODE, openMarket, USER } from '../lib/market';
import { repeat } from '../lib/repeat';

type Job = Parameters<LocalActor<Gateway>['submit_job']>[0];
type Lease = ReturnType<typeof claim>;

/** A job was submitted, but none could be claimed. */
class QueueEmpty extends Error {
    constructor() {
        super('no job could be claimed');
        this.name = 'QueueEmpty';
    }
}

const market = once(openMarket);
const INPUT_BYTES = 1_024;
const OUTPUT_BYTES = 1_536;
/** Request ids that no job will reach. */
const FIRST_REQUEST = 1_000_000_000n;

const JOB: Job = {
    app_id: APP,
    input: new Uint8Array(INPUT_BYTES).fill(0x61),
    max_credits: 10n,
    payer: { Caller: null },
    idempotency_key: [],
    ttl_s: [],
    priority: [],
    session_key: [],
    ack_hash: []
};

function submit(suite: LocalSuite): void {
    accepted(suite.as('compute_gateway', USER).submit_job(JOB));
}

function claim(suite: LocalSuite) {
    const [lease] = accepted(suite.as('compute_gateway', NODE).claim_jobs({ max: 1, apps: [] }));
    if (lease === undefined) throw new QueueEmpty();
    return lease;
}

function extend(suite: LocalSuite, { job_id, token }: Lease): void {
    const { extended } = suite.as('compute_gateway', NODE).heartbeat([{ job_id, token, units: [] }]);
    if (extended.length !== 1) throw new QueueEmpty();
}

function complete(suite: LocalSuite, { job_id, attempt, token }: Lease): void {
    const absent = { output_hash: [] as [], details: [] as [], ack: [] as [] };
    const result = { output: new Uint8Array(OUTPUT_BYTES), units: 1n, model_hash: MODEL_HASH, ...absent };
    accepted(suite.as('compute_gateway', NODE).complete_job({ job_id, attempt, token, ...result }));
}

/** Instructions of each step of a job, one job after the other. */
const jobs = once(async () => {
    const suite = await market();
    return repeat(() => {
        const submitted = suite.instructionsOf(() => submit(suite));
        const { instructions: claimed, value: lease } = suite.network.measure(() => claim(suite));
        const extended = suite.instructionsOf(() => extend(suite, lease));
        return { submitted, claimed, extended, completed: suite.instructionsOf(() => complete(suite, lease)) };
    });
});

/** Instructions of the hub's part alone, called in the gateway's name. */
const requests = once(async () => {
    const suite = await market();
    const hub = suite.as('hub', suite.ids.compute_gateway);
    return repeat((run) => {
        const request_id = FIRST_REQUEST + BigInt(run);
        const order = { request_id, payer: { Principal: USER }, app_id: APP, max_credits: 10n };
        const opened = suite.instructionsOf(() => accepted(hub.c2c_open_request(order)));
        const result = {
            request_id,
            node: [NODE] as [typeof NODE],
            credits_used: 10n,
            receipt_hash: [new Uint8Array(32).fill(run + 1)] as [Uint8Array]
        };
        const closing = () => accepted(hub.c2c_record_result({ ...result, status: { Success: null } }));
        return { opened, recorded: suite.instructionsOf(closing) };
    });
});

const unit = 'instructions';

export const marketBenchmarks: readonly Benchmark[] = [
    {
        name: 'submit_job',
        unit,
        description: `compute_gateway.submit_job of ${INPUT_BYTES} bytes, the hub's hold of the credits included.`,
        runs: async () => (await jobs()).map(({ submitted }) => submitted)
    },
    {
        name: 'claim_job',
        unit,
        description: 'compute_gateway.claim_jobs that leases one job.',
        runs: async () => (await jobs()).map(({ claimed }) => claimed)
    },
    {
        name: 'heartbeat_job',
        unit,
        description: 'compute_gateway.heartbeat of one lease.',
        runs: async () => (await jobs()).map(({ extended }) => extended)
    },
    {
        name: 'complete_job',
        unit,
        description: `compute_gateway.complete_job with an output of ${OUTPUT_BYTES} bytes, the hub's record of it included.`,
        runs: async () => (await jobs()).map(({ completed }) => completed)
    },
    {
        name: 'open_request',
        unit,
        description: 'hub.c2c_open_request alone: the hold of a job.',
        runs: async () => (await requests()).map(({ opened }) => opened)
    },
    {
        name: 'record_result',
        unit,
        description: 'hub.c2c_record_result alone: the record and the capture of a job.',
        runs: async () => (await requests()).map(({ recorded }) => recorded)
    }
];
