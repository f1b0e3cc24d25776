/** EMC-PoC-1 on a network: honest nodes, every cheat that can be played through the canister, liars, upgrades, strangers. */
import { sha256 } from '../../src/core/hash';
import { specV1 } from '../../src/core/poc/spec';
import {
    acceptedChallenge,
    commitWork,
    E_OF_A_PROBE,
    openingFor,
    probe,
    proverFor,
    SAME_LIMITS,
    SMALL_SPEC,
    type PocView
} from '../support/poc';
import { accepted, code, idOf, NodeRegistry, outcome as fateOf, STATUS, tag, VALIDATORS } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';
import type { Cheats } from '../unit/core/poc/support/prover_in_memory';

let suite: Suite;
let net: NodeRegistry;

beforeAll(async () => {
    suite = await deploySuite({ pocSpacingS: 0n, statusSpacingS: 0n });
    net = new NodeRegistry(suite);
    await net.admitFour();
});
afterAll(() => suite.close());

const POLICY = { ...SAME_LIMITS, slot_s: 30n, spacing_s: 0n, attestation_s: 600n, epoch_s: 7_200n };
const anybody = () => net.as('anybody');
const setMode = async (mode: 'onchain' | 'hybrid' | 'quorum', change: Partial<typeof POLICY> = {}) =>
    accepted(await net.governor().set_poc_policy({ ...POLICY, ...change, mode: { [mode]: null } as { hybrid: null } }));

async function pocOf(id: bigint): Promise<PocView> {
    const [poc] = await anybody().get_poc(id);
    return poc!;
}

/** State and fault. */
const outcome = ({ state, fault }: PocView): string[] => [tag(state), ...fault.map(tag)];
const outcomeOf = async (id: bigint) => outcome(await pocOf(id));

/** A compute node that is no newcomer any more. */
async function proven(name: string): Promise<void> {
    await net.join(name, 'compute');
    await net.prove(name);
}

/** A probe of a known node whose check chance leaves to the validators: nine in ten. */
async function attesting(name: string, cheats: Cheats = {}): Promise<bigint> {
    for (;;) {
        const poc = await probe(net.challenged(name), cheats);
        if (tag(poc.state) === 'Attesting') return poc.id;
        expect(outcome(poc)).toEqual(cheats.entries === undefined ? ['Passed'] : ['Failed', 'Product']);
        if (tag((await net.view(name)).status) !== 'Active') await net.prove(name);
    }
}

const wrongProduct: Cheats = { entries: (_, __, honest) => honest().map((entry) => entry + 1) };

test('scenario 19: three probes by three validators, checked on chain, make a newcomer active; two do not', async () => {
    await net.join('c1', 'compute');
    for (const [index, validator] of ['v1', 'v2', 'v2', 'v3'].entries()) {
        expect(await net.status('c1')).toBe('Registered');
        const poc = await probe(net.challenged('c1', validator));
        expect(poc).toMatchObject({ newcomer: true, samples: SMALL_SPEC.newcomerSamples, e_value_e8: [E_OF_A_PROBE] });
        expect([tag(poc.state), poc.check_randomness.length]).toEqual(['Passed', 1]);
        const [score] = await anybody().get_poc_scores([idOf('c1')]);
        expect(score).toMatchObject({ proven: index === 3, failures: 0, next_class: { XS: null } });
        if (index < 3) expect(score?.probed_by.map(String)).toContain(idOf(validator).toText());
    }
    expect(await net.status('c1')).toBe('Active');
    expect((await net.view('c1')).e_value_e8).toBe(E_OF_A_PROBE);
});

