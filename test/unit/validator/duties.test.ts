import { attestDuty } from '../../../src/validator/duties/attest';
import { challengeDuty } from '../../../src/validator/duties/challenge';
import { probeDuty } from '../../../src/validator/duties/probe';
import { reportDuty } from '../../../src/validator/duties/report';
import { context, fakeClock, proof, rightOpening, wrongProof } from './fakes';

const running = new AbortController().signal;

function setUp(random: () => number = () => 0.5) {
    const { clock } = fakeClock(new AbortController(), 1_000, random);
    return context(clock);
}

test('attest: the verdict is what the opening shows, once per proof', async () => {
    const ctx = setUp();
    const damaged = rightOpening();
    damaged[5] = (damaged[5] ?? 0) ^ 1;
    ctx.state.proofs = [
        proof(1n),
        proof(2n),
        proof(3n, { hasMyVote: true }),
        proof(4n),
        proof(5n, { claim: wrongProof.claim }),
        proof(6n)
    ];
    ctx.state.openings.set(1n, rightOpening()).set(2n, damaged).set(3n, rightOpening());
    ctx.state.openings.set(5n, wrongProof.opening).set(6n, new Uint8Array());
    await attestDuty(ctx, { attestMs: 1_000 }).run(running);
    expect(ctx.state.calls).toEqual(['attest 1 true', 'attest 2 false', 'attest 5 false', 'attest 6 false']);
    expect(ctx.log.entries.map(({ facts }) => facts.fault)).toEqual([undefined, 'fold', 'product', 'size']);
    expect(await ctx.metrics.text()).toContain('emc_validator_proofs_total{verdict="no",result="ok"} 3');
});

test('attest and challenge: do nothing before the agent is in the set', async () => {
    const ctx = setUp();
    ctx.state.validator = false;
    ctx.state.proofs = [proof(1n)];
    ctx.state.openings.set(1n, rightOpening());
    ctx.state.nodes = [{ node: 'n', isActive: false, isNew: true, lastPocMs: 0, apps: [] }];
    await attestDuty(ctx, { attestMs: 1_000 }).run(running);
    await challengeDuty(ctx, CHALLENGE).run(running);
    expect(ctx.state.calls).toEqual([]);
});

const CHALLENGE = { challengeMs: 60_000, reproofMeanMs: 2_400_000, reproofMaxMs: 4_800_000 };

test('challenge: new nodes after the spacing, each once by each validator; active ones before their proof is too old', async () => {
    const ctx = setUp();
    const now = ctx.clock.nowMs();
    const node = (name: string, isActive: boolean, ageMs: number) => ({
        node: name,
        isActive,
        isNew: !isActive,
        lastPocMs: now - ageMs,
        apps: []
    });
    ctx.state.nodes = [
        { node: 'never', isActive: false, isNew: true, lastPocMs: 0, apps: [] },
        node('just-asked', false, 600_000),
        node('failed', false, 600_001),
        node('mine', false, 600_001),
        node('fresh', true, 4_800_000),
        node('old', true, 4_800_001)
    ];
    ctx.state.mine.add('mine');
    await challengeDuty(ctx, CHALLENGE).run(running);
    expect([...ctx.state.calls].sort()).toEqual(['request failed', 'request never', 'request old']);
});

test('challenge: a newcomer that fails is asked ever more seldom, up to sixteen spacings; one that was active is not kept waiting', async () => {
    const asked = async (isNew: boolean, failures: number, ageMs: number): Promise<boolean> => {
        const ctx = setUp();
        ctx.state.nodes = [{ node: 'n', isActive: false, isNew, lastPocMs: ctx.clock.nowMs() - ageMs, apps: [] }];
        ctx.state.failures.set('n', failures);
        await challengeDuty(ctx, CHALLENGE).run(running);
        return ctx.state.calls.length === 1;
    };
    for (const [failures, spacings] of [
        [0, 1],
        [1, 2],
        [3, 8],
        [4, 16],
        [90, 16]
    ] as const) {
        expect(await asked(true, failures, spacings * 600_000)).toBe(false);
        expect(await asked(true, failures, spacings * 600_000 + 1)).toBe(true);
        expect(await asked(false, failures, 600_001)).toBe(true);
    }
});

test('challenge: newcomers that never answer do not keep the others waiting, and the order is another each time', async () => {
    let seed = 11;
    const ctx = setUp(() => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647);
    const names = Array.from({ length: 60 }, (_, i) => `n${i}`);
    ctx.state.nodes = names.map((node) => ({ node, isActive: false, isNew: true, lastPocMs: 0, apps: [] }));
    for (const node of names.slice(0, 50)) ctx.state.failures.set(node, 3);
    const duty = challengeDuty(ctx, CHALLENGE);
    const order = async (): Promise<readonly string[]> => {
        await duty.run(running);
        return ctx.state.calls.splice(0).map((call) => call.slice('request '.length));
    };
    const [first, second] = [await order(), await order()];
    expect(new Set(first)).toEqual(new Set(names));
    expect(new Set(first.slice(0, 10))).toEqual(new Set(names.slice(50)));
    expect(second).not.toEqual(first);
});

