import { plannedProbeDuty } from '../../../src/validator/duties/planned_probe';
import { prometheusMetrics } from '../../../src/validator/metrics/metrics';
import { serveMetrics } from '../../../src/validator/metrics/server';
import type { ProbePlanPort, ProbeReport, Refused } from '../../../src/validator/ports';
import { context, fakeClock } from './fakes';

const running = new AbortController().signal;
const config = { planMs: 60_000, probeTimeoutMs: 1_000 };

class FakePlan implements ProbePlanPort {
    readonly calls: string[] = [];
    readonly reports: ProbeReport[] = [];
    executor: string | undefined = 'n1';
    refusal: Refused | undefined;
    due = [{ probeId: 1n, node: 'n1' }];

    dueProbes = async () => this.due;
    direct = async (node: string) => {
        this.calls.push(`direct ${node}`);
        return this.refusal;
    };
    executorOf = async () => this.executor;
    submit = async (report: ProbeReport) => {
        this.reports.push(report);
        return undefined;
    };
}

function setUp() {
    const { clock } = fakeClock(new AbortController(), 100);
    const ctx = context(clock);
    const plan = new FakePlan();
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
    expect(new Set(ctx.api.texts).size).toBe(1);
});

test('failures are told apart: refused, out of time, not reached', async () => {
    const { ctx, plan, duty } = setUp();
    const outcomes = [
        { kind: 'refused', httpStatus: 503, code: 'no_node' },
        { kind: 'refused', httpStatus: 504, code: 'timeout' },
        { kind: 'unreachable', reason: 'TimeoutError' },
        { kind: 'unreachable', reason: 'ECONNREFUSED' }
    ] as const;
    for (const outcome of outcomes) {
        ctx.api.outcome = outcome;
        await duty.run(running);
    }
    expect(plan.reports.map((report) => report.status)).toEqual(['Failed', 'Timeout', 'Timeout', 'Unreachable']);
});

test('what another node answered says nothing about the one that was to be probed', async () => {
    const { ctx, plan, duty } = setUp();
    plan.executor = 'n2';
    await duty.run(running);
    expect(plan.reports).toEqual([]);
    expect(ctx.log.entries[0]).toMatchObject({ level: 'warn', facts: { executor: 'n2' } });
});

test('no probe without a key that can be directed, and none by whoever is no validator', async () => {
    const { ctx, plan, duty } = setUp();
    plan.refusal = { code: 'KeyNotFound' };
    await duty.run(running);
    expect([ctx.api.texts, plan.reports]).toEqual([[], []]);
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