test('E is work over canister time, and the seeds that stay let anybody repeat the measurement', async () => {
    await net.join('c2', 'compute');
    for (const [validator, workMs] of [
        ['v1', 15_000],
        ['v2', 22_000],
        ['v3', 20_000]
    ] as const) {
        const parties = net.challenged('c2', validator);
        const begun = await acceptedChallenge(parties);
        const prover = proverFor(begun);
        await suite.pic.advanceTime(workMs);
        const sampled = await commitWork(parties.asNode, begun.id, prover);
        accepted(await parties.asNode.open_poc(begun.id, openingFor(sampled, prover)));
        const { accepted_at_ns: t0, committed_at_ns: t1, e_value_e8: e } = await pocOf(begun.id);
        const elapsedMs = ((t1[0] ?? 0n) - (t0[0] ?? 0n)) / 1_000_000n;
        expect(elapsedMs).toBeGreaterThanOrEqual(BigInt(workMs));
        const countedMs = elapsedMs - 2_500n < 15_000n ? 15_000n : elapsedMs - 2_500n;
        expect(e).toEqual([(E_OF_A_PROBE * 15_000n) / countedMs]);
    }
    // The median: the node that took 20 s.
    const { e_value_e8: e } = await net.view('c2');
    expect(e).toBeLessThan(E_OF_A_PROBE);
    expect(e).toBeGreaterThan((E_OF_A_PROBE * 15_000n) / 18_500n);
});

test('every cheat that opens rows is found out, and named', async () => {
    await setMode('onchain');
    await net.join('cheat', 'compute');
    const zeros = new Int32Array(64);
    const cheats: Record<string, [Cheats, string]> = {
        'skips most rows': [{ entries: (_, row, honest) => (row === 0 ? honest() : zeros) }, 'Product'],
        'a right tree over a wrong product': [wrongProduct, 'Product'],
        'one entry off by a multiple of the modulus': [
            { entries: (_, __, honest) => honest().map((entry, i) => (i === 7 ? entry - 67_108_859 : entry)) },
            'Range'
        ],
        'alters values after the commitment': [
            { opened: (_, __, row) => row.map((entry, i) => (i === 3 ? entry + 1 : entry)) },
            'Fold'
        ],
        'commits to folds of other rows': [{ fold: () => [1, 2] }, 'Fold'],
        'takes the same key for every round': [
            { key: (_, __, roots) => roots[0] ?? [1, 2, 3, 4, 5, 6, 7, 8] },
            'Product'
        ]
    };
    const found: Record<string, string[]> = {};
    for (const [name, [cheat]] of Object.entries(cheats)) {
        found[name] = outcome(await probe(net.challenged('cheat'), cheat));
    }
    const expected = Object.entries(cheats).map(([name, [, fault]]) => [name, ['Failed', fault]]);
    expect(found).toEqual(Object.fromEntries(expected));
    const [score] = await anybody().get_poc_scores([idOf('cheat')]);
    expect(score).toMatchObject({ proven: false, failures: 6 });
    expect((await net.view('cheat')).e_value_e8).toBe(0n);
    await setMode('hybrid');
});

test('the work of another node, and the work of another challenge, is worth nothing', async () => {
    for (const name of ['thief', 'victim']) await net.join(name, 'compute');
    const [thief, victim] = [net.challenged('thief'), net.challenged('victim', 'v2')];
    const [own, theirs] = [await acceptedChallenge(thief), await acceptedChallenge(victim)];
    expect(own.slot_seed).toEqual(theirs.slot_seed);
    const stolen = proverFor(theirs);
    const sampled = await commitWork(thief.asNode, own.id, stolen);
    expect(outcome(accepted(await thief.asNode.open_poc(own.id, openingFor(sampled, stolen))))).toEqual([
        'Failed',
        'Path'
    ]);
    const honest = await commitWork(victim.asNode, theirs.id, stolen);
    expect(outcome(accepted(await victim.asNode.open_poc(theirs.id, openingFor(honest, stolen))))).toEqual(['Passed']);

    const next = await acceptedChallenge(victim);
    const replayed = await commitWork(victim.asNode, next.id, stolen);
    expect(outcome(accepted(await victim.asNode.open_poc(next.id, openingFor(replayed, stolen))))).toEqual([
        'Failed',
        'Path'
    ]);
});

