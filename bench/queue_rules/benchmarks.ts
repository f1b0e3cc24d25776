/**
 * What the queue's rules cost by themselves, as compute.md §5.9 counts them: the domain's code under QuickJS, with tables in the
 * heap in place of stable memory, and without the call to the hub.
 */
import { sha256 } from '../../src/core/hash';
import { receiptBody } from '../../src/core/compute/receipt';
import { accepted, printed } from '../lib/answers';
import { once, type Benchmark } from '../lib/benchmark';
import { NO_ARGUMENTS } from '../lib/empty_canister';
import { LocalNetwork } from '../lib/local_network';
import { repeat } from '../lib/repeat';
import { APP, MODEL_HASH, USERS } from './rules';
import { rulesCanister, rulesInterface, type RulesActor, type RulesService } from './rules_canister';

/** The rules did something else than they are there for: what was measured is nothing. */
class WrongOutcome extends Error {
    constructor(what: string, outcome: unknown) {
        super(`${what}: ${printed(outcome)}`);
        this.name = 'WrongOutcome';
    }
}

const QUEUED = 10_000;
/** Jobs that one message queues. */
const PORTION = 1_000;
const INPUT = new Uint8Array(1_024).fill(0x61);
const OUTPUT = new Uint8Array(1_536).fill(0x62);
const CLAIMED = 8;
const UNITS = 3n;

const JOB: Parameters<RulesActor['submit_job']>[0] = {
    app_id: APP,
    input: INPUT,
    max_credits: 100n,
    payer: { Caller: null },
    idempotency_key: [],
    ttl_s: [],
    priority: [],
    session_key: [],
    ack_hash: []
};

type Lease = ReturnType<typeof claimed>[number];

function expectQueued(rules: RulesActor, expected: number): void {
    const [queued, unsent] = rules.lengths();
    if (queued !== BigInt(expected) || unsent !== 0n) throw new WrongOutcome('lengths', { queued, unsent });
}

function submitted(rules: RulesActor): bigint {
    const job = accepted(rules.submit_job(JOB));
    if (!('Queued' in job.state) || job.credits_held !== 100n) throw new WrongOutcome('submit_job', job);
    return job.job_id;
}

/** Every lease is of another user's job, the oldest of theirs. */
function claimed(rules: RulesActor, max: number) {
    const leases = accepted(rules.claim_jobs({ max, apps: [] }));
    const isRight = leases.length === max && leases.every(({ attempt, job_id }) => attempt === 1 && job_id <= QUEUED);
    if (!isRight) throw new WrongOutcome('claim_jobs', leases);
    return leases;
}

const heldOf = ({ job_id, token }: Lease) => [{ job_id, token, units: [1n] as [bigint] }];

function renewed(rules: RulesActor, lease: Lease): void {
    const reply = rules.heartbeat(heldOf(lease));
    if (reply.extended[0] !== lease.job_id) throw new WrongOutcome('heartbeat', reply);
}

function resultOf({ job_id, attempt, token }: Lease): Parameters<RulesActor['complete_job']>[0] {
    const fixed = { units: UNITS, model_hash: MODEL_HASH, details: [] as [], ack: [] as [] };
    return { ...fixed, output: OUTPUT, output_hash: [sha256(OUTPUT)], job_id, attempt, token };
}

function completed(rules: RulesActor, lease: Lease): void {
    const job = accepted(rules.complete_job(resultOf(lease)));
    if (!('Completed' in job.state) || job.credits_used !== 30n) throw new WrongOutcome('complete_job', job);
}

/** The hub was told what was used, by a receipt that anybody can hold against the job. */
function recorded(rules: RulesActor, { job_id: jobId, attempt }: Lease): void {
    const [request, creditsUsed, receipt] = rules.last_record();
    const expected = receiptBody({ attempt, outputHash: sha256(OUTPUT), units: UNITS });
    const isRight =
        request === jobId && creditsUsed === 30n && Buffer.compare(Uint8Array.from(receipt), expected) === 0;
    if (!isRight) throw new WrongOutcome('last_record', { request, creditsUsed, receipt });
}

