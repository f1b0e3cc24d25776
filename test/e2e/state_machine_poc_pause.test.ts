/** The validators' emergency pause of EMC-PoC-1 on a network (compute.md §4.10). */
import { acceptedChallenge, commitWork, openingFor, probe, proverFor, type PocView } from '../support/poc';
import { accepted, code, idOf, NodeRegistry, tag } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

let suite: Suite;
let net: NodeRegistry;

beforeAll(async () => {
    suite = await deploySuite({ pocSpacingS: 0n, statusSpacingS: 0n });
    net = new NodeRegistry(suite);
    await net.admitFour();
});
afterAll(() => suite.close());

const anybody = () => net.as('anybody');
const stateOf = ({ state }: PocView): string => tag(state);

test('emergency pause: three of four validators stop new challenges, a begun one ends, and it ends by votes or governance', async () => {
    for (const name of ['p1', 'p2']) await net.join(name, 'compute');
    const begun = await acceptedChallenge(net.challenged('p1'));
    const waiting = accepted(await net.as('v1').request_poc(idOf('p2')));
    const state = () => anybody().get_poc_suspension();
    expect(await state()).toEqual({ suspended: false, since_ns: [], votes: [], threshold: 3 });
    for (const name of ['v1', 'v1', 'v2']) accepted(await net.as(name).vote_poc_pause(true));
    expect(await state()).toMatchObject({ suspended: false, votes: [idOf('v1'), idOf('v2')] });
    expect(accepted(await net.as('v3').vote_poc_pause(true))).toMatchObject({ suspended: true });
    await suite.upgrade('state_machine');
    const suspended = await state();
    expect([suspended.suspended, suspended.since_ns.length, suspended.votes.length]).toEqual([true, 1, 3]);

    expect(code(await net.as('p2').accept_poc(waiting.id, []))).toBe('Suspended');
    const prover = proverFor(begun);
    const sampled = await commitWork(net.as('p1'), begun.id, prover);
    expect(stateOf(accepted(await net.as('p1').open_poc(begun.id, openingFor(sampled, prover))))).toBe('Passed');
    expect(code(await net.as('v4').request_poc(idOf('p1')))).toBe('Suspended');
    await suite.advance(31);
    await suite.advance(31);
    expect((await anybody().get_poc(waiting.id)).map(stateOf)).toEqual(['Lapsed']);

    accepted(await net.as('v2').vote_poc_pause(false));
    expect(stateOf(await probe(net.challenged('p2')))).toBe('Passed');
    expect(accepted(await net.as('v4').vote_poc_pause(true)).suspended).toBe(true);
    expect(code(await net.as('v1').request_poc(idOf('p2')))).toBe('Suspended');
    accepted(await net.governor().set_poc_policy(await anybody().get_poc_policy()));
    expect(await state()).toMatchObject({ suspended: false, since_ns: [], votes: [] });
    expect(stateOf(await probe(net.challenged('p2')))).toBe('Passed');
});
