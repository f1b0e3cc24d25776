import type { Principal } from '@dfinity/principal';
import { loadIdentity } from '../../client/key_file';
import type { _SERVICE as RewardsService } from '../../declarations/rewards';
import { formatAmount } from '../../core/amount';
import { CommandFailed } from '../command_failed';
import { readDeployment } from '../deployment_file';
import { amountOf } from '../amount_option';
import type { NodeOptions } from './home';
import { partyOf } from '../party';
import type { Print } from '../print';
import { COMMON, expectDone } from '../refusal';

export interface ClaimOptions extends Pick<NodeOptions, 'deployment'> {
    /** PEM file of the wallet that is paid. */
    readonly wallet: string;
    /** In EMC; absent: all that can be claimed. */
    readonly amount?: string;
    /** How long to wait for the money to lie ready, in seconds. */
    readonly wait: number;
}

type Claim = NonNullable<Awaited<ReturnType<RewardsService['get_claim']>>[0]>;

/** Claims what the wallet's nodes have earned, and waits until the ledger has paid it. A claim that is open already is carried on. */
export async function claimRewards(options: ClaimOptions, print: Print): Promise<void> {
    const amountE8s = amountOf(options.amount);
    const deployment = await readDeployment(options.deployment);
    const { canisters, principal } = await partyOf(deployment, await loadIdentity(options.wallet));
    const { rewards } = canisters;
    const open = await openClaim(rewards, principal, amountE8s);
    if (open === undefined) return print('Nothing to claim: rounds are settled every two hours on the real network.');
    print(`Claim ${open.id}: ${formatAmount(open.amount_e8s)} EMC for ${principal.toText()} …`);
    const ready = await untilCovered(rewards, open, options.wait);
    const { state } = 'Paid' in ready.state ? ready : expectDone(await rewards.claim(open.id), REFUSALS);
    if (!('Paid' in state)) {
        throw new CommandFailed(`The claim is not paid yet: ${JSON.stringify(state)}.`, ['Give the command again.']);
    }
    print(`Paid ${formatAmount(state.Paid.paid_e8s)} EMC in block ${state.Paid.block_index} of the ledger.`);
}

/** The claim that the wallet has open already, or a new one; undefined when there is nothing to claim. */
async function openClaim(
    rewards: RewardsService,
    owner: Principal,
    amountE8s: bigint | undefined
): Promise<Claim | undefined> {
    const [wallet] = await rewards.get_wallet({ owner, subaccount: [] });
    const [pending] = wallet?.open_claim ?? [];
    if (pending !== undefined) return claimOf(rewards, pending);
    if (amountE8s === undefined && (wallet?.available_e8s ?? 0n) === 0n) return undefined;
    const amount: [] | [bigint] = amountE8s === undefined ? [] : [amountE8s];
    return expectDone(await rewards.request_claim({ subaccount: [], amount_e8s: amount }), {
        Paused: COMMON.Paused,
        Anonymous: COMMON.Anonymous,
        InvalidArgument: COMMON.InvalidArgument,
        NothingToClaim: () => 'Nothing to claim.',
        ClaimPending: (id) => `Claim ${id} of this wallet is open already: give the command again.`,
        BelowMinimum: ({ min_e8s }) => `A claim is of ${formatAmount(min_e8s)} EMC at least.`,
        InsufficientBalance: ({ available_e8s }) => `Only ${formatAmount(available_e8s)} EMC can be claimed.`
    });
}

async function claimOf(rewards: RewardsService, id: bigint): Promise<Claim> {
    const [claim] = await rewards.get_claim(id);
    if (claim === undefined) throw new CommandFailed(`Claim ${id} is not known any more: give the command again.`);
    return claim;
}

const POLL_MS = 1_000;

/** The claim once the purse that pays it holds its money. @throws `CommandFailed` after `seconds`, with nothing lost. */
async function untilCovered(rewards: RewardsService, { id }: Claim, seconds: number): Promise<Claim> {
    const deadline = Date.now() + seconds * 1_000;
    for (;;) {
        const claim = await claimOf(rewards, id);
        if (!('Requested' in claim.state)) return claim;
        if (Date.now() > deadline) {
            throw new CommandFailed(
                `The money of claim ${id} does not lie ready after ${seconds} s; nothing is lost.`,
                ['Give the command again later: it carries this claim on.']
            );
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
}

const REFUSALS = {
    Anonymous: COMMON.Anonymous,
    TemporarilyUnavailable: COMMON.TemporarilyUnavailable,
    NotSynced: () => 'The money of the claim does not lie ready yet: give the command again in a minute.',
    Busy: () => 'The network pays others at this moment: give the command again.',
    NotFound: () => 'The claim is not known any more: give the command again.',
    Cancelled: () => 'The claim was cancelled, and its amount is in the balance again: give the command again.',
    InProgress: () => 'The claim is being paid at this moment: see `emc node status`.',
    AlreadyPaid: ({ block_index }: { block_index: bigint }) => `The claim was paid already, in block ${block_index}.`
} as const;
