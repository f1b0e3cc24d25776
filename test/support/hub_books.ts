/** What tests of the hub do to its money, and ask of its books. */
import type { Principal } from '@dfinity/principal';
import { accepted } from './compute_market';
import { toPicPrincipal } from './pic_actor';
import type { Suite } from './suite';

const FEE = 100_000n;
const NOTHING = { from_subaccount: [], fee: [], memo: [], created_at_time: [] } satisfies Record<string, []>;

/** The name of a variant's case. */
export function tag(variant: object | undefined): string {
    return Object.keys(variant ?? {})[0] ?? '';
}

/** Gives somebody EMC and the hub the allowance to take all of it. */
export async function fundForHub(suite: Suite, owner: Principal, amount: bigint): Promise<void> {
    const account = (holder: Principal) => ({ owner: holder, subaccount: [] as [] });
    const give = { ...NOTHING, to: account(owner), amount: amount + FEE };
    accepted(await suite.as('token_icrc1', suite.deployer).icrc1_transfer(give));
    const approval = { ...NOTHING, spender: account(suite.ids.hub), amount, expected_allowance: [], expires_at: [] };
    accepted(await suite.as('token_icrc1', owner).icrc2_approve(approval as never));
}

/** Σ credits × price + escrow + unsettled + refunds = the ledger's figure; the orders add up to the escrow (H5). */
export async function expectSoundBooks(suite: Suite, asker: Principal): Promise<void> {
    const hub = suite.as('hub', asker);
    const { books, ledger_e8s, in_flight } = accepted(await hub.audit());
    expect([in_flight, books.balanced, ledger_e8s]).toEqual([false, true, books.backing_e8s]);
    const sums = await hub.sum_escrow(0n, 100n);
    expect(sums).toEqual({ escrowed_e8s: books.escrowed_e8s, next: [] });
}

/** Acts while the ledger is stopped. */
export async function withoutLedger(suite: Suite, act: () => Promise<void>): Promise<void> {
    const token = { canisterId: toPicPrincipal(suite.ids.token_icrc1), sender: toPicPrincipal(suite.deployer) };
    await suite.pic.stopCanister(token);
    await act();
    await suite.pic.startCanister(token);
}

/** The test plays the gateway canister's part: the hub takes the principal for it. */
export function playGateway(suite: Suite, gateway: Principal): Promise<void> {
    return suite.play('hub', { compute_gateway: gateway });
}

/** A node's status report. */
export async function reportNode(suite: Suite, node: Principal): Promise<void> {
    const report = { queue_depth: 0, capacity: 4, apps: ['chat'], version: '0' };
    accepted(await suite.as('state_machine', node).report_status(report));
}

/** Lets the hub's heartbeat ring so many times. */
export async function passMinutes(suite: Suite, count: number): Promise<void> {
    for (let minute = 0; minute < count; minute++) await suite.advance(61);
}
