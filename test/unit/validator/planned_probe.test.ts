import { plannedProbeDuty } from '../../../src/validator/duties/planned_probe';
import { prometheusMetrics } from '../../../src/validator/metrics/metrics';
import { serveMetrics } from '../../../src/validator/metrics/server';
import type {
    CallRecord,
    ProbeKey,
    ProbeOutcome,
    ProbePlanPort,
    ProbeReport,
    Refused
} from '../../../src/validator/ports';
import { context, fakeClock } from './fakes';

const running = new AbortController().signal;
const config = { planMs: 60_000, probeTimeoutMs: 1_000, probeModel: 'm', recordMs: 5_000 };

class FakePlan implements ProbePlanPort {
    readonly calls: string[] = [];
    readonly reports: ProbeReport[] = [];
    /** What the hub answers, one look after the other; the last one stays. */
    records: (CallRecord | undefined)[] = [{ isSuccess: true, executor: 'n1' }];
    call: bigint | undefined;
    readonly looks: bigint[] = [];
    refusal: Refused | undefined;
    due = [{ probeId: 1n, node: 'n1' }];
    keys: ProbePlanPort['keys'];

    constructor(api: ProbeKey['api']) {
        this.keys = [{ api, direct: (node) => this.direct(node) }];
    }

    dueProbes = async () => this.due;
    direct = async (node: string) => {
        this.calls.push(`direct ${node}`);
        return this.refusal;
    };
    callTo = async () => this.call;
    recordOf = async (requestId: bigint) => {
        this.looks.push(requestId);
        return this.records.length > 1 ? this.records.shift() : this.records[0];
    };
    /** The call that was opened while a report was on its way, which does not name it. */
    openedMeanwhile: bigint | undefined;
    submit = async (report: ProbeReport): Promise<Refused | undefined> => {
        this.reports.push(report);
        if (this.openedMeanwhile === undefined || report.requestId !== undefined) return undefined;
        this.call = this.openedMeanwhile;
        return { code: 'NotBacked' };
    };
}

function setUp() {
    const { clock } = fakeClock(new AbortController(), 100);
    const ctx = context(clock);
    const plan = new FakePlan(ctx.api);
    return { ctx, plan, duty: plannedProbeDuty(ctx, plan, config) };
}

test('a due probe goes through the public API, directed to its node, and its result to the hub', async () => {
    const { ctx, plan, duty } = setUp();
    plan.due = [
        { probeId: 1n, node: 'n1' },
        { probeId: 2n, node: 'n1' }
    ];
    await duty.run(running);
    expect(plan.calls).toEqual(['direct n1', 'direct n1']);
    expect(plan.reports).toEqual([
        { probeId: 1n, node: 'n1', status: 'Success', elapsedMs: 0n, requestId: 7n },
        { probeId: 2n, node: 'n1', status: 'Success', elapsedMs: 0n, requestId: 7n }
    ]);
    expect(new Set(ctx.api.calls.map((call) => JSON.stringify(call.body))).size).toBe(1);
});

/** Another key; the answer to its call waits until `answer` is called. */
function slowKey(plan: FakePlan, name: string) {
    const said: string[] = [];
    let answer: (outcome: ProbeOutcome) => void = () => undefined;
    const answered = new Promise<ProbeOutcome>((resolve) => (answer = resolve));
    const key: ProbeKey = {
        api: { send: () => (said.push('sent'), answered) },
        direct: async (node) => (said.push(`${name} to ${node}`), undefined)
    };
    plan.keys = [...plan.keys, key];
    return { said, answer: () => answer({ kind: 'served', requestId: 8n }) };
}

