import type { _SERVICE as Gateway } from '../../src/declarations/compute_gateway';
import { sha256 } from '../../src/core/hash';
import { accepted } from '../lib/answers';
import { once, type Benchmark } from '../lib/benchmark';
import { EmptyCalls } from '../lib/empty_calls';
import { principalNamed, type LocalActor } from '../lib/local_network';
import type { LocalSuite } from '../lib/local_suite';
import { APP, buyCredits, MODEL_HASH, NODE, openMarket, USER } from '../lib/market';
import { repeat } from '../lib/repeat';

type Job = Parameters<LocalActor<Gateway>['submit_job']>[0];
type Completion = Parameters<LocalActor<Gateway>['complete_job']>[0];
type Held = Parameters<LocalActor<Gateway>['heartbeat']>[0];
type Lease = ReturnType<typeof claim>[number];

/** Fewer jobs were claimed, or leases renewed, than there are. */
class QueueEmpty extends Error {
    constructor() {
        super('no job could be claimed');
        this.name = 'QueueEmpty';
    }
}

const INPUT_BYTES = 1_024;
const OUTPUT_BYTES = 1_536;
/** Jobs that wait while the steps of others are measured. */
const QUEUED = 10_000;
const JOBS_PER_PAYER = 100;
/** What one message claims, renews and completes at most. */
const CLAIMED = 8;
const RENEWED = 64;
const COMPLETED = 16;
const BATCH_RUNS = 4;

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

function claim(suite: LocalSuite, max: number) {
    const leases = accepted(suite.as('compute_gateway', NODE).claim_jobs({ max, apps: [] }));
    if (leases.length !== max) throw new QueueEmpty();
    return leases;
}

const heldOf = (leases: readonly Lease[]): Held => leases.map(({ job_id, token }) => ({ job_id, token, units: [] }));

function extend(suite: LocalSuite, leases: readonly Lease[]): void {
    const { extended } = suite.as('compute_gateway', NODE).heartbeat(heldOf(leases));
    if (extended.length !== leases.length) throw new QueueEmpty();
}

function resultOf({ job_id, attempt, token }: Lease, output: Uint8Array): Completion {
    const result = { units: 1n, model_hash: MODEL_HASH, details: [] as [], ack: [] as [] };
    return { ...result, output, output_hash: [sha256(output)], job_id, attempt, token };
}

const OUTPUT = new Uint8Array(OUTPUT_BYTES);

function complete(suite: LocalSuite, lease: Lease): void {
    accepted(suite.as('compute_gateway', NODE).complete_job(resultOf(lease, OUTPUT)));
}

