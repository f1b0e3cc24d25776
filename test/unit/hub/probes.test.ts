import type { Principal } from '@dfinity/principal';
import { Dice, NO_DICE, type DiceState } from '../../../canisters/hub/domain/dice';
import type { DueProbe } from '../../../canisters/hub/domain/probe_plan';
import type { SubmittedProbe } from '../../../canisters/hub/domain/probes';
import type { FinalStatus } from '../../../canisters/hub/domain/requests';
import { NS_PER_S } from '../../../src/core/clock';
import { sha256 } from '../../../src/core/hash';
import { aHub, type TestHub } from './a_hub';
import { principalNamed } from './fake_peers';

const V = principalNamed('validator');
const W = principalNamed('another validator');
const MIN_S = 3_600n;
const MAX_S = 7_200n;

/** A hub with validators who have credits and keys, and nodes that reported at genesis. */
async function aPlan(nodes = 1, validators: readonly Principal[] = [V]): Promise<TestHub> {
    const t = await aHub();
    t.peers.validatorSet.push(...validators);
    for (const validator of validators) await equip(t, validator);
    for (let n = 0; n < nodes; n++) report(t, t.peers.node(`node ${n}`));
    await run(t);
    return t;
}

const hashOf = (who: Principal): Uint8Array => sha256(who.toUint8Array());

/** Credits and an API key; a Validator's when it is in the set. */
async function equip(t: TestHub, who: Principal): Promise<void> {
    await t.buy(who, 1_000n);
    await t.hub.registerKey(who, { hash: hashOf(who), label: 'probes' });
}

/** A call that the key lets go to these nodes only. */
function openTo(t: TestHub, who: Principal, ...nodes: readonly Principal[]): bigint {
    t.hub.keys.limit(who, hashOf(who), { nodes });
    return t.openBy({ kind: 'ApiKey', hash: hashOf(who) }, 1n);
}

function callTo(t: TestHub, who: Principal, node: Principal, status: FinalStatus = 'Success'): bigint {
    const requestId = openTo(t, who, node);
    t.record(requestId, node, status, 1n);
    return requestId;
}

function report(t: TestHub, node: Principal): void {
    t.peers.statuses.set(node.toText(), { isActive: true, lastStatusNs: t.nowNs() });
}

/** Lets the timer run until nothing is left for now. */
async function run(t: TestHub): Promise<void> {
    while (await t.hub.planProbes.run());
}

/** All nodes stay online up to an instant; the timer runs every five minutes. */
async function live(t: TestHub, untilS: bigint): Promise<void> {
    for (let s = (t.nowNs() - t.peers.hubClock.genesisNs) / NS_PER_S; s < untilS; s += 300n) {
        t.at(s);
        for (const { node } of t.peers.snapshot) report(t, node);
        await run(t);
    }
    t.at(untilS);
    await run(t);
}

const due = (t: TestHub, validator = V): readonly DueProbe[] => t.hub.probePlan.due(validator, 1_800n, t.nowNs());

function firstDue(t: TestHub, validator = V): DueProbe {
    const [probe] = due(t, validator);
    if (probe === undefined) throw new Error('no probe is due');
    return probe;
}

type Said = Pick<DueProbe, 'probeId' | 'node'> & Partial<Pick<SubmittedProbe, 'status' | 'requestId'>>;

async function say(t: TestHub, { probeId, node, status = 'Success', requestId }: Said, validator = V): Promise<string> {
    const submitted = await t.hub.planProbes.submit(validator, { probeId, node, status, elapsedMs: 250n, requestId });
    return submitted.ok ? 'Ok' : submitted.error.kind;
}

/** Says that a probe succeeded, after a call of the validator that did. */
const submit = (t: TestHub, probe: Pick<DueProbe, 'probeId' | 'node'>, validator = V): Promise<string> =>
    say(t, { ...probe, requestId: callTo(t, validator, probe.node) }, validator);

test('each validator has one probe of each online node, the first within the shorter interval', async () => {
    const t = await aPlan(3, [V, W]);
    expect(t.hub.onlineNodes.count()).toBe(3n);
    expect(t.hub.probePlan.waitingCount() + due(t).length + due(t, W).length).toBe(6);
    await live(t, MIN_S);
    for (const validator of [V, W]) expect(due(t, validator).length).toBe(3);
});