test('a commitment is made once: neither it nor the number of rounds can be changed, nor the rows be drawn again', async () => {
    await net.join('c4', 'compute');
    const parties = net.challenged('c4');
    const begun = await acceptedChallenge(parties);
    const prover = proverFor(begun);
    const sampled = await commitWork(parties.asNode, begun.id, prover);
    const { commitment } = prover.claim();
    for (const rounds of [4, 5]) {
        expect(code(await parties.asNode.commit_poc({ id: begun.id, commitment, rounds }))).toBe('WrongStep');
    }
    expect((await pocOf(begun.id)).sample_randomness).toEqual(sampled.sample_randomness);
    const opening = openingFor(sampled, prover);
    expect(code(await parties.asNode.open_poc(begun.id, opening.slice(1)))).toBe('WrongSize');
    expect(outcome(accepted(await parties.asNode.open_poc(begun.id, opening)))).toEqual(['Passed']);
    expect(await fateOf(parties.asNode.open_poc(begun.id, opening))).toBe('dropped');
    expect(code(await parties.asNode.open_poc(begun.id, new Uint8Array()))).toBe('AlreadyFinal');
    const { id } = await acceptedChallenge(parties);
    for (const rounds of [0, 2 ** 24 + 1]) {
        expect(code(await parties.asNode.commit_poc({ id, commitment, rounds }))).toBe('InvalidArgument');
    }
});

test('late and refused steps fail, whether anybody calls or not', async () => {
    for (const name of ['late1', 'late2', 'late3']) await net.join(name, 'compute');
    const [first, second, third] = ['late1', 'late2', 'late3'].map((name) => net.challenged(name));
    const { id: ignored } = accepted(await first!.asValidator.request_poc(first!.node));
    const slow = await acceptedChallenge(second!);
    const refusing = await acceptedChallenge(third!);
    const prover = proverFor(refusing);
    const sampled = await commitWork(third!.asNode, refusing.id, prover);
    await suite.pic.advanceTime(26_000);
    const { commitment, rounds } = proverFor(slow).claim();
    expect(code(await second!.asNode.commit_poc({ id: slow.id, commitment, rounds }))).toBe('DeadlinePassed');
    await suite.pic.advanceTime(35_000);
    expect(code(await third!.asNode.open_poc(refusing.id, openingFor(sampled, prover)))).toBe('DeadlinePassed');
    await suite.advance(31);
    expect(await outcomeOf(ignored)).toEqual(['Failed', 'NotAccepted']);
    expect(await outcomeOf(slow.id)).toEqual(['Failed', 'NotCommitted']);
    expect(await outcomeOf(refusing.id)).toEqual(['Failed', 'NotOpened']);
    expect(await anybody().get_open_poc(first!.node)).toEqual([]);
});

test('validators that say yes to a wrong product pass nothing; those that say no to a right one fail nothing', async () => {
    await proven('c5');
    const lies = async () => (await anybody().list_false_verdicts(0n, 100n)).verdicts;
    expect(await lies()).toEqual([]);
    const wrong = await attesting('c5', wrongProduct);
    const [shown] = await anybody().get_poc_opening(wrong);
    accepted(await net.as('v4').attest_poc({ id: wrong, ok: true }));
    for (const name of ['v1', 'v2']) accepted(await net.as(name).attest_poc({ id: wrong, ok: false }));
    expect(await outcomeOf(wrong)).toEqual(['Attesting']);
    expect(code(await net.as('v4').attest_poc({ id: wrong, ok: true }))).toBe('Duplicate');
    expect(tag(accepted(await net.as('v3').attest_poc({ id: wrong, ok: false })).state)).toBe('Disputed');
    await suite.advance(1);
    expect(await outcomeOf(wrong)).toEqual(['Failed', 'Product']);
    // Of the four, one lied; the opening is gone, its hash stays.
    const opening_hash = sha256(Uint8Array.from(shown!));
    expect(await lies()).toMatchObject([{ validator: idOf('v4'), poc: wrong, said_ok: true, opening_hash }]);

    const right = await attesting('c5');
    for (const name of ['v1', 'v2', 'v3']) accepted(await net.as(name).attest_poc({ id: right, ok: false }));
    await suite.advance(1);
    const checked = await pocOf(right);
    expect([...outcome(checked), checked.votes_bad, checked.check_randomness.length]).toEqual(['Passed', 3, 1]);
    const known = await lies();
    expect(known.map(({ validator, poc, said_ok: said }) => [validator.toText(), poc, said])).toEqual([
        [idOf('v4').toText(), wrong, true],
        ...['v1', 'v2', 'v3'].map((name) => [idOf(name).toText(), right, false])
    ]);
    await suite.upgrade('state_machine');
    expect(await lies()).toEqual(known);
    // A case may name it; nothing is deducted for it.
    const charge = { node: idOf('v4'), reason: `poc ${wrong}: yes to a wrong product`, evidence_hash: opening_hash };
    const filed = accepted(await net.as('v1').file_impeachment(charge));
    expect(filed).toMatchObject({ node: idOf('v4'), evidence_hash: opening_hash });
});

