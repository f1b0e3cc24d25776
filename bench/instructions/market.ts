import type { _SERVICE as Gateway } from '../../src/declarations/compute_gateway';
import { sha256 } from '../../src/core/hash';
import { accepted } from '../lib/answers';
import { once, type Benchmark } from '../lib/benchmark';
import { principalNamed, type LocalActor } from '../lib/local_network';
import type { LocalSuite } from '../lib/local_suite';
import { APP, buyCredits, MODEL_HASH, NODE, openMarket, USER } from '../lib/market';
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
/** Jobs that wait while the steps of others are measured. */
const QUEUED = 10_000;
const JOBS_PER_PAYER = 100;
/** What one claim grants at most. */
const CLAIMED = 8;
const OUTPUT = new Uint8Array(OUTPUT_BYTES);
const OUTPUT_HASH = sha256(OUTPUT);
const RESULT = { units: 1n, model_hash: MODEL_HASH, details: [] as [], ack: [] as [] };
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
    const result = { ...RESULT, output: OUTPUT, output_hash: [OUTPUT_HASH] as [Uint8Array] };
    accepted(suite.as('compute_gateway', NODE).complete_job({ job_id, attempt, token, ...result }));
}

/** Fills the queue of the app, a hundred jobs of each of a hundred payers: a job of theirs is claimed before the next one. */
function fillQueue(suite: LocalSuite): void {
    for (let payer = 0; payer < QUEUED / JOBS_PER_PAYER; payer++) {
        const who = principalNamed(`payer ${payer}`);
        buyCredits(suite, who);
        for (let job = 0; job < JOBS_PER_PAYER; job++) {
            accepted(suite.as('compute_gateway', who).submit_job({ ...JOB, input: new Uint8Array(64) }));
        }
    }
}

/** Each step of a job, one job after the other, with 10 000 others in the queue: what the queue's canister itself executes. */
const jobs = once(async () => {
    const suite = await market();
    fillQueue(suite);
    const own = <T>(action: () => T) => suite.network.measureIn(suite.ids.compute_gateway, action);
    return repeat(() => {
        const submitted = own(() => submit(suite));
        const claimed = own(() => claim(suite));
        const extended = own(() => extend(suite, claimed.value));
        return { submitted, claimed, extended, completed: own(() => complete(suite, claimed.value)) };
    });
});

/** Cycles of eight jobs of 4 KiB in and out, submitted one by one, claimed, told of and completed together; per job. */
async function jobCycles(): Promise<readonly number[]> {
    const suite = await openMarket();
    const input = new Uint8Array(4_096).fill(0x61);
    return repeat((run) => {
        const action = (): void => {
            const node = suite.as('compute_gateway', NODE);
            for (let job = 0; job < CLAIMED; job++)
                accepted(suite.as('compute_gateway', USER).submit_job({ ...JOB, input }));
            const leases = accepted(node.claim_jobs({ max: CLAIMED, apps: [] }));
            node.heartbeat(leases.map(({ job_id, token }) => ({ job_id, token, units: [1n] })));
            const output = new Uint8Array(4_096).fill(run);
            const result = { ...RESULT, output, output_hash: [sha256(output)] as [Uint8Array] };
            const answers = node.complete_jobs(
                leases.map(({ job_id, attempt, token }) => ({ ...result, job_id, attempt, token }))
            );
            for (const answer of answers) accepted(answer);
        };
        return Math.round(suite.network.measureIn(suite.ids.compute_gateway, action).cycles / CLAIMED);
    });
}

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
const OWN = `All that the queue's canister itself executes, Candid and callbacks included and the hub not, with ${QUEUED} jobs in the queue.`;

export const marketBenchmarks: readonly Benchmark[] = [
    {
        name: 'submit_job',
        unit,
        description: `compute_gateway.submit_job of ${INPUT_BYTES} bytes. ${OWN}`,
        runs: async () => (await jobs()).map(({ submitted }) => submitted.own)
    },
    {
        name: 'claim_job',
        unit,
        description: `compute_gateway.claim_jobs that leases one job. ${OWN}`,
        runs: async () => (await jobs()).map(({ claimed }) => claimed.own)
    },
    {
        name: 'heartbeat_job',
        unit,
        description: `compute_gateway.heartbeat of one lease. ${OWN}`,
        runs: async () => (await jobs()).map(({ extended }) => extended.own)
    },
    {
        name: 'complete_job',
        unit,
        description: `compute_gateway.complete_job with an output of ${OUTPUT_BYTES} bytes and its hash. ${OWN}`,
        runs: async () => (await jobs()).map(({ completed }) => completed.own)
    },
    {
        name: 'job_cycles',
        unit: 'cycles',
        description: `A job of 4 KiB in and 4 KiB out, from submit to the hub's record, ingress, calls and all canisters included; ${CLAIMED} jobs claimed, told of and completed together.`,
        runs: jobCycles
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