test('challenge: at most eight requests are under way, and none begins after the end', async () => {
    const stop = new AbortController();
    const ctx = setUp();
    ctx.state.nodes = Array.from({ length: 30 }, (_, i) => ({
        node: `n${i}`,
        isActive: false,
        isNew: true,
        lastPocMs: 0,
        apps: []
    }));
    let [underWay, most, done] = [0, 0, 0];
    ctx.state.requestProof = async () => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        if (++done === 16) stop.abort();
        return undefined;
    };
    await challengeDuty(ctx, CHALLENGE).run(stop.signal);
    expect(most).toBe(8);
    expect(done).toBeGreaterThanOrEqual(16);
    expect(done).toBeLessThan(30);
});

test('challenge: active nodes are asked at random times, so often that all validators together keep to the mean', async () => {
    const asked = async (validators: number): Promise<number> => {
        let seed = 7;
        const ctx = setUp(() => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647);
        ctx.state.validators = validators;
        ctx.state.nodes = [
            { node: 'n', isActive: true, isNew: false, lastPocMs: ctx.clock.nowMs() - 1_000_000, apps: [] }
        ];
        const duty = challengeDuty(ctx, CHALLENGE);
        for (let look = 0; look < 4_000; look++) await duty.run(running);
        return ctx.state.calls.length;
    };
    // 4,000 looks of a minute, a request in 40 minutes: 100; a quarter of them by each of four validators.
    expect(Math.abs((await asked(1)) - 99)).toBeLessThan(30);
    expect(Math.abs((await asked(4)) - 25)).toBeLessThan(15);
});

test('challenge: being late is no news, other refusals are', async () => {
    const ctx = setUp();
    ctx.state.nodes = [{ node: 'n', isActive: false, isNew: true, lastPocMs: 0, apps: [] }];
    const duty = challengeDuty(ctx, CHALLENGE);
    for (const code of ['AlreadyOpen', 'NotAValidator']) {
        ctx.state.refusal = { code };
        await duty.run(running);
    }
    expect(ctx.log.entries.map((entry) => entry.level)).toEqual(['debug', 'warn']);
});

test('challenge: when the canister checks no more newcomers for now, the other newcomers wait and known nodes do not', async () => {
    const ctx = setUp();
    const newcomers = Array.from({ length: 40 }, (_, i) => ({ node: `n${i}`, isActive: false, isNew: true }));
    const known = Array.from({ length: 5 }, (_, i) => ({ node: `a${i}`, isActive: true, isNew: false }));
    ctx.state.nodes = [...newcomers, ...known].map((node) => ({ ...node, lastPocMs: 0, apps: [] }));
    ctx.state.refusal = { code: 'RateLimited' };
    await challengeDuty(ctx, CHALLENGE).run(running);
    const asked = (letter: string) => ctx.state.calls.filter((call) => call.startsWith(`request ${letter}`)).length;
    // Those that were under way already were asked for, too.
    expect(asked('n')).toBeLessThanOrEqual(8);
    expect(asked('a')).toBe(5);
    expect(ctx.log.entries.every(({ level }) => level === 'debug')).toBe(true);
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
    const config = { probeMinMs: 3_600_000, probeMaxMs: 7_200_000, probeTimeoutMs: 1_000, probeModel: 'm' };
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
    const duty = probeDuty(ctx, { probeMinMs: 1, probeMaxMs: 2, probeTimeoutMs: 1_000, probeModel: 'm' });
    ctx.state.nodes = [{ node: 'n', isActive: false, isNew: true, lastPocMs: 0, apps: [] }];
    await duty.run(running);
    expect(ctx.api.calls).toEqual([]);
    ctx.state.nodes = [{ node: 'n', isActive: true, isNew: false, lastPocMs: 0, apps: [] }];
    for (let i = 0; i < 5; i++) await duty.run(running);
    expect(new Set(ctx.api.calls.map((call) => JSON.stringify(call.body))).size).toBe(5);
    expect(ctx.log.entries.filter((entry) => entry.message === 'probe served')).toHaveLength(5);
});

test('probe: a failed one is logged with its outcome', async () => {
    const ctx = setUp();
    ctx.state.nodes = [{ node: 'n', isActive: true, isNew: false, lastPocMs: 0, apps: [] }];
    ctx.api.outcome = { kind: 'refused', httpStatus: 503, code: 'no_node' };
    await probeDuty(ctx, { probeMinMs: 1, probeMaxMs: 2, probeTimeoutMs: 1_000, probeModel: 'm' }).run(running);
    expect(ctx.log.entries).toMatchObject([
        { level: 'warn', facts: { outcome: { httpStatus: 503, code: 'no_node' } } }
    ]);
});
