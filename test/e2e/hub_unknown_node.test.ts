/** Rewards was away when a node became Active: it hears of the node by itself, and the round that it refused is settled. */
import { activateNode, admitValidators, code, holderOf } from '../support/compute_market';
import { toPicPrincipal } from '../support/pic_actor';
import { deploySuite, type Suite } from '../support/suite';

const ROUND_S = 600;

let suite: Suite;

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 1n, pocSpacingS: 0n, roundS: BigInt(ROUND_S), windowGraceS: 60n });
    await admitValidators(suite);
});
afterAll(() => suite.close());

const rewards = () => suite.as('rewards');
const hub = () => suite.as('hub', suite.deployer);
const target = () => ({ canisterId: toPicPrincipal(suite.ids.rewards), sender: toPicPrincipal(suite.deployer) });
const earned = async () => (await rewards().get_reward_balance({ owner: suite.deployer, subaccount: [] })).earned_e8s;

async function factsPending(): Promise<number> {
    const request = { method: 'GET', url: '/metrics', headers: [], body: new Uint8Array(), certificate_version: [] };
    const { body } = await suite.as('state_machine').http_request(request as never);
    const text = new TextDecoder().decode(Uint8Array.from(body));
    return Number(/^emc_state_facts_pending (\d+)$/m.exec(text)?.[1]);
}

test('C.9: a round with a node that rewards has not heard of is refused, and settled as soon as it has', async () => {
    // Windows before this one are settled.
    await suite.advance(ROUND_S + 70);
    for (let i = 0; i < 5; i++) await suite.advance(5);
    const window = await rewards().next_round();
    await suite.pic.stopCanister(target());
    const late = await activateNode(suite, holderOf('late'));
    const [node] = await suite.as('state_machine').get_node(late);
    expect(node?.status).toEqual({ Active: null });
    expect(await factsPending()).toBeGreaterThan(0);
    // The window ends while rewards is away; everything that would tell it of the node fails.
    await suite.advance(ROUND_S);
    await suite.advance(40);
    expect(await factsPending()).toBeGreaterThan(0);

    await suite.pic.startCanister(target());
    const refused = await hub().settle_window(window);
    expect(code(refused)).toBe('TemporarilyUnavailable');
    expect(Object.values('Err' in refused ? refused.Err : {}).join()).toContain('UnknownNode');
    expect(await rewards().next_round()).toBe(window);
    const before = await earned();

    for (let i = 0; i < 12 && (await rewards().next_round()) === window; i++) await suite.advance(31);
    expect(await factsPending()).toBe(0);
    expect((await rewards().next_round()) > window).toBe(true);
    const shares = await rewards().list_shares(window, 0n, 100n);
    const own = shares.find((share) => share.node.toText() === late.toText());
    expect(own!.amount_e8s > 0n).toBe(true);
    expect((await earned()) - before).toBe(shares.reduce((sum, share) => sum + share.amount_e8s, 0n));
});