test('AS-34: the next probe is due 3 600 to 7 200 seconds after the last, not a second earlier', async () => {
    const t = await aPlan();
    await live(t, MIN_S);
    const first = firstDue(t);
    const atNs = t.nowNs();
    expect(await submit(t, first)).toBe('Ok');
    const next = t.hub.probePlan.get({ validator: V, node: first.node });
    expect(next?.dueNs).toBeGreaterThanOrEqual(atNs + MIN_S * NS_PER_S);
    expect(next?.dueNs).toBeLessThanOrEqual(atNs + MAX_S * NS_PER_S);
    const again = { probeId: next?.probeId ?? 0n, node: first.node };
    await live(t, MIN_S + 3_599n);
    expect(due(t)).toEqual([]);
    expect(await submit(t, again)).toBe('NotDue');
    await live(t, MIN_S + MAX_S);
    expect(firstDue(t)).toMatchObject(again);
    expect(await submit(t, again)).toBe('Ok');
});

test('a result is taken once, from its validator, for its node', async () => {
    const t = await aPlan(2, [V, W]);
    await live(t, MIN_S);
    const probe = firstDue(t);
    const other = t.peers.snapshot.find(({ node }) => node.compareTo(probe.node) !== 'eq');
    expect(await say(t, probe, principalNamed('stranger'))).toBe('NotAValidator');
    expect(await submit(t, probe, W)).toBe('NotFound');
    expect(await submit(t, { ...probe, node: other?.node ?? V })).toBe('NotFound');
    expect([await submit(t, probe), await submit(t, probe)]).toEqual(['Ok', 'AlreadySubmitted']);
    expect(t.hub.probes.get(probe.probeId)).toMatchObject({ validator: V, status: 'Success', elapsedMs: 250n });
    expect(t.hub.probes.listByNode(probe.node, 0n, 9n)).toEqual(t.hub.probes.listByValidator(V, 0n, 9n));
    expect(due(t).map(({ probeId }) => probeId)).not.toContain(probe.probeId);
});

test('two submissions of one probe at once count once', async () => {
    const t = await aPlan();
    await live(t, MIN_S);
    const probe = firstDue(t);
    t.at(MIN_S + 2_000n);
    report(t, probe.node);
    const answers = await Promise.all([submit(t, probe), submit(t, probe)]);
    expect(answers.sort()).toEqual(['AlreadySubmitted', 'Ok']);
    expect(t.hub.probes.count()).toBe(1);
});

test('AS-33: a node is probed up to 1 800 seconds after its report, and not a second later', async () => {
    const t = await aPlan();
    await live(t, MIN_S);
    const probe = firstDue(t);
    report(t, probe.node);
    t.hub.onlineNodes.seen(probe.node, t.nowNs());
    t.at(MIN_S + 1_801n);
    expect(due(t)).toEqual([]);
    expect(await submit(t, probe)).toBe('NotOnline');
    t.at(MIN_S + 1_800n);
    expect(due(t)).toEqual([probe]);
    expect(await submit(t, probe)).toBe('Ok');
});

test('a report that the hub has not heard of yet counts, and an unreachable state machine is no verdict', async () => {
    const t = await aPlan();
    await live(t, MIN_S);
    const probe = firstDue(t);
    t.at(MIN_S + 1_801n);
    t.peers.failNext('tradedNode', 'down');
    expect(await submit(t, probe)).toBe('TemporarilyUnavailable');
    report(t, probe.node);
    expect(await submit(t, probe)).toBe('Ok');
});

test('nodes that went offline are forgotten with their probes, and planned again when they return', async () => {
    const t = await aPlan(3);
    const [gone] = t.peers.snapshot;
    const rest = t.peers.snapshot.slice(1);
    for (let s = 300n; s <= 2_400n; s += 300n) {
        t.at(s);
        for (const { node } of rest) report(t, node);
        await run(t);
    }
    expect(t.hub.onlineNodes.count()).toBe(2n);
    expect(t.hub.probePlan.get({ validator: V, node: gone?.node ?? V })).toBeUndefined();
    expect(await say(t, { probeId: 0n, node: gone?.node ?? V })).toBe('NotOnline');
    expect(t.hub.probePlan.waitingCount() + due(t).length).toBe(2);
    await live(t, 2_400n + MIN_S);
    expect(due(t).length).toBe(3);
});

