import { IcrcLedgerCanister } from '@dfinity/ledger-icrc';
import type { Principal } from '@dfinity/principal';
import { connectAgent } from '../client/agent';
import { formatAmount, LEDGER_FEE_E8S } from '../core/amount';
import { CommandFailed } from './command_failed';
import type { Deployment } from './deployment_file';
import type { Party } from './party';

/** One transfer that a canister may pull from a wallet. */
export interface Allowance {
    readonly spender: Principal;
    readonly amountE8s: bigint;
}

/**
 * Allows one transfer and its fee. It replaces what was approved before, so that a repetition adds nothing.
 * @throws {@link CommandFailed} when the wallet has not that much.
 */
export async function approve(
    { access, ids }: Deployment,
    { identity }: Party,
    { spender, amountE8s }: Allowance
): Promise<void> {
    const agent = await connectAgent(access, identity);
    const ledger = IcrcLedgerCanister.create({ agent, canisterId: ids.token_icrc1 });
    const balance = await ledger.balance({ owner: identity.getPrincipal(), certified: true });
    const needed = amountE8s + 2n * LEDGER_FEE_E8S;
    if (balance < needed) {
        throw new CommandFailed(
            `The wallet has ${formatAmount(balance)} EMC; what is to be paid comes to ${formatAmount(needed)} EMC with fees.`
        );
    }
    await ledger.approve({ spender: { owner: spender, subaccount: [] }, amount: amountE8s + LEDGER_FEE_E8S });
}
