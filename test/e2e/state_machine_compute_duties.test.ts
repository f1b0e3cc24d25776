/** What a staked compute node owes, and what an outage costs nobody, with the domain's numbers, the real ledger and rewards. */
import { liveFor } from '../support/live_network';
import { acceptedChallenge, commitWork, openingFor, proverFor, ROUNDS, SAME_LIMITS } from '../support/poc';
import { accepted, idOf, NodeRegistry, RULES, STATUS, tag, VALIDATORS } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

const MINUTE_S = 60;
const POLICY = { ...SAME_LIMITS, slot_s: 30n, spacing_s: 0n, attestation_s: 600n, epoch_s: 7_200n };
/** E of the domain's reference node, whose standard task takes 10 380 ms (AS-12). */
const E = 144_508_670n;
/** Twice the work of a probe of E = 1 in twice those 10 380 ms, and the slack that is not counted. */
const WORK_MS = 2 * 10_380 + 2_500;
/** 1000 × E (AS-53), and floor(stake / (days × 24)) of 30 days (A.1.7). */
const STAKE = 1_000n * E;
const TERM_DAYS = 30n;
const DEDUCTION = 200_706_486n;

let suite: Suite;
let net: NodeRegistry;
const opened: Suite[] = [];

beforeEach(async () => {
    suite = await deploySuite({ statusSpacingS: 10n, pocSpacingS: 0n });
    opened.push(suite);
    net = new NodeRegistry(suite);
    await net.admitFour();
    accepted(await net.governor().set_poc_policy({ ...POLICY, mode: { onchain: null } }));
});
afterAll(async () => {
    for (const each of opened) await each.close();
});

const live = (minutes: number, ...voters: readonly string[]) => liveFor(net, minutes, voters);
const report = async (name: string) => accepted(await net.as(name).report_status(STATUS));

/** A proof of computing at the reference node's pace. */
async function probe(name: string, validator: string): Promise<void> {
    const { asNode, ...parties } = net.challenged(name, validator);
    const begun = await acceptedChallenge({ asNode, ...parties });
    const prover = proverFor(begun, {}, 2 * ROUNDS);
    await suite.pic.advanceTime(WORK_MS);
    const sampled = await commitWork(asNode, begun.id, prover);
    expect(tag(accepted(await asNode.open_poc(begun.id, openingFor(sampled, prover))).state)).toBe('Passed');
}

/** A compute node with the reference node's E and its stake, whose duty begins now. */
async function stakedNode(name: string): Promise<void> {
    await net.join(name, 'compute');
    for (const validator of VALIDATORS.slice(0, 3)) await probe(name, validator);
    expect((await net.view(name)).e_value_e8).toBe(E);
    await suite.advance(1);
    await expect(net.stake(name, 'compute', STAKE - 1n, TERM_DAYS)).rejects.toThrow(String(STAKE));
    await net.stake(name, 'compute', STAKE, TERM_DAYS);
    accepted(await net.as('anybody').refresh_stake(idOf(name)));
}

async function stakedRouter(name: string): Promise<void> {
    await net.join(name, 'router');
    await suite.advance(11);
    await net.stake(name, 'router');
    expect(tag(accepted(await net.as('anybody').refresh_stake(idOf(name))).status)).toBe('Active');
}

/** What was taken from a node, by the state machine's log of what rewards answered. */
async function taken(name: string): Promise<{ readonly windows: bigint; readonly e8s: bigint }> {
    const { slashes } = await net.as('anybody').list_slashes(0n, 100n);
    const own = slashes.filter((slash) => slash.node.compareTo(idOf(name)) === 'eq');
    return {
        windows: own.reduce((sum, slash) => sum + slash.windows, 0n),
        e8s: own.reduce((sum, slash) => sum + (slash.outcome[0]?.slashed_e8s ?? 0n), 0n)
    };
}

test('A.1.7: a staked compute node loses floor(stake / (days × 24)) for each hour without a proof; one that proves loses nothing', async () => {
    for (const name of ['silent', 'proving']) await stakedNode(name);
    const hour = async (minutes: number) => {
        await report('proving');
        await live(minutes - 35, 'v1', 'v2', 'v3');
        // In the middle of everybody's window.
        await suite.upgrade('state_machine');
        await report('proving');
        await probe('proving', 'v2');
        await live(34, 'v1', 'v2', 'v3');
    };
    // The proofs that made the node Active were before the stake, at which its duty begins.
    await hour(59);
    expect(await net.remaining('silent')).toBe(STAKE);
    await live(3, 'v1', 'v2', 'v3');
    expect(await net.remaining('silent')).toBe(STAKE - DEDUCTION);
    await hour(61);
    expect(await net.remaining('silent')).toBe(STAKE - 2n * DEDUCTION);
    expect(await net.remaining('silent')).toBe(144_107_257_028n);
    expect(await net.remaining('proving')).toBe(STAKE);
    expect(await taken('silent')).toEqual({ windows: 2n, e8s: 2n * DEDUCTION });
    const [details] = await suite.as('rewards').get_stake_details(idOf('silent'));
    expect(details).toMatchObject({
        stake: { initial_e8s: STAKE, e_at_stake_e8: E, remaining_e8s: STAKE - 2n * DEDUCTION },
        slashed_e8s: 2n * DEDUCTION,
        windows_charged: 2n
    });
    expect(await net.status('silent')).toBe('Inactive');

    // A proof begins the hour anew.
    await report('silent');
    await probe('silent', 'v1');
    await live(58, 'v1', 'v2', 'v3');
    expect(await net.remaining('silent')).toBe(STAKE - 2n * DEDUCTION);
    await live(4, 'v1', 'v2', 'v3');
    expect(await net.remaining('silent')).toBe(STAKE - 3n * DEDUCTION);
});

test('AS-48, C.1.1: an outage of the whole network costs no class anything, and the first hour after it counts again', async () => {
    await stakedNode('c1');
    await stakedRouter('r1');
    const stakes: Readonly<Record<string, bigint>> = {
        c1: STAKE,
        r1: RULES.router.minimumE8s,
        ...Object.fromEntries(VALIDATORS.map((name) => [name, RULES.validator.minimumE8s]))
    };
    const remaining = async () =>
        Object.fromEntries(
            await Promise.all(Object.keys(stakes).map(async (name) => [name, await net.remaining(name)] as const))
        );
    for (let passed = 0; passed < 180; passed += 10) await suite.advance(10 * MINUTE_S);
    await suite.upgrade('state_machine');
    await suite.advance(31);
    expect(await remaining()).toEqual(stakes);

    // All but v4 are back.
    for (const name of ['c1', 'r1']) await report(name);
    await probe('c1', 'v1');
    await live(8, 'v1', 'v2', 'v3');
    expect(await remaining()).toEqual(stakes);
    expect((await net.as('anybody').list_slashes(0n, 100n)).slashes).toEqual([]);
    await live(60, 'v1', 'v2', 'v3');
    expect(await taken('v4')).toEqual({ windows: 1n, e8s: 11_570_000_000n });
    expect(await taken('c1')).toEqual({ windows: 1n, e8s: DEDUCTION });
    const router = await taken('r1');
    expect(router.windows).toBeGreaterThan(0n);
    expect(router.e8s).toBe(router.windows * 386_000_000n);
    expect(await remaining()).toEqual({
        ...stakes,
        v4: 99_988_430_000_000n,
        c1: STAKE - DEDUCTION,
        r1: RULES.router.minimumE8s - router.e8s
    });
});
