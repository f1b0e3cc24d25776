import { runDuties } from '../../../src/validator/agent';
import { systemClock } from '../../../src/validator/adapters/system_clock';
import { parseValidatorConfig } from '../../../src/validator/config';
import { repeat, type Duty } from '../../../src/validator/duty';
import { prometheusMetrics } from '../../../src/validator/metrics/metrics';
import { agentContext, fakeClock, memoryLog } from './fakes';

const valid = {
    host: 'http://127.0.0.1:4943',
    canisterIds: { state_machine: 'bkyz2-fmaaa-aaaaa-qaaaq-cai' },
    keyFile: 'validator.pem',
    gatewayUrl: 'http://127.0.0.1:8787',
    apiKey: 'secret'
};

function configured(change: object = {}) {
    const parsed = parseValidatorConfig({ ...valid, ...change });
    expect(parsed.ok).toBe(true);
    return parsed.ok ? parsed.value : undefined;
}

test('config: probes an hour or two apart by default', () => {
    expect(configured()).toMatchObject({ probeMinMs: 3_600_000, probeMaxMs: 7_200_000, reportMs: 900_000 });
});

test('config: lists every problem with its field', () => {
    const parsed = parseValidatorConfig({ ...valid, host: 'nowhere', apiKey: '', canisterIds: {} });
    const fields = parsed.ok ? [] : parsed.error.map((problem) => problem.split(':')[0]);
    expect(fields).toEqual(['host', 'canisterIds.state_machine', 'apiKey']);
    const swapped = parseValidatorConfig({ ...valid, probeMinMs: 200, probeMaxMs: 100 });
    expect(swapped.ok ? '' : swapped.error[0]).toMatch(/^probeMinMs:/);
});

test('repeat: a failing duty is logged and goes on, until the signal', async () => {
    const stop = new AbortController();
    const { clock, slept } = fakeClock(stop, 3);
    const log = memoryLog();
    let runs = 0;
    const duty: Duty = {
        name: 'flaky',
        async run() {
            runs += 1;
            if (runs === 2) throw new RangeError('second');
        },
        firstMs: () => 7,
        nextMs: () => 11
    };
    const metrics = prometheusMetrics();
    await repeat(duty, { clock, log, metrics }, stop.signal);
    expect(await metrics.text()).toMatch(/^emc_validator_failures_total\{duty="flaky"\} 1$/m);
    expect([runs, slept]).toEqual([2, [7, 11, 11]]);
    expect(log.entries).toMatchObject([{ level: 'error', facts: { duty: 'flaky', reason: 'RangeError: second' } }]);
});

test('runDuties: all duties run side by side and all end with the signal', async () => {
    const stop = new AbortController();
    const { clock } = fakeClock(stop, 40);
    const ctx = agentContext(clock);
    ctx.state.nodes = [{ node: 'n', isActive: true, isNew: false, lastPocMs: 0, apps: [] }];
    ctx.state.failure = new TypeError('network down');
    await runDuties(ctx, configured()!, stop.signal);
    expect(new Set(ctx.state.calls)).toEqual(new Set(['report', 'request n']));
    expect(ctx.api.calls.length).toBeGreaterThan(0);
    expect(ctx.log.entries.filter((entry) => entry.level === 'error').length).toBeGreaterThan(1);
    expect(ctx.log.entries.at(-1)?.message).toBe('validator stopped');
});

test('systemClock: an abort ends a sleep at once', async () => {
    const stop = new AbortController();
    const sleeping = systemClock.sleep(3_600_000, stop.signal);
    stop.abort();
    await sleeping;
    await systemClock.sleep(3_600_000, stop.signal);
    expect(stop.signal.aborted).toBe(true);
});
