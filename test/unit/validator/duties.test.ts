import { attestDuty } from '../../../src/validator/duties/attest';
import { challengeDuty } from '../../../src/validator/duties/challenge';
import { probeDuty } from '../../../src/validator/duties/probe';
import { reportDuty } from '../../../src/validator/duties/report';
import { context, fakeClock, proof, rightProduct } from './fakes';

const running = new AbortController().signal;

function setUp(random: () => number = () => 0.5) {
    const { clock } = fakeClock(new AbortController(), 1_000, random);
    return context(clock);
}

test('attest: the verdict is the recomputed product, once per proof', async () => {
    const ctx = setUp();
    const wrong = rightProduct();
    wrong[5] = (wrong[5] ?? 0) ^ 1;
    ctx.state.proofs = [proof(1n), proof(2n), proof(3n, { hasMyVote: true }), proof(4n)];
    ctx.state.products.set(1n, rightProduct()).set(2n, wrong).set(3n, rightProduct());
    await attestDuty(ctx, { attestMs: 1_000 }).run(running);
    expect(ctx.state.calls).toEqual(['attest 1 true 1234', 'attest 2 false 1234']);
});

test('attest: times are told within the range that the canister takes', async () => {
    const ctx = setUp();
    ctx.state.proofs = [proof(1n, { elapsedMs: 0n }), proof(2n, { elapsedMs: 700_000n })];
    ctx.state.products.set(1n, rightProduct()).set(2n, rightProduct());
    await attestDuty(ctx, { attestMs: 1_000 }).run(running);
    expect(ctx.state.calls).toEqual(['attest 1 true 100', 'attest 2 true 600000']);
});

test('attest and challenge: do nothing before the agent is in the set', async () => {
    const ctx = setUp();
    ctx.state.validator = false;
    ctx.state.proofs = [proof(1n)];
    ctx.state.products.set(1n, rightProduct());
    ctx.state.nodes = [{ node: 'n', isActive: false, lastPocMs: 0 }];
    await attestDuty(ctx, { attestMs: 1_000 }).run(running);
    await challengeDuty(ctx, { challengeMs: 1_000, reproofMinMs: 1, reproofMaxMs: 1 }).run(running);
    expect(ctx.state.calls).toEqual([]);
});

test('challenge: new nodes after the spacing, active ones when their proof is old enough', async () => {
    const ctx = setUp();
    const now = ctx.clock.nowMs();
    const node = (name: string, isActive: boolean, ageMs: number) => ({ node: name, isActive, lastPocMs: now - ageMs });
    ctx.state.nodes = [
        { node: 'never', isActive: false, lastPocMs: 0 },
        node('just-asked', false, 600_000),
        node('failed', false, 600_001),
        node('fresh', true, 2_900_000),
        node('old', true, 3_000_001)
    ];
    const config = { challengeMs: 60_000, reproofMinMs: 2_000_000, reproofMaxMs: 4_000_000 };
    await challengeDuty(ctx, config).run(running);
    expect(ctx.state.calls).toEqual(['request never', 'request failed', 'request old']);
});

test('challenge: being late is no news, other refusals are', async () => {
    const ctx = setUp();
    ctx.state.nodes = [{ node: 'n', isActive: false, lastPocMs: 0 }];
    const duty = challengeDuty(ctx, { challengeMs: 1_000, reproofMinMs: 1, reproofMaxMs: 1 });
    for (const code of ['AlreadyOpen', 'NotAValidator']) {
        ctx.state.refusal = { code };
        await duty.run(running);
    }
    expect(ctx.log.entries.map((entry) => entry.level)).toEqual(['debug', 'warn']);
});

test('report: registers a new key only when it is told to', async () => {
    const ctx = setUp();
    ctx.state.registered = false;
    await reportDuty(ctx, { reportMs: 1_000 }).run(running);
    await reportDuty(ctx, { reportMs: 1_000, registration: { region: 'eu', bandwidthMbps: 200 } }).run(running);
    expect(ctx.state.calls).toEqual(['report', 'register eu 200', 'report']);
});

test('report: being early is no news, not being known is', async () => {
    const ctx = setUp();
    for (const code of ['RateLimited', 'NotFound']) {
        ctx.state.refusal = { code };
        await reportDuty(ctx, { reportMs: 1_000 }).run(running);
    }
    expect(ctx.log.entries.map((entry) => entry.level)).toEqual(['debug', 'warn']);
});

test('report: never waits longer than configured', () => {
    for (const chance of [0, 0.5, 0.999999]) {
        const duty = reportDuty(
            setUp(() => chance),
            { reportMs: 900_000 }
        );
        expect(duty.nextMs()).toBeLessThanOrEqual(900_000);
        expect(duty.nextMs()).toBeGreaterThanOrEqual(720_000);
    }
});

test('AS-34: probes come 3,600 to 7,200 s apart, and not right at the start', () => {
    const config = { probeMinMs: 3_600_000, probeMaxMs: 7_200_000, probeTimeoutMs: 1_000 };
    const waits = [0, 0.5, 0.9999999].map((chance) =>
        probeDuty(
            setUp(() => chance),
            config
        )
    );
    expect(waits.map((duty) => duty.nextMs())).toEqual([3_600_000, 5_400_000, 7_200_000]);
    expect(waits.map((duty) => duty.firstMs?.())).toEqual([3_600_000, 5_400_000, 7_200_000]);
});

test('probe: only while a node is active; every probe has another text', async () => {
    let seed = 1;
    const ctx = setUp(() => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647);
    const duty = probeDuty(ctx, { probeMinMs: 1, probeMaxMs: 2, probeTimeoutMs: 1_000 });
    ctx.state.nodes = [{ node: 'n', isActive: false, lastPocMs: 0 }];
    await duty.run(running);
    expect(ctx.api.texts).toEqual([]);
    ctx.state.nodes = [{ node: 'n', isActive: true, lastPocMs: 0 }];
    for (let i = 0; i < 5; i++) await duty.run(running);
    expect(new Set(ctx.api.texts).size).toBe(5);
    expect(ctx.log.entries.filter((entry) => entry.message === 'probe served')).toHaveLength(5);
});

test('probe: a failed one is logged with its outcome', async () => {
    const ctx = setUp();
    ctx.state.nodes = [{ node: 'n', isActive: true, lastPocMs: 0 }];
    ctx.api.outcome = { kind: 'refused', httpStatus: 503, code: 'no_node' };
    await probeDuty(ctx, { probeMinMs: 1, probeMaxMs: 2, probeTimeoutMs: 1_000 }).run(running);
    expect(ctx.log.entries).toMatchObject([
        { level: 'warn', facts: { outcome: { httpStatus: 503, code: 'no_node' } } }
    ]);
});
