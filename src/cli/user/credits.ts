import { formatAmount } from '../../core/amount';
import { approve } from '../allowance';
import { CommandFailed } from '../command_failed';
import type { Print } from '../print';
import { COMMON, expectDone } from '../refusal';
import { openWallet, type UserOptions } from './wallet';

export interface CreditsOptions extends UserOptions {
    /** How many, as the user wrote it. */
    readonly credits: string;
}

/** Buys credits: the wallet approves their price, the hub pulls it. */
export async function buyCredits(options: CreditsOptions, print: Print): Promise<void> {
    const credits = countOf(options.credits);
    const { deployment, user } = await openWallet(options);
    const { hub } = user.canisters;
    const { credit_price_e8s: price } = await hub.get_settings();
    const amountE8s = credits * price;
    print(`Buying ${credits} credits for ${formatAmount(amountE8s)} EMC from ${user.principal.toText()} …`);
    await approve(deployment, user, { spender: deployment.ids.hub, amountE8s });
    const { account, block_index } = expectDone(await hub.buy_credits({ credits, from_subaccount: [] }), {
        ...MONEY_REFUSALS,
        InsufficientFunds: ({ balance_e8s }) => `The wallet has only ${formatAmount(balance_e8s)} EMC.`
    });
    print(`Paid in block ${block_index} of the ledger; ${account.available} credits are available.`);
    print('Next: emc user key');
}

/** Gives credits back: their price comes to the wallet, less the ledger's fee. */
export async function withdrawCredits(options: CreditsOptions, print: Print): Promise<void> {
    const credits = countOf(options.credits);
    const { user } = await openWallet(options);
    const answer = await user.canisters.hub.withdraw_credits({ credits, to_subaccount: [] });
    const { account, paid_e8s, block_index } = expectDone(answer, {
        ...MONEY_REFUSALS,
        InsufficientCredits: ({ available }) => `Only ${available} credits are available.`,
        InsufficientFunds: () => 'The hub cannot pay at this moment: nothing was lost, try again.'
    });
    print(
        `Paid ${formatAmount(paid_e8s)} EMC in block ${block_index} of the ledger; ${account.available} credits are left.`
    );
}

const MONEY_REFUSALS = {
    Paused: COMMON.Paused,
    Anonymous: COMMON.Anonymous,
    InvalidArgument: COMMON.InvalidArgument,
    TemporarilyUnavailable: COMMON.TemporarilyUnavailable,
    Busy: () => 'Another transfer of this wallet is under way: try again in a few seconds.',
    InsufficientAllowance: ({ allowance_e8s }: { allowance_e8s: bigint }) =>
        `Only ${formatAmount(allowance_e8s)} EMC were approved: somebody else changed the allowance; try again.`
} as const;

const LARGEST = 2n ** 64n - 1n;

function countOf(text: string): bigint {
    const count = /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
    if (count === 0n || count > LARGEST) throw new CommandFailed(`${text} is no number of credits.`);
    return count;
}
