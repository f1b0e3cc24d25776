/** The agreement on a network: agents that propose, vote, commit and confirm; proofs that stand against the root key; upgrades; strangers. */
import { pino } from 'pino';
import { fetchVerifiedState, trustIn } from '../../src/client/state_proof';
import { rootOf } from '../../src/core/consensus/merkle';
import { headerOver, rangeLevels, stateHash } from '../../src/core/consensus/state_hash';
import { pocDigest } from '../../src/core/consensus/state_item';
import { canisterAgreement } from '../../src/validator/adapters/canister_agreement';
import { canisterRecords } from '../../src/validator/adapters/canister_records';
import { canisterState } from '../../src/validator/adapters/canister_state';
import { agreeDuty } from '../../src/validator/duties/agree';
import { commitDuty } from '../../src/validator/duties/commit';
import type { JournalStore } from '../../src/validator/journal/journal';
import { prometheusMetrics } from '../../src/validator/metrics/metrics';
import type { AgreementContext } from '../../src/validator/ports';
import { asService, toPicPrincipal } from '../support/pic_actor';
import { accepted, code, idOf, keyOf, NodeRegistry, outcome, tag, VALIDATORS } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';
import { SubnetKey } from '../support/certificates';

let suite: Suite;
let net: NodeRegistry;
let rootKey: Uint8Array;

beforeAll(async () => {
    suite = await deploySuite({ pocSpacingS: 0n, statusSpacingS: 10n });
    net = new NodeRegistry(suite);
    await net.admitFour();
    const subnet = await suite.pic.getCanisterSubnetId(toPicPrincipal(suite.ids.state_machine));
    rootKey = Uint8Array.from(await suite.pic.getPubKey(subnet as never));
});
afterAll(() => suite.close());

const running = new AbortController().signal;
const config = { agreeMs: 1, heartbeatMs: 0, commitMs: 1, commitStates: 2, commitAgeMs: 600_000 };

/** Journals outlive the agents, as files do. */
const journals = new Map<string, string[]>();

function journalOf(name: string): JournalStore {
    const lines = journals.get(name) ?? [];
    journals.set(name, lines);
    return {
        read: async () => [...lines],
        append: async (line) => void lines.push(line),
        replace: async (kept) => void lines.splice(0, lines.length, ...kept)
    };
}

/** An agent's context as it is after a start. */
async function agent(name: string): Promise<AgreementContext> {
    const nowMs = await net.nowMs();
    const actor = asService(net.as(name));
    const certifier = { canisterId: suite.ids.state_machine, rootKey, nowMs: () => nowMs };
    return {
        state: canisterState(actor, { principal: idOf(name), publicKey: keyOf(name) }),
        agreement: canisterAgreement(actor, idOf(name), certifier),
        records: canisterRecords(asService(suite.as('hub')), asService(suite.as('rewards'))),
        journal: journalOf(name),
        api: { models: async () => [], send: async () => ({ kind: 'unreachable', reason: 'none' }) },
        texts: () => '',
        metrics: prometheusMetrics(),
        log: pino({ enabled: false }),
        clock: { nowMs: () => nowMs, sleep: async () => undefined, random: () => 0.5 }
    };
}

const agree = async (name: string) => agreeDuty(await agent(name), config).run(running);
const commit = async (name: string) => commitDuty(await agent(name), config).run(running);

/** Whose turn it is now, by name. */
async function turn() {
    const [view] = await net.as('anybody').get_turn();
    const proposer = VALIDATORS.find((name) => idOf(name).compareTo(view!.proposer) === 'eq')!;
    return { ...view!, proposer };
}

/** The next state, by the agents alone. */
async function nextState(): Promise<bigint> {
    const before = (await net.as('anybody').get_tip()).head.tip_height;
    const { proposer } = await turn();
    await agree(proposer);
    for (const name of VALIDATORS.filter((other) => other !== proposer)) await agree(name);
    await agree(proposer);
    const after = (await net.as('anybody').get_tip()).head.tip_height;
    expect(after).toBe(before + 1n);
    return after;
}

/** A compute node that has proved its computing; the id of its last proof. */
async function provenNode(name: string): Promise<bigint> {
    await net.join(name, 'compute');
    return net.prove(name);
}