test('a validator that joins is planned, one that leaves is not asked any more', async () => {
    const t = await aPlan(3, [V]);
    await live(t, MIN_S);
    expect(due(t).length).toBe(3);
    t.peers.validatorSet.splice(0, 1, W);
    await live(t, 2n * MIN_S + 300n);
    expect(t.hub.probePlan.dueCount(V)).toBe(0n);
    expect(t.hub.probePlan.waitingCount() + due(t, W).length).toBe(3);
    expect(await submit(t, firstDue(t, W), V)).toBe('NotAValidator');
    expect(t.hub.probePlan.probers()).toMatchObject({ members: [W], departed: [] });
});

test('a walk that is interrupted goes on with its page, and nothing is forgotten meanwhile', async () => {
    const t = await aPlan(250);
    expect(t.hub.onlineNodes.count()).toBe(250n);
    t.at(300n);
    for (const { node } of t.peers.snapshot) report(t, node);
    let pages = 0;
    t.peers.meanwhile = (call) => {
        if (call === 'onlineNodes' && ++pages === 2) t.peers.failNext('onlineNodes', 'down');
    };
    await run(t);
    expect(t.hub.tables.probing.progress.get()).toMatchObject({ walk: 2n, nextPage: 100n });
    expect(t.hub.onlineNodes.count()).toBe(250n);
    await run(t);
    expect(t.hub.tables.probing.progress.get()).toMatchObject({ walk: 2n, nextPage: undefined, sweepAt: undefined });
    expect(t.hub.onlineNodes.count()).toBe(250n);
});

test('work is done in portions: a large plan takes several runs, and none is done twice', async () => {
    const t = await aHub();
    t.peers.validatorSet.push(...Array.from({ length: 13 }, (_, n) => principalNamed(`validator ${n}`)));
    for (let n = 0; n < 150; n++) report(t, t.peers.node(`node ${n}`));
    let runs = 1;
    while (await t.hub.planProbes.run()) runs++;
    expect(runs).toBeGreaterThanOrEqual(6);
    const listed = t.peers.validatorSet.reduce(
        (sum, validator) => sum + Number(t.hub.probePlan.dueCount(validator)),
        0
    );
    expect(t.hub.probePlan.waitingCount() + listed).toBe(13 * 150);
    const ids = new Set(
        t.peers.snapshot.flatMap(({ node }) =>
            t.peers.validatorSet.map((validator) => t.hub.probePlan.get({ validator, node })?.probeId)
        )
    );
    expect(ids.size).toBe(13 * 150);
});

test('without randomness nothing is planned', async () => {
    const t = await aHub();
    t.peers.validatorSet.push(V);
    report(t, t.peers.node('A'));
    t.peers.failNext('randomness', 'down');
    await run(t);
    expect(t.hub.probePlan.waitingCount()).toBe(0);
    await run(t);
    expect(t.hub.probePlan.waitingCount() + due(t).length).toBe(1);
});

test('dice: numbers fill their range, differ, and do not depend on how many are drawn at once', () => {
    const diceOf = (seed: number): Dice => {
        let state: DiceState = NO_DICE;
        const dice = new Dice({ get: () => state, set: (next) => (state = next) });
        dice.reseed(sha256(Uint8Array.of(seed)), 0n);
        return dice;
    };
    const together = diceOf(1).uniform(1_000, 10n, 19n);
    const single = diceOf(1);
    expect(together.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => single.uniform(1, 10n, 19n)[0]));
    const counts = Array.from({ length: 10 }, (_, n) => together.filter((value) => value === BigInt(10 + n)).length);
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1_000);
    expect(diceOf(2).uniform(8, 0n, 1n << 30n)).not.toEqual(diceOf(1).uniform(8, 0n, 1n << 30n));
});

