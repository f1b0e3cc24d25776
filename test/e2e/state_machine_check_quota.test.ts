/** What openings may cost the canister (docs/decisions/0024), on a network. */
import { acceptedChallenge, E_OF_A_PROBE, probe, proverFor, SAME_LIMITS, type PocView } from '../support/poc';
import { accepted, code, idOf, NodeRegistry, STATUS, tag, VALIDATORS } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

let suite: Suite;
let net: NodeRegistry;

beforeAll(async () => {
    suite = await deploySuite({ pocSpacingS: 0n, statusSpacingS: 0n });
    net = new NodeRegistry(suite);
    await net.admitFour();
});
afterAll(() => suite.close());

type Limits = Pick<Parameters<ReturnType<NodeRegistry['as']>['set_poc_policy']>[0], keyof typeof SAME_LIMITS>;

/** The rest of the policy stays. */
async function setLimits(change: Partial<Limits>): Promise<void> {
    const policy = await net.as('anybody').get_poc_policy();
    accepted(await net.governor().set_poc_policy({ ...policy, ...SAME_LIMITS, ...change }));
}

/** State and fault. */
const outcome = ({ state, fault }: PocView): string[] => [tag(state), ...fault.map(tag)];

test('a validator has a share of newcomers that the canister checks, and too little work is refused before any check', async () => {
    await setLimits({ checks_per_hour: [4] });
    for (const name of ['q1', 'q2']) await net.join(name, 'compute');
    expect(outcome(await probe(net.challenged('q1')))).toEqual(['Passed']);
    expect(code(await net.as('v1').request_poc(idOf('q2')))).toBe('RateLimited');
    expect(outcome(await probe(net.challenged('q2', 'v2')))).toEqual(['Passed']);
    // A share comes back with the hour, and with a challenge that needs no check after all.
    await suite.advance(3_600);
    for (const name of ['q1', 'q2', ...VALIDATORS]) accepted(await net.as(name).report_status(STATUS));
    await setLimits({ min_e_value_e8: [2n * E_OF_A_PROBE] });
    const begun = await acceptedChallenge(net.challenged('q2'));
    expect(code(await net.as('v1').request_poc(idOf('q1')))).toBe('RateLimited');
    const { commitment, rounds } = proverFor(begun).claim();
    expect(outcome(accepted(await net.as('q2').commit_poc({ id: begun.id, commitment, rounds })))).toEqual([
        'Failed',
        'TooLittle'
    ]);
    expect(code(await net.as('q2').open_poc(begun.id, new Uint8Array()))).toBe('AlreadyFinal');
    expect(code(await net.as('v1').request_poc(idOf('q1')))).toBe('ok');
    expect(await net.as('anybody').get_poc_policy()).toMatchObject({
        checks_per_hour: [4],
        min_e_value_e8: [2n * E_OF_A_PROBE]
    });
});