/** A proposal made by hand: whoever is in turn, no items. */
async function emptyProposal() {
    const { height, round, parent_hash: parent, proposer } = await turn();
    const parentHash = Uint8Array.from(parent);
    const hash = stateHash(headerOver(height, parentHash, []));
    const propose = { height, round, parent_hash: parentHash, items: [] };
    const vote = (name: string, yes = true) => net.as(name).vote_state({ height, round, hash, yes });
    return { height, round, hash, proposer, propose, vote };
}

test('story: a proof of computing becomes a state bit that anybody can verify, trusting only the root key', async () => {
    const id = await provenNode('c1');
    const height = await nextState();
    await nextState();
    const [state] = await net.as('anybody').get_state_at(height);
    expect([tag(state?.status), state?.item_count, state?.yes.length]).toEqual(['Final', 3, 4]);

    const subject = { Item: { kind: { PocResult: null }, ref: 2n } } as const;
    const actor = asService(net.as('anybody'));
    const trust = trustIn(rootKey, suite.ids.state_machine, await net.nowMs());
    expect(await fetchVerifiedState(actor, subject, trust)).toEqual({ ok: false, error: 'NotCommitted' });
    for (const name of VALIDATORS) await commit(name);
    for (const name of VALIDATORS) await commit(name);
    const { commitments } = await net.as('anybody').list_commitments(0n, 10n);
    expect(commitments.map((entry) => [entry.from, entry.to, tag(entry.status)])).toEqual([[1n, 2n, 'Confirmed']]);
    expect(commitments[0]!.confirmed_by.length).toBeGreaterThanOrEqual(3);

    const verified = await fetchVerifiedState(actor, subject, trust);
    const [poc] = await net.as('anybody').get_poc(id);
    const digest = pocDigest({
        id,
        node: idOf('c1').toUint8Array(),
        passed: true,
        eValueE8: poc?.e_value_e8[0] ?? 0n,
        finalAtNs: poc?.final_at_ns[0] ?? 0n
    });
    expect(verified).toMatchObject({ ok: true, value: { height, item: { kind: 'PocResult', ref: 2n, digest } } });
    const forged = { ...trust, rootKeyDer: new SubnetKey('forger').der };
    expect(await fetchVerifiedState(actor, subject, forged)).toEqual({ ok: false, error: 'BadSignature' });
    const elsewhere = { ...trust, canisterId: suite.ids.hub.toUint8Array() };
    expect(await fetchVerifiedState(actor, subject, elsewhere)).toEqual({ ok: false, error: 'NoCertifiedData' });
    const later = { ...trust, nowNs: trust.nowNs + 301_000_000_000n };
    expect(await fetchVerifiedState(actor, subject, later)).toEqual({ ok: false, error: 'Stale' });
});

test('agents come through the turn of a crashed one', async () => {
    const [crashed, ...others] = [(await turn()).proposer, ...VALIDATORS.filter((name) => name !== 'nobody')];
    const alive = others.filter((name) => name !== crashed);
    const before = (await net.as('anybody').get_tip()).head.tip_height;
    for (const name of alive) await agree(name);
    expect((await net.as('anybody').get_tip()).head.tip_height).toBe(before);
    await suite.advance(10);
    expect((await turn()).round).toBeGreaterThan(0);
    for (let look = 0; look < 2; look++) for (const name of alive) await agree(name);
    expect((await net.as('anybody').get_tip()).head.tip_height).toBe(before + 1n);
});

test('upgrade: an open proposal keeps its votes, a commitment its verdicts, and the certificate stands at once', async () => {
    const { proposer, propose, vote, hash, height } = await emptyProposal();
    accepted(await net.as(proposer).propose_state(propose));
    accepted(await vote('v1'));
    await suite.upgrade('state_machine');
    expect(code(await vote('v1'))).toBe('AlreadyVoted');
    accepted(await vote('v2'));
    expect(tag(accepted(await vote('v3')))).toBe('Final');

    const from = (await net.as('anybody').list_commitments(0n, 0n)).next_from;
    const { states } = await net.as('anybody').list_states(from, 100n);
    const root = rootOf(rangeLevels(states.map((state) => Uint8Array.from(state.hash))));
    const { index } = accepted(await net.as('v1').submit_commitment({ from, to: height, root }));
    accepted(await net.as('v1').attest_commitment({ index, ok: true }));
    await suite.upgrade('state_machine');
    expect(code(await net.as('v1').attest_commitment({ index, ok: true }))).toBe('AlreadyVoted');
    const trust = trustIn(rootKey, suite.ids.state_machine, await net.nowMs());
    const verified = await fetchVerifiedState(asService(net.as('anybody')), { State: height }, trust);
    expect(verified).toMatchObject({ ok: true, value: { height, stateHash: hash } });
    accepted(await net.as('v2').attest_commitment({ index, ok: true }));
    expect(tag(accepted(await net.as('v3').attest_commitment({ index, ok: true })).status)).toBe('Confirmed');
});