/** A due probe of one of two nodes, the other node, and what the hub makes of results. */
async function aDueProbe() {
    const t = await aPlan(2, [V, W]);
    const early = callTo(t, V, t.peers.snapshot[0]?.node ?? V);
    await live(t, MIN_S);
    const [probe, other] = due(t);
    if (probe === undefined || other === undefined) throw new Error('no probes are due');
    const answer = (requestId?: bigint, status?: SubmittedProbe['status']) => say(t, { ...probe, requestId, status });
    return { t, probe, other, early, answer };
}

test('a Success is a call of the validator by its key, since the probe was due, that the node served', async () => {
    const { t, probe, other, early, answer } = await aDueProbe();
    const notByKey = t.call(V, probe.node, 1n);
    const wrong = [undefined, 999n, early, notByKey, callTo(t, W, probe.node), callTo(t, V, other.node)];
    for (const requestId of wrong) expect(await answer(requestId)).toBe('NotBacked');
    for (const status of ['Failed', 'Timeout', 'Cancelled'] as const) {
        expect(await answer(callTo(t, V, probe.node, status))).toBe('NotBacked');
    }
    const call = openTo(t, V, probe.node);
    expect(await answer(call)).toBe('NotRecorded');
    t.record(call, probe.node, 'Success', 1n);
    expect(await answer(call)).toBe('Ok');
    expect(t.hub.probes.listByNode(probe.node, 0n, 1n)).toMatchObject([{ requestId: call, status: 'Success' }]);
});

test('a key that was made before its owner was a validator backs nothing', async () => {
    const t = await aHub();
    await equip(t, V);
    t.peers.validatorSet.push(V);
    report(t, t.peers.node('A'));
    await run(t);
    await live(t, MIN_S);
    const probe = firstDue(t);
    expect(await submit(t, probe)).toBe('NotBacked');
    t.hub.keys.revoke(V, hashOf(V), t.nowNs());
    expect(await say(t, { ...probe, status: 'Unreachable' })).toBe('Ok');
});

test('a call backs one probe', async () => {
    const { t, probe, answer } = await aDueProbe();
    const call = callTo(t, V, probe.node);
    expect(await answer(call)).toBe('Ok');
    await live(t, MIN_S + MAX_S);
    const again = due(t).find(({ node }) => node.compareTo(probe.node) === 'eq');
    if (again === undefined) throw new Error('the next probe is not due');
    const repeated = { ...again, requestId: call };
    expect([await say(t, repeated), await say(t, { ...repeated, status: 'Failed' })]).toEqual([
        'NotBacked',
        'NotBacked'
    ]);
    expect(await submit(t, again)).toBe('Ok');
});

test('a failure names the call that was opened for it, and stands alone only where there is none', async () => {
    const { t, probe, other, answer } = await aDueProbe();
    const callOf = (): bigint | undefined => t.hub.probes.callOf(V, probe.node);
    expect(callOf()).toBeUndefined();
    const call = openTo(t, V, probe.node);
    expect(callOf()).toBe(call);
    for (const status of ['Failed', 'Timeout', 'Unreachable'] as const) {
        expect(await answer(undefined, status)).toBe('NotBacked');
    }
    expect(await answer(call, 'Unreachable')).toBe('NotBacked');
    for (const wrong of [openTo(t, V, other.node), openTo(t, V, probe.node, other.node), openTo(t, W, probe.node)]) {
        expect(await answer(wrong, 'Failed')).toBe('NotBacked');
    }
    t.record(call, undefined, 'Cancelled', 0n);
    expect(await answer(call, 'Timeout')).toBe('Ok');
    expect(await say(t, { ...other, status: 'Failed', requestId: call })).toBe('NotBacked');
    const toOther = t.hub.probes.callOf(V, other.node);
    expect(await say(t, { ...other, status: 'Failed', requestId: toOther })).toBe('Ok');
    await live(t, MIN_S + MAX_S);
    const next = due(t).find(({ node }) => node.compareTo(probe.node) === 'eq');
    if (next === undefined) throw new Error('the next probe is not due');
    expect([callOf(), await say(t, { ...next, status: 'Failed' })]).toEqual([undefined, 'Ok']);
});
