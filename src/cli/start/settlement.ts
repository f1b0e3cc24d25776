import type { Ed25519KeyIdentity } from '@dfinity/identity';
import type { Principal } from '@dfinity/principal';
import type { _SERVICE as RewardsService } from '../../declarations/rewards';
import type { Keys } from './keys';
import type { LocalSuite } from './local_suite';
import { expectOk, waitFor } from './outcome';

type Settlement = Extract<Awaited<ReturnType<RewardsService['get_settlement']>>, [unknown]>[0];

/** Waits until the hub has settled the window in which the request was recorded. */
export async function awaitSettlement(
    suite: LocalSuite,
    user: Ed25519KeyIdentity,
    requestId: bigint,
    seconds: number
): Promise<Settlement> {
    const { hub, rewards } = await suite.as(user);
    const window = await waitFor('the request being recorded', seconds, async () => {
        const [request] = await hub.get_request(requestId);
        return request?.window[0];
    });
    return waitFor(`round ${window} being settled`, seconds, async () => {
        const [view] = await hub.get_window(window);
        if (view === undefined || !('Settled' in view.state)) return undefined;
        return (await rewards.get_settlement(window))[0];
    });
}

export interface Payment {
    readonly paidE8s: bigint;
    readonly blockIndex: bigint;
}

/** Requests a claim of all that the wallet has earned, waits until it is covered, and claims it. */
export async function claimRewards(suite: LocalSuite, wallet: Ed25519KeyIdentity, seconds: number): Promise<Payment> {
    const { rewards } = await suite.as(wallet);
    const requested = expectOk('request_claim', await rewards.request_claim({ subaccount: [], amount_e8s: [] }));
    await waitFor('the claim being covered', seconds, async () => {
        const [claim] = await rewards.get_claim(requested.id);
        return claim !== undefined && 'Synced' in claim.state ? claim : undefined;
    });
    const { state } = expectOk('claim', await rewards.claim(requested.id));
    if (!('Paid' in state)) return expectOk('claim', { Err: state });
    return { paidE8s: state.Paid.paid_e8s, blockIndex: state.Paid.block_index };
}

/** What the wallet could claim now, in e8s. */
export async function rewardBalance(suite: LocalSuite, wallet: Ed25519KeyIdentity): Promise<bigint> {
    const { rewards } = await suite.as(wallet);
    const balance = await rewards.get_reward_balance({ owner: wallet.getPrincipal(), subaccount: [] });
    return balance.available_e8s;
}

/** Balance on the ledger, in e8s. */
export async function ledgerBalance(suite: LocalSuite, keys: Keys, owner: Principal): Promise<bigint> {
    const ledger = await suite.ledger(keys.deployer);
    return ledger.balance({ owner, certified: true });
}