test('contradictions of a validator are kept, for everybody to see', async () => {
    const before = (await net.as('anybody').list_evidence(0n, 100n)).evidence.length;
    const { proposer, propose, vote, height, round, hash } = await emptyProposal();
    accepted(await net.as(proposer).propose_state(propose));
    const other = { kind: { TaskDigest: null }, ref: 1_000_000n, digest: hash } as const;
    expect(code(await net.as(proposer).propose_state({ ...propose, items: [other] }))).toBe('Equivocation');
    accepted(await vote('v4'));
    const lie = { height, round, hash: new Uint8Array(32), yes: true };
    expect(code(await net.as('v4').vote_state(lie))).toBe('Equivocation');
    await suite.upgrade('state_machine');
    const { evidence } = await net.as('anybody').list_evidence(0n, 100n);
    expect(evidence.slice(before).map((entry) => [entry.validator.toText(), tag(entry.misdeed)])).toEqual([
        [idOf(proposer).toText(), 'TwoProposals'],
        [idOf('v4').toText(), 'TwoVotes']
    ]);
    for (const name of ['v1', 'v2']) accepted(await vote(name));
});

test('strangers: nobody but a validator proposes, votes, commits or confirms', async () => {
    const { propose, height, round, hash, proposer } = await emptyProposal();
    const range = { from: 1n, to: 1n, root: new Uint8Array(32) };
    await net.join('c2', 'compute');
    for (const name of ['stranger', 'c2', 'c1']) {
        const as = net.as(name);
        expect(code(await as.propose_state(propose))).toBe('NotAValidator');
        expect(code(await as.vote_state({ height, round, hash, yes: true }))).toBe('NotAValidator');
        expect(code(await as.submit_commitment(range))).toBe('NotAValidator');
        expect(code(await as.attest_commitment({ index: 0n, ok: true }))).toBe('NotAValidator');
    }
    const anonymous = suite.as('state_machine');
    const calls = [
        anonymous.propose_state(propose),
        anonymous.vote_state({ height, round, hash, yes: true }),
        anonymous.submit_commitment(range),
        anonymous.attest_commitment({ index: 0n, ok: true })
    ];
    expect(new Set(await Promise.all(calls.map(outcome)))).toEqual(new Set(['dropped']));
    const [wrong] = VALIDATORS.filter((name) => name !== proposer);
    expect(code(await net.as(wrong!).propose_state(propose))).toBe('NotProposer');
    expect((await turn()).height).toBe(height);
});

test('queries are paged, and a proof is only for queries', async () => {
    const all = await net.as('anybody').list_states(1n, 100n);
    const first = await net.as('anybody').list_states(1n, 2n);
    expect(first.states).toEqual(all.states.slice(0, 2));
    expect(first.next).toEqual([3n]);
    expect((await net.as('anybody').list_states(3n, 100n)).states).toEqual(all.states.slice(2));
    expect((await net.as('anybody').list_states(1_000n, 10n)).states).toEqual([]);
    const call = {
        canisterId: toPicPrincipal(suite.ids.state_machine),
        sender: toPicPrincipal(idOf('anybody')),
        method: 'get_tip',
        arg: new Uint8Array([0x44, 0x49, 0x44, 0x4c, 0, 0])
    };
    expect((await suite.pic.queryCall(call)).length).toBeGreaterThan((await suite.pic.updateCall(call)).length);
});

test('the log is its own: its id tells it from every other', async () => {
    const { head } = await net.as('anybody').get_tip();
    const [first] = await net.as('anybody').get_state_at(1n);
    expect(Uint8Array.from(first!.parent_hash)).toEqual(Uint8Array.from(head.chain_id));
    expect(new Set(head.chain_id).size).toBeGreaterThan(8);
});
