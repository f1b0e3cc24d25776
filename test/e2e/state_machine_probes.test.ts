/** The hub's plan of probes, as validators' agents follow it. */
import { sha256 } from '../../src/core/hash';
import { canisterPlan } from '../../src/validator/adapters/canister_plan';
import { plannedProbeDuty } from '../../src/validator/duties/planned_probe';
import { canisterState } from '../../src/validator/adapters/canister_state';
import { prometheusMetrics } from '../../src/validator/metrics/metrics';
import type { ProbeOutcome } from '../../src/validator/ports';
import { pino } from 'pino';
import { asService } from '../support/pic_actor';
import { accepted, idOf, keyOf, NodeRegistry, STATUS, tag } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

let suite: Suite;
let net: NodeRegistry;

beforeAll(async () => {
    suite = await deploySuite({ pocSpacingS: 0n, statusSpacingS: 10n });
    net = new NodeRegistry(suite);
    await net.admitFour();
});
afterAll(() => suite.close());

const API_KEY = 'emc-key of v1';

async function activeNode(name: string): Promise<void> {
    await net.join(name, 'compute');
    await net.prove(name);
}

/** Time passes, the node stays online. */
async function wait(minutes: number): Promise<void> {
    for (let passed = 0; passed < minutes; passed += 20) {
        await suite.advance(20 * 60);
        accepted(await net.as('c1').report_status(STATUS));
    }
    await suite.advance(31);
}

test('AS-34: a due probe is directed to its node, and its result plans the next one an hour or two later', async () => {
    await activeNode('c1');
    await suite.advance(61);
    const hub = suite.as('hub', idOf('v1'));
    const keyHash = sha256(new TextEncoder().encode(API_KEY));
    accepted(await hub.create_api_key({ label: 'probes', key_hash: keyHash }));
    const outcome: ProbeOutcome = { kind: 'unreachable', reason: 'ECONNREFUSED' };
    const api = { models: async () => [], send: async () => outcome };
    const plan = canisterPlan(asService(hub), idOf('v1'), [{ apiKey: API_KEY, api }]);
    expect(await plan.dueProbes()).toEqual([]);
    await wait(120);
    const due = await plan.dueProbes();
    expect(due.map((probe) => probe.node)).toEqual([idOf('c1').toText()]);

    const nowMs = await net.nowMs();
    const context = {
        state: canisterState(asService(net.as('v1')), { principal: idOf('v1'), publicKey: keyOf('v1') }),
        api,
        texts: () => 'a text',
        metrics: prometheusMetrics(),
        log: pino({ enabled: false }),
        clock: { nowMs: () => nowMs, sleep: async () => undefined, random: () => 0.5 }
    };
    const duty = plannedProbeDuty(context, plan, {
        planMs: 1,
        probeTimeoutMs: 1_000,
        probeModel: 'm',
        recordMs: 1_000
    });
    await duty.run(new AbortController().signal);
    const [key] = await hub.list_api_keys(0n, 10n);
    expect(key?.limits.nodes[0]?.map(String)).toEqual([idOf('c1').toText()]);
    const [result] = await hub.list_validator_probes(idOf('v1'), 0n, 10n);
    expect([tag(result?.status), result?.node.toText()]).toEqual(['Unreachable', idOf('c1').toText()]);
    expect(await plan.dueProbes()).toEqual([]);
    expect(await suite.as('hub', idOf('v2')).list_due_probes(idOf('v1'))).toEqual([]);
    expect(await plan.recordOf(1_000n)).toBeUndefined();
});