function completeAll(suite: LocalSuite, leases: readonly Lease[]): void {
    const results = leases.map((lease) => resultOf(lease, OUTPUT));
    for (const answer of suite.as('compute_gateway', NODE).complete_jobs(results)) accepted(answer);
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

const filled = once(async () => {
    const suite = await openMarket();
    fillQueue(suite);
    return suite;
});

function own(suite: LocalSuite, action: () => unknown): number {
    return suite.network.measureIn(suite.ids.compute_gateway, action).own;
}

/** Each step of a job, one job after the other, with 10 000 others in the queue: what the queue's canister itself executes. */
const steps = once(async () => {
    const suite = await filled();
    return repeat(() => {
        const submitted = own(suite, () => submit(suite));
        const { own: claimed, value } = suite.network.measureIn(suite.ids.compute_gateway, () => claim(suite, 1));
        const extended = own(suite, () => extend(suite, value));
        const [lease] = value;
        if (lease === undefined) throw new QueueEmpty();
        return { submitted, claimed, extended, completed: own(suite, () => complete(suite, lease)), lease };
    });
});

/** The same for as many jobs as one message may bring, of as many payers; per job. */
const batches = once(async () => {
    const suite = await filled();
    await steps();
    const runs = repeat(() => {
        const leases: Lease[] = [];
        const claims: number[] = [];
        while (leases.length < RENEWED) {
            const claimed = suite.network.measureIn(suite.ids.compute_gateway, () => claim(suite, CLAIMED));
            claims.push(Math.round(claimed.own / CLAIMED));
            leases.push(...claimed.value);
        }
        const renewal = Math.round(own(suite, () => extend(suite, leases)) / RENEWED);
        const completions: number[] = [];
        for (let from = 0; from < RENEWED; from += COMPLETED) {
            const batch = leases.slice(from, from + COMPLETED);
            completions.push(Math.round(own(suite, () => completeAll(suite, batch)) / COMPLETED));
        }
        return { claims, renewal, completions };
    }, BATCH_RUNS);
    return {
        claims: runs.flatMap(({ claims }) => claims),
        renewals: runs.map(({ renewal }) => renewal),
        completions: runs.flatMap(({ completions }) => completions)
    };
});

const EMPTY = {
    canister: 'compute_gateway',
    types: 'api/idl',
    names: ['ClaimArgs', 'CompleteJobArgs', 'HeldLeases', 'SubmitJobArgs'],
    operations: {
        submit_job: 'SubmitJobArgs',
        claim_jobs: 'ClaimArgs',
        heartbeat: 'HeldLeases',
        complete_job: 'CompleteJobArgs'
    }
} as const;
type Operation = keyof typeof EMPTY.operations;

const emptyQueue = once(() => EmptyCalls.open<Operation>(EMPTY));

/** Measured whole, without what an empty call with the same argument costs. */
async function over(operation: Operation, whole: readonly number[], argument: unknown): Promise<readonly number[]> {
    const caller = operation === 'submit_job' ? USER : NODE;
    const empty = (await emptyQueue()).costOf(operation, argument, caller);
    return whole.map((cost) => cost - empty);
}

async function someLease(): Promise<Lease> {
    const [first] = await steps();
    if (first === undefined) throw new QueueEmpty();
    return first.lease;
}

/**
 * Cycles of a round of jobs of 4 KiB in and out, submitted one by one, claimed, told of and completed together; per job.
 * @param jobs in a round
 */
async function jobCycles(jobs: number): Promise<readonly number[]> {
    const suite = await openMarket();
    const input = new Uint8Array(4_096).fill(0x61);
    return repeat((run) => {
        const action = (): void => {
            const node = suite.as('compute_gateway', NODE);
            for (let job = 0; job < jobs; job++)
                accepted(suite.as('compute_gateway', USER).submit_job({ ...JOB, input }));
            const leases = claim(suite, jobs);
            node.heartbeat(leases.map(({ job_id, token }) => ({ job_id, token, units: [1n] })));
            const output = new Uint8Array(4_096).fill(run);
            const answers = node.complete_jobs(leases.map((lease) => resultOf(lease, output)));
            for (const answer of answers) accepted(answer);
        };
        return Math.round(suite.network.measureIn(suite.ids.compute_gateway, action).cycles / jobs);
    });
}

const unit = 'instructions';
const CONTEXT = `with ${QUEUED} jobs in the queue`;
const OVER = `over an empty call, ${CONTEXT}: all that the queue's canister itself executes for the operation, its answer, stable memory, and for the hub its call and callback included, less an update of the same canister that reads the same argument, does nothing and answers null; the hub's own part is not counted`;
const WHOLE = `the empty call included, ${CONTEXT}`;

/** One operation on one job, over an empty call and whole. */
function operation(
    name: string,
    what: string,
    method: Operation,
    cost: (run: Awaited<ReturnType<typeof steps>>[number]) => number,
    argument: () => unknown
): readonly Benchmark[] {
    const whole = async (): Promise<readonly number[]> => (await steps()).map(cost);
    return [
        {
            name,
            unit,
            description: `${what}, ${OVER}.`,
            runs: async () => over(method, await whole(), await argument())
        },
        { name: `${name}_whole`, unit, description: `${what}, ${WHOLE}.`, runs: whole }
    ];
}

/** Whole messages of many jobs. */
const batchBenchmarks: readonly Benchmark[] = [
    {
        name: `claim_job_of_${CLAIMED}`,
        unit,
        description: `compute_gateway.claim_jobs of ${CLAIMED} jobs, per job, ${WHOLE}.`,
        runs: async () => (await batches()).claims
    },
    {
        name: `heartbeat_job_of_${RENEWED}`,
        unit,
        description: `compute_gateway.heartbeat of ${RENEWED} leases, per lease, ${WHOLE}.`,
        runs: async () => (await batches()).renewals
    },
    {
        name: `complete_job_of_${COMPLETED}`,
        unit,
        description: `compute_gateway.complete_jobs of ${COMPLETED} results of ${OUTPUT_BYTES} bytes, per result, ${WHOLE}.`,
        runs: async () => (await batches()).completions
    }
];

export const queueBenchmarks: readonly Benchmark[] = [
    ...operation(
        'submit_job',
        `compute_gateway.submit_job of ${INPUT_BYTES} bytes`,
        'submit_job',
        ({ submitted }) => submitted,
        () => JOB
    ),
    ...operation(
        'claim_job',
        'compute_gateway.claim_jobs that leases one job',
        'claim_jobs',
        ({ claimed }) => claimed,
        () => ({ max: 1, apps: [] })
    ),
    ...operation(
        'heartbeat_job',
        'compute_gateway.heartbeat of one lease',
        'heartbeat',
        ({ extended }) => extended,
        async () => heldOf([await someLease()])
    ),
    ...operation(
        'complete_job',
        `compute_gateway.complete_job with an output of ${OUTPUT_BYTES} bytes and its hash`,
        'complete_job',
        ({ completed }) => completed,
        async () => resultOf(await someLease(), OUTPUT)
    ),
    ...batchBenchmarks,
    {
        name: 'job_cycles',
        unit: 'cycles',
        description: `A job of 4 KiB in and 4 KiB out, from submit to the hub's record, ingress, calls and all canisters included; ${CLAIMED} jobs claimed, told of and completed together.`,
        runs: () => jobCycles(CLAIMED)
    },
    {
        name: 'job_cycles_alone',
        unit: 'cycles',
        description: 'The same for a job that is claimed, told of and completed alone.',
        runs: () => jobCycles(1)
    }
];
