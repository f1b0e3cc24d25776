/** EMC-PoC-1 by the agents alone: validators that ask and verify, nodes that answer with each prover, all as they run live. */
import { pino } from 'pino';
import { canisterChallenges } from '../../src/node/adapters/canister_challenges';
import { Challenger } from '../../src/node/poc/challenger';
import type { Prover } from '../../src/node/poc/prover';
import { ReferenceProver } from '../../src/node/poc/reference_prover';
import { WasmProver } from '../../src/node/poc/wasm_prover';
import { canisterState } from '../../src/validator/adapters/canister_state';
import { attestDuty } from '../../src/validator/duties/attest';
import { challengeDuty } from '../../src/validator/duties/challenge';
import { prometheusMetrics } from '../../src/validator/metrics/metrics';
import type { Context } from '../../src/validator/ports';
import { specV1 } from '../../src/core/poc/spec';
import { asService } from '../support/pic_actor';
import { SAME_LIMITS, SMALL_SPEC } from '../support/poc';
import { idOf, keyOf, NodeRegistry, tag, VALIDATORS } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

let suite: Suite;
let net: NodeRegistry;

/** Windows that a test can wait for; rounds of real size would only take longer. */
const SPEC = specV1({ ...SMALL_SPEC, dimension: 128, rows: { XS: 128, S: 256, L: 512, XL: 1_024 }, windowMs: 40n });

beforeAll(async () => {
    suite = await deploySuite({ pocSpacingS: 0n, statusSpacingS: 0n, pocSpec: SPEC });
    net = new NodeRegistry(suite);
    await net.admitFour();
});
afterAll(async () => {
    for (const prover of provers) await prover.close();
    await suite.close();
});

const provers: Prover[] = [];

/** A prover that is closed when the tests end, however they do. */
function opened<P extends Prover>(prover: P): P {
    provers.push(prover);
    return prover;
}

const running = new AbortController().signal;
const log = pino({ enabled: false });
const CHALLENGE = { challengeMs: 1_000, reproofMeanMs: 60_000, reproofMaxMs: 120_000 };

async function validator(name: string): Promise<Context> {
    const nowMs = await net.nowMs();
    return {
        state: canisterState(asService(net.as(name)), { principal: idOf(name), publicKey: keyOf(name) }),
        api: { models: async () => [], send: async () => ({ kind: 'served', requestId: undefined }) },
        texts: () => '',
        metrics: prometheusMetrics(),
        clock: { nowMs: () => nowMs, sleep: async () => undefined, random: () => 0.999 },
        log
    };
}

/** A look of a validator, a second after whatever was before. */
async function ask(name: string): Promise<void> {
    await suite.advance(1);
    await challengeDuty(await validator(name), CHALLENGE).run(running);
}

const attest = async (name: string) => attestDuty(await validator(name), { attestMs: 1_000 }).run(running);

/** The agent of a node, as it is after a start. */
async function agent(name: string, prover: Prover): Promise<Challenger> {
    const nowMs = await net.nowMs();
    const source = canisterChallenges(asService(net.as(name)), idOf(name));
    const idle = { reserve: async () => () => undefined };
    return new Challenger({ source, prover, idle, log, nowMs: () => nowMs });
}

async function lastResult() {
    const [turn] = await net.as('anybody').get_turn();
    const { pocs } = await net.as('anybody').list_poc_results(turn!.poc_results - 1n, 1n);
    return pocs[0]!;
}

test('newcomers become active without anybody’s help: each validator asks once, three are enough', async () => {
    const both = { wasm: opened(new WasmProver(1)), reference: opened(new ReferenceProver()) };
    for (const [name, prover] of Object.entries(both)) {
        await net.join(name, 'compute');
        for (const [index, asking] of ['v1', 'v1', 'v2', 'v3', 'v4'].entries()) {
            await ask(asking);
            await (await agent(name, prover)).look(running);
            // The second look of the same validator asks nothing, and after the third the node is no newcomer.
            expect(await net.status(name)).toBe(index < 3 ? 'Registered' : 'Active');
        }
        expect((await net.view(name)).e_value_e8).toBeGreaterThan(0n);
    }
});

test('an active node is asked again before its proof is too old, and validators verify what it opened', async () => {
    const prover = opened(new WasmProver(1));
    await net.join('busy', 'compute');
    await net.prove('busy');
    let attested = 0;
    for (let probes = 0; probes < 6; probes++) {
        await suite.advance(121);
        await ask('v1');
        await (await agent('busy', prover)).look(running);
        const [open] = await net.as('anybody').get_open_poc(idOf('busy'));
        if (open !== undefined) {
            expect(tag(open.state)).toBe('Attesting');
            for (const name of ['v1', 'v1', 'v2', 'v3']) await attest(name);
            attested += 1;
        }
        const result = await lastResult();
        expect([result.node.toText(), tag(result.state)]).toEqual([idOf('busy').toText(), 'Passed']);
        expect([result.votes_ok, result.votes_bad]).toEqual(open === undefined ? [0, 0] : [3, 0]);
    }
    // Nine in ten are left to the validators.
    expect(attested).toBeGreaterThan(0);
});

test('a node that is killed after its commitment opens it after its restart', async () => {
    await net.join('killed', 'compute');
    await ask('v1');
    const first = opened(new WasmProver(1));
    const source = canisterChallenges(asService(net.as('killed')), idOf('killed'));
    const killed = { ...source, show: () => Promise.reject(new Error('killed')) };
    const idle = { reserve: async () => () => undefined };
    await new Challenger({ source: killed, prover: first, idle, log }).look(running);
    const [open] = await net.as('anybody').get_open_poc(idOf('killed'));
    expect(tag(open?.state)).toBe('Sampled');
    const second = opened(new ReferenceProver());
    await (await agent('killed', second)).look(running);
    expect(await lastResult()).toMatchObject({ id: open?.id, state: { Passed: null } });
});

test('honest nodes never fail, whatever the seeds and whoever verifies', async () => {
    const prover = opened(new ReferenceProver());
    await net.join('honest', 'compute');
    await net.prove('honest');
    for (const mode of [{ onchain: null }, { hybrid: null }, { quorum: null }] as const) {
        const policy = { ...SAME_LIMITS, slot_s: 0n, spacing_s: 0n, attestation_s: 600n, epoch_s: 7_200n };
        await net.governor().set_poc_policy({ ...policy, mode });
        for (let probes = 0; probes < 8; probes++) {
            await net.as(VALIDATORS[probes % 4]!).request_poc(idOf('honest'));
            await (await agent('honest', prover)).look(running);
            for (const name of VALIDATORS) await attest(name);
            expect(tag((await lastResult()).state)).toBe('Passed');
            await suite.pic.tick(1);
        }
    }
    expect((await net.as('anybody').get_poc_scores([idOf('honest')]))[0]).toMatchObject({ proven: true, failures: 0 });
});