test('with two keys a node that answers late keeps nobody waiting, and what is due by then is probed too', async () => {
    const { plan, duty } = setUp();
    plan.keys = [];
    plan.records = [{ isSuccess: true, executor: undefined }];
    const [slow, fast] = [slowKey(plan, 'slow'), slowKey(plan, 'fast')];
    plan.due = ['n1', 'n2', 'n3'].map((node, index) => ({ probeId: BigInt(index), node }));
    const run = duty.run(running);
    fast.answer();
    while (plan.reports.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(plan.reports.map(({ node }) => node)).toEqual(['n2', 'n3']);
    plan.due = [...plan.due, { probeId: 9n, node: 'n4' }];
    slow.answer();
    await run;
    expect(plan.reports.map(({ node }) => node)).toEqual(['n2', 'n3', 'n1', 'n4']);
    expect(slow.said.slice(0, 2)).toEqual(['slow to n1', 'sent']);
    expect(fast.said).toEqual(['fast to n2', 'sent', 'fast to n3', 'sent']);
});

test('a probe that breaks off keeps the others from nothing, and is told at the end', async () => {
    const { plan, duty } = setUp();
    plan.due = ['n1', 'n2'].map((node, index) => ({ probeId: BigInt(index), node }));
    plan.records = [{ isSuccess: true, executor: 'n2' }];
    plan.keys = plan.keys.map(({ api, direct }) => ({
        api,
        direct: (node) => (node === 'n1' ? Promise.reject(new TypeError('no network')) : direct(node))
    }));
    await expect(duty.run(running)).rejects.toThrow('no network');
    expect(plan.reports.map(({ node }) => node)).toEqual(['n2']);
});

test('failures are told apart: refused, out of time, not reached', async () => {
    const { ctx, plan, duty } = setUp();
    const outcomes = [
        { kind: 'refused', httpStatus: 503, code: 'node_failed' },
        { kind: 'refused', httpStatus: 504, code: 'deadline_exceeded' },
        { kind: 'unreachable', reason: 'TimeoutError' },
        { kind: 'unreachable', reason: 'ECONNREFUSED' }
    ] as const;
    for (const outcome of outcomes) {
        ctx.api.outcome = outcome;
        await duty.run(running);
    }
    expect(plan.reports.map((report) => report.status)).toEqual(['Failed', 'Timeout', 'Timeout', 'Unreachable']);
    expect(plan.reports.map((report) => report.requestId)).toEqual([undefined, undefined, undefined, undefined]);
});

test.each([
    ['TimeoutError', 'Timeout', 'Timeout'],
    ['ECONNRESET', 'Unreachable', 'Failed']
] as const)(
    'a call that is opened just after %s is named in a second report, for the hub takes none without it',
    async (reason, first, second) => {
        const { ctx, plan, duty } = setUp();
        ctx.api.outcome = { kind: 'unreachable', reason };
        plan.openedMeanwhile = 9n;
        await duty.run(running);
        const report = { probeId: 1n, node: 'n1', elapsedMs: 0n };
        expect(plan.reports).toEqual([
            { ...report, status: first, requestId: undefined },
            { ...report, status: second, requestId: 9n }
        ]);
    }
);

test('a refusal before any node had the request judges nobody, and the probe stays due', async () => {
    const { ctx, plan, duty } = setUp();
    const refusals = [
        [503, 'market_paused'],
        [503, 'unavailable'],
        [429, 'busy'],
        [402, 'insufficient_credits'],
        [401, 'invalid_api_key'],
        [502, 'unknown']
    ] as const;
    for (const [httpStatus, code] of refusals) {
        ctx.api.outcome = { kind: 'refused', httpStatus, code };
        await duty.run(running);
    }
    expect(plan.calls).toHaveLength(refusals.length);
    expect(plan.reports).toEqual([]);
    expect(await ctx.metrics.text()).toMatch(/^emc_validator_probes_total\{outcome="not_judged"\} 6$/m);
    ctx.api.outcome = { kind: 'served', requestId: 7n };
    await duty.run(running);
    expect(plan.reports).toMatchObject([{ probeId: 1n, status: 'Success' }]);
});

test('a failure names the call that it became, and what became one did not fail to be reached', async () => {
    const { ctx, plan, duty } = setUp();
    plan.call = 9n;
    ctx.api.outcome = { kind: 'refused', httpStatus: 422, code: 'job_failed' };
    await duty.run(running);
    ctx.api.outcome = { kind: 'unreachable', reason: 'ECONNRESET' };
    await duty.run(running);
    expect(plan.reports).toMatchObject([
        { status: 'Failed', requestId: 9n },
        { status: 'Failed', requestId: 9n }
    ]);
});

test('a served probe waits for the record of its call, and is what that says', async () => {
    const { ctx, plan, duty } = setUp();
    plan.records = [undefined, undefined, { isSuccess: true, executor: 'n1' }];
    await duty.run(running);
    expect(plan.looks).toEqual([7n, 7n, 7n]);
    expect(plan.reports).toMatchObject([{ status: 'Success', elapsedMs: 0n, requestId: 7n }]);
    plan.records = [{ isSuccess: false, executor: undefined }];
    await duty.run(running);
    expect(plan.reports[1]).toMatchObject({ status: 'Failed', requestId: 7n });
    ctx.api.outcome = { kind: 'served', requestId: undefined };
    plan.call = 8n;
    await duty.run(running);
    expect([plan.looks.at(-1), plan.reports[2]?.requestId]).toEqual([8n, 8n]);
});

test('nothing is said of a call that the hub does not know', async () => {
    const { ctx, plan, duty } = setUp();
    plan.records = [undefined];
    await duty.run(running);
    expect([plan.looks.length, plan.reports]).toEqual([6, []]);
    expect(ctx.log.entries[0]).toMatchObject({ level: 'warn', message: 'the hub has no record of a served probe' });
});

test('what another node answered says nothing about the one that was to be probed', async () => {
    const { ctx, plan, duty } = setUp();
    plan.records = [{ isSuccess: true, executor: 'n2' }];
    await duty.run(running);
    expect(plan.reports).toEqual([]);
    expect(ctx.log.entries[0]).toMatchObject({ level: 'warn', facts: { executor: 'n2' } });
});

test('no probe without a key that can be directed, and none by whoever is no validator', async () => {
    const { ctx, plan, duty } = setUp();
    plan.refusal = { code: 'KeyNotFound' };
    await duty.run(running);
    expect([ctx.api.calls, plan.reports]).toEqual([[], []]);
    ctx.state.validator = false;
    plan.refusal = undefined;
    await duty.run(running);
    expect(plan.calls).toHaveLength(1);
});

test('monitoring: counts what was done, on a port of its own', async () => {
    const metrics = prometheusMetrics();
    metrics.setHeight(12n);
    metrics.countVote(true, undefined);
    metrics.countVote(true, 'WrongRound');
    metrics.countProbe('Success');
    const server = await serveMetrics(metrics, 0, '127.0.0.1');
    try {
        const text = await (await fetch(`${server.url}/metrics`)).text();
        expect(text).toMatch(/^emc_validator_height 12$/m);
        expect(text).toMatch(/^emc_validator_votes_total\{verdict="yes",result="ok"\} 1$/m);
        expect(text).toMatch(/^emc_validator_votes_total\{verdict="yes",result="WrongRound"\} 1$/m);
        expect((await fetch(`${server.url}/health`)).status).toBe(200);
        expect((await fetch(`${server.url}/keys`)).status).toBe(404);
        expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(405);
        await expect(serveMetrics(metrics, Number(new URL(server.url).port), '127.0.0.1')).rejects.toMatchObject({
            code: 'EADDRINUSE'
        });
    } finally {
        await server.close();
    }
});

test('a node is asked for a model that it serves, among those that the gateway offers', async () => {
    const { ctx, duty } = setUp();
    ctx.api.offered = [
        { id: 'm', kind: 'embedding' },
        { id: 'llm', kind: 'chat' }
    ];
    await duty.run(running);
    ctx.state.apps.set('n1', ['llm']);
    await duty.run(running);
    expect(ctx.api.calls.map(({ model, kind }) => [model, kind])).toEqual([
        ['m', 'embedding'],
        ['llm', 'chat']
    ]);
});