const filled = once(async () => {
    const network = new LocalNetwork();
    const canister = network.create();
    network.install(canister, await rulesCanister(), NO_ARGUMENTS);
    const rules = network.actor<RulesService>(rulesInterface, canister, network.deployer);
    for (let jobs = 0; jobs < QUEUED; jobs += PORTION) rules.fill(PORTION);
    expectQueued(rules, QUEUED);
    return { network, rules };
});

/** Each step of a job, one job after the other, with 10 000 in the queue; over an empty method with the same argument. */
const steps = once(async () => {
    const { network, rules } = await filled();
    const over = <T>(action: () => T, empty: () => null): { readonly cost: number; readonly value: T } => {
        const whole = network.measure(action);
        return { cost: whole.instructions - network.instructionsOf(empty), value: whole.value };
    };
    return repeat(() => {
        const submission = over(
            () => submitted(rules),
            () => rules.empty_submit_job(JOB)
        );
        const claim = over(
            () => claimed(rules, 1),
            () => rules.empty_claim_jobs({ max: 1, apps: [] })
        );
        const lease = claim.value[0];
        if (lease === undefined) throw new WrongOutcome('claim_jobs', claim.value);
        const beat = over(
            () => renewed(rules, lease),
            () => rules.empty_heartbeat(heldOf(lease))
        );
        const completion = over(
            () => completed(rules, lease),
            () => rules.empty_complete_job(resultOf(lease))
        );
        recorded(rules, lease);
        expectQueued(rules, QUEUED);
        return {
            submit: submission.cost,
            claim: claim.cost,
            beat: beat.cost,
            complete: completion.cost
        };
    });
});

/** Claims of as many as one message may have; per job. */
async function batches(): Promise<readonly number[]> {
    const { network, rules } = await filled();
    await steps();
    return repeat(() => {
        for (let job = 0; job < CLAIMED; job++) submitted(rules);
        const { instructions, value } = network.measure(() => claimed(rules, CLAIMED));
        const empty = network.instructionsOf(() => rules.empty_claim_jobs({ max: CLAIMED, apps: [] }));
        for (const lease of value) completed(rules, lease);
        expectQueued(rules, QUEUED);
        return Math.round((instructions - empty) / CLAIMED);
    });
}

type Step = keyof Awaited<ReturnType<typeof steps>>[number];

const unit = 'instructions';
const RULES = `over an empty call of the same canister, with ${QUEUED} jobs of ${USERS} users in the queue: the queue's own code from the decoded argument to the encoded answer, under QuickJS as in production, but with tables in the heap in place of stable memory, and without the call to the hub (compute.md §5.9)`;

function ruleBenchmark(name: string, what: string, step: Step): Benchmark {
    return { name, unit, description: `${what}, ${RULES}.`, runs: async () => (await steps()).map((run) => run[step]) };
}

export const queueRuleBenchmarks: readonly Benchmark[] = [
    ruleBenchmark(
        'submit_job_rules',
        `The rules of submit_job of ${INPUT.length} bytes, hub's consent included`,
        'submit'
    ),
    ruleBenchmark('claim_job_rules', 'The rules of claim_jobs that leases one job', 'claim'),
    ruleBenchmark('heartbeat_job_rules', 'The rules of heartbeat of one lease', 'beat'),
    ruleBenchmark(
        'complete_job_rules',
        `The rules of complete_job with an output of ${OUTPUT.length} bytes and its hash, the record for the hub included`,
        'complete'
    ),
    {
        name: `claim_job_of_${CLAIMED}_rules`,
        unit,
        description: `The rules of claim_jobs of ${CLAIMED} jobs, per job, ${RULES}.`,
        runs: batches
    }
];