test('the silence of the validators is made good by the canister; in quorum mode nothing follows from it', async () => {
    await proven('c6');
    const forgotten = await attesting('c6');
    await setMode('quorum');
    const unheard = async () => {
        await suite.pic.advanceTime(601_000);
        await suite.pic.tick(2);
        accepted(await net.as('c6').report_status(STATUS));
        await suite.advance(31);
    };
    await setMode('hybrid');
    await unheard();
    expect(await outcomeOf(forgotten)).toEqual(['Passed']);
    await setMode('quorum');
    const left = await probe(net.challenged('c6'));
    expect(tag(left.state)).toBe('Attesting');
    await unheard();
    expect(await outcomeOf(left.id)).toEqual(['Lapsed']);
    const rejected = await probe(net.challenged('c6'), wrongProduct);
    for (const name of ['v1', 'v2', 'v3']) accepted(await net.as(name).attest_poc({ id: rejected.id, ok: false }));
    expect(await outcomeOf(rejected.id)).toEqual(['Failed', 'RejectedByValidators']);
    await setMode('hybrid');
    for (const name of VALIDATORS) accepted(await net.as(name).report_status(STATUS));
});

test('upgrade: in the middle of a challenge nothing is lost, at whatever step', async () => {
    await proven('c7');
    const { id } = accepted(await net.as('v1').request_poc(idOf('c7')));
    const upgraded = async () => {
        const before = await pocOf(id);
        await suite.upgrade('state_machine');
        expect(await pocOf(id)).toEqual(before);
    };
    await upgraded();
    const begun = accepted(await net.as('c7').accept_poc(id, []));
    await upgraded();
    expect(accepted(await net.as('c7').accept_poc(id, [])).node_seed).toEqual(begun.node_seed);
    const prover = proverFor(begun);
    const sampled = await commitWork(net.as('c7'), id, prover);
    await upgraded();
    await setMode('quorum');
    accepted(await net.as('c7').open_poc(id, openingFor(sampled, prover)));
    accepted(await net.as('v1').attest_poc({ id, ok: true }));
    await upgraded();
    expect(code(await net.as('v1').attest_poc({ id, ok: true }))).toBe('Duplicate');
    expect((await anybody().get_poc_opening(id))[0]).toHaveLength(openingFor(sampled, prover).length);
    for (const name of ['v2', 'v3']) accepted(await net.as(name).attest_poc({ id, ok: true }));
    expect(await outcomeOf(id)).toEqual(['Passed']);
    expect(await anybody().get_poc_opening(id)).toEqual([]);
    await setMode('hybrid');
});

test('upgrade: deadlines still end challenges, by the re-armed timer alone', async () => {
    await net.join('c8', 'compute');
    const { id } = accepted(await net.as('v1').request_poc(idOf('c8')));
    await suite.upgrade('state_machine');
    await suite.advance(31);
    await suite.advance(31);
    expect(await outcomeOf(id)).toEqual(['Failed', 'NotAccepted']);
});

test('what was decided is appended for the validators, in the order of the decisions', async () => {
    await net.join('c9', 'compute');
    const [turn] = await anybody().get_turn();
    const start = turn!.poc_results;
    const passed = await probe(net.challenged('c9'));
    const failed = await probe(net.challenged('c9'), wrongProduct);
    const { pocs } = await anybody().list_poc_results(start, 10n);
    expect(pocs.map(({ id, state }) => [id, tag(state)])).toEqual([
        [passed.id, 'Passed'],
        [failed.id, 'Failed']
    ]);
});

test('AS-32: two requests at once open one challenge, and the next comes only after more than the spacing', async () => {
    await net.join('c10', 'compute');
    const asked = ['v1', 'v2'].map((name) => net.as(name).request_poc(idOf('c10')));
    expect((await Promise.all(asked)).map(code).sort()).toEqual(['AlreadyOpen', 'ok']);
    await setMode('hybrid', { spacing_s: 600n });
    await suite.advance(31);
    await suite.advance(31);
    expect(code(await net.as('v1').request_poc(idOf('c10')))).toBe('TooSoon');
    await suite.advance(538);
    accepted(await net.as('c10').report_status(STATUS));
    expect(code(await net.as('v1').request_poc(idOf('c10')))).toBe('ok');
    await setMode('hybrid');
});

