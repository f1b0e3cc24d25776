/** The stakes of accused nodes, from the filing of a case to its end, on a network with the real ledger and rewards. */
import { toPicPrincipal } from '../support/pic_actor';
import { accepted, code, idOf, NodeRegistry, RULES, STATUS, tag } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

const DAY = 86_400;
const TERM = Number(RULES.router.minimumDays) * DAY;
const STAKE = RULES.router.minimumE8s;
const ROUTERS = ['r1', 'r2', 'r3', 'r4'];

let suite: Suite;
let net: NodeRegistry;

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 10n });
    net = new NodeRegistry(suite);
    for (const name of ROUTERS) await net.join(name, 'router');
    await suite.advance(11);
    for (const name of ROUTERS) {
        const isVoter = name === 'r2' || name === 'r3';
        await net.stake(name, 'router', STAKE, RULES.router.minimumDays + (isVoter ? 30n : 0n));
        await net.as(name).refresh_stake(idOf(name));
    }
});
afterAll(() => suite.close());

const charge = (name: string) => ({ node: idOf(name), reason: 'injects code', evidence_hash: new Uint8Array(32) });
const release = (name: string) => suite.as('rewards', suite.deployer).release_stake(idOf(name));
const theCase = async (id: bigint) => (await net.as('anybody').get_case(id))[0]!;
const details = async (name: string) => (await suite.as('rewards').get_stake_details(idOf(name)))[0]!;

test("AS-49, C.1: an accused's stake outlives its term until the verdict: forfeited, or released by itself", async () => {
    // Ten minutes before the terms end, and within the half hour in which a router counts as online.
    await suite.advance(TERM - 700);
    await suite.advance(31);
    for (const name of ROUTERS) accepted(await net.as(name).report_status(STATUS));
    for (const name of ROUTERS) expect(await net.status(name)).toBe('Active');

    const rewards = { canisterId: toPicPrincipal(suite.ids.rewards), sender: toPicPrincipal(suite.deployer) };
    await suite.pic.stopCanister(rewards);
    const [guilty, innocent] = [
        accepted(await net.as('r2').file_impeachment(charge('r1'))),
        accepted(await net.as('r2').file_impeachment(charge('r4')))
    ];
    await suite.advance(31);
    expect((await theCase(guilty.case)).stake_held).toBe(false);
    await suite.upgrade('state_machine');
    await suite.pic.startCanister(rewards);
    await suite.advance(31);
    expect((await theCase(guilty.case)).stake_held).toBe(true);
    expect((await theCase(innocent.case)).stake_held).toBe(true);
    expect((await details('r1')).status).toEqual({ Disputed: guilty.case });

    await suite.advance(700);
    expect(code(await release('r1'))).toBe('UnderDispute');
    expect(code(await release('r4'))).toBe('UnderDispute');
    for (const voter of ['r2', 'r3']) {
        accepted(await net.as(voter).vote_case({ case: guilty.case, yes: true }));
        accepted(await net.as(voter).vote_case({ case: innocent.case, yes: false }));
    }
    for (let i = 0; i < 4; i++) await suite.advance(61);
    expect([await net.status('r1'), await net.status('r4')]).toEqual(['Removed', 'Expired']);
    expect([tag((await details('r1')).status), tag((await details('r4')).status)]).toEqual(['Forfeited', 'Released']);
    expect((await details('r1')).forfeited_e8s).toBe(STAKE);
    expect((await details('r4')).released_e8s).toBe(STAKE);
    expect((await theCase(innocent.case)).stake_held).toBe(false);
    expect((await theCase(guilty.case)).stake_held).toBe(false);
});
