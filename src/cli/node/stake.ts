import { loadIdentity } from '../../client/key_file';
import { E8S_PER_EMC, formatAmount } from '../../core/amount';
import { approve } from '../allowance';
import { CommandFailed } from '../command_failed';
import type { Deployment } from '../deployment_file';
import { amountOf } from '../amount_option';
import { findNode, openNode, type NodeOptions, type NodeView } from './home';
import { OF_NODE } from './node_refusals';
import { partyOf, type Party } from '../party';
import type { Print } from '../print';
import { COMMON, expectDone } from '../refusal';

export interface StakeOptions extends NodeOptions {
    /** PEM file of the wallet that pays. */
    readonly wallet: string;
    readonly termDays?: number;
    /** In EMC; absent: what the network asks for. */
    readonly amount?: string;
}

/** Approves and places the node's stake, once: what is staked already is told and left alone. */
export async function stakeNode(options: StakeOptions, print: Print): Promise<void> {
    const given = amountOf(options.amount);
    const { deployment, node } = await openNode(options);
    const wallet = await partyOf(deployment, await loadIdentity(options.wallet));
    const view = await findNode(node);
    if (view === undefined) throw new CommandFailed(OF_NODE.NotFound());
    const [details] = await wallet.canisters.rewards.get_stake_details(node.principal);
    if (details !== undefined && isStaked(details.status)) {
        print(`${formatAmount(details.stake.remaining_e8s)} EMC are staked for the node already.`);
        return print(NEXT);
    }
    const order = await orderOf(options.termDays, given, view, wallet);
    print(
        `Staking ${formatAmount(order.amountE8s)} EMC for ${order.termDays} days from ${wallet.principal.toText()} …`
    );
    await place(deployment, node, wallet, order, given === undefined ? TRIES : 1);
    print('Staked. The term has begun; the wallet gets the stake back when it has ended.');
    print(NEXT);
}

const NEXT = 'Next: emc node status';

type StakeStatus = NonNullable<Awaited<ReturnType<Party['canisters']['rewards']['get_stake_details']>>[0]>['status'];

/** A released stake makes room for another one; a forfeited one does not, and the canister says so. */
function isStaked(status: StakeStatus): boolean {
    return !('Released' in status || 'Forfeited' in status || 'Pending' in status);
}

interface Order {
    readonly amountE8s: bigint;
    readonly termDays: bigint;
}

/** What the network asks for, unless the user says otherwise. */
async function orderOf(
    termDays: number | undefined,
    amountE8s: bigint | undefined,
    view: NodeView,
    wallet: Party
): Promise<Order> {
    const isCompute = 'compute' in view.class;
    if (isCompute && view.e_value_e8 === 0n) {
        throw new CommandFailed('The node has no E yet, and its stake is measured by it.', [
            'Run it (emc node run) until `emc node status` shows an E.'
        ]);
    }
    const days = termDays === undefined ? [] : [BigInt(termDays)];
    const { rewards } = wallet.canisters;
    const quote = await rewards.quote_node_stake(view.class, view.e_value_e8, days[0] ?? 0n, []);
    const term = days[0] ?? quote.terms_days[0] ?? quote.minimum_days;
    return { amountE8s: amountE8s ?? quote.required_e8s, termDays: term };
}

/** A node's E moves with every proof: so often the amount that the network asks for is taken over, when the user named none. */
const TRIES = 5;

async function place(deployment: Deployment, node: Party, wallet: Party, order: Order, tries: number): Promise<void> {
    await approve(deployment, wallet, { spender: deployment.ids.rewards, amountE8s: order.amountE8s });
    const answer = await wallet.canisters.rewards.stake_node({
        node: node.principal,
        term_days: order.termDays,
        amount_e8s: order.amountE8s,
        from_subaccount: []
    });
    if ('Err' in answer && 'WrongAmount' in answer.Err && tries > 1) {
        const amountE8s = answer.Err.WrongAmount.expected_e8s;
        return place(deployment, node, wallet, { ...order, amountE8s }, tries - 1);
    }
    expectDone(answer, {
        Paused: COMMON.Paused,
        Anonymous: COMMON.Anonymous,
        InvalidArgument: COMMON.InvalidArgument,
        TemporarilyUnavailable: COMMON.TemporarilyUnavailable,
        NotBound: () => 'The node has no wallet yet: emc node bind --wallet FILE.',
        UnknownNode: () => 'The rewards canister has not heard of the node yet: try again in a few seconds.',
        Busy: () => 'Another transfer for this node is under way: try again in a few seconds.',
        AlreadyStaked: () => 'There is a stake for the node already.',
        Forfeited: () => "The node's stake was forfeited; it cannot be staked for again.",
        InvalidTerm: () => 'The network does not offer that term (--term-days).',
        TermTooShort: ({ min_days }) => `The term must be at least ${min_days} days (--term-days).`,
        BelowMinimum: ({ min_e8s }) => `At least ${formatAmount(min_e8s)} EMC must be staked.`,
        WrongAmount: ({ expected_e8s }) =>
            `The stake of this node is exactly ${formatAmount(expected_e8s)} EMC now: leave --amount out.`,
        InsufficientAllowance: ({ allowance_e8s }) =>
            `Only ${formatAmount(allowance_e8s)} EMC were approved: somebody else changed the allowance; try again.`,
        InsufficientFunds: ({ balance_e8s }) => `The wallet has only ${formatAmount(balance_e8s)} EMC.`
    });
}

/** E as people write it. */
export function formatE(eValueE8: bigint): string {
    return `${eValueE8 / E8S_PER_EMC}.${(eValueE8 % E8S_PER_EMC).toString().padStart(8, '0').slice(0, 4)}`;
}