test('the specification is appended to by governance alone, and its vectors are what its hash says', async () => {
    const [first] = await anybody().list_poc_specs();
    expect(first).toMatchObject({ version: 1, dimension: 64, standard_work: SMALL_SPEC.standardWork });
    const text = await anybody().get_poc_vectors();
    expect(sha256(new TextEncoder().encode(text))).toEqual(Uint8Array.from(first!.vectors_hash));
    expect(Uint8Array.from(first!.vectors_hash)).toEqual(specV1().vectorsHash);

    const nowNs = BigInt(await net.nowMs()) * 1_000_000n;
    const next = { ...first!, version: 2, samples: 5, activation_epoch: nowNs / 7_200_000_000_000n + 100n };
    for (const wrong of [{ version: 1 }, { activation_epoch: 0n }, { dimension: 1_000 }, { samples: 1 }]) {
        expect(code(await net.governor().add_poc_spec({ ...next, ...wrong }))).toBe('InvalidArgument');
    }
    expect(code(await net.governor().add_poc_spec(next))).toBe('ok');
    expect((await anybody().list_poc_specs()).map(({ version }) => version)).toEqual([1, 2]);
    // Not in force yet.
    await net.join('c12', 'compute');
    expect(accepted(await net.as('v1').request_poc(idOf('c12'))).version).toBe(1);
    expect(code(await net.governor().set_poc_policy({ ...POLICY, mode: { hybrid: null }, epoch_s: 0n }))).toBe(
        'InvalidArgument'
    );
});

test('strangers: nobody but a validator asks or attests, nobody but the node answers, nobody but governance rules', async () => {
    await net.join('c13', 'compute');
    const parties = net.challenged('c13');
    const { id } = accepted(await parties.asValidator.request_poc(parties.node));
    const policy = { ...POLICY, mode: { hybrid: null } as const };
    const [spec] = await anybody().list_poc_specs();
    const calls = (as: ReturnType<typeof anybody>) => [
        as.request_poc(parties.node),
        as.accept_poc(id, []),
        as.commit_poc({ id, commitment: new Uint8Array(32), rounds: 1 }),
        as.open_poc(id, new Uint8Array()),
        as.attest_poc({ id, ok: true }),
        as.add_poc_spec(spec!),
        as.set_poc_policy(policy),
        as.vote_poc_pause(true)
    ];
    const codes = async (as: ReturnType<typeof anybody>) => (await Promise.all(calls(as))).map(code);
    const before = await pocOf(id);
    await net.join('c14', 'compute');
    for (const name of ['stranger', 'c14']) {
        expect(await codes(net.as(name))).toEqual([
            'NotAValidator',
            ...Array(3).fill('Unauthorized'),
            'NotAValidator',
            ...Array(2).fill('Unauthorized'),
            'NotAValidator'
        ]);
    }
    const anonymous = await Promise.all(calls(suite.as('state_machine')).map(fateOf));
    expect(new Set(anonymous)).toEqual(new Set(['dropped']));
    expect(await pocOf(id)).toEqual(before);
});

test('ingress: a large message that no challenge asks for is dropped before the canister pays for it', async () => {
    await net.join('c15', 'compute');
    const large = new Uint8Array(50_000);
    const { asNode, ...parties } = net.challenged('c15');
    const begun = await acceptedChallenge({ ...parties, asNode });
    expect(await fateOf(asNode.open_poc(begun.id, large))).toBe('dropped');
    const prover = proverFor(begun);
    const sampled = await commitWork(asNode, begun.id, prover);
    expect(await fateOf(asNode.open_poc(begun.id, large))).toBe('dropped');
    expect(await fateOf(net.as('c14').open_poc(begun.id, openingFor(sampled, prover)))).toBe('dropped');
    expect(await fateOf(asNode.open_poc(begun.id, openingFor(sampled, prover)))).toBe('ok');
});
