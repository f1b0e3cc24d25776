import type { Principal } from '@dfinity/principal';
import { LEDGER_FEE_E8S } from '../../src/core/amount';
import type { _SERVICE } from '../../src/declarations/token_icrc1';
import { accepted } from './answers';
import type { LocalActor } from './local_network';
import type { LocalSuite } from './local_suite';

type Ledger = LocalActor<_SERVICE>;
export type Account = Parameters<Ledger['icrc1_balance_of']>[0];
export type TransferArg = Parameters<Ledger['icrc1_transfer']>[0];
export type ApproveArgs = Parameters<Ledger['icrc2_approve']>[0];

/** An owner's default account, or a subaccount. */
export function account(owner: Principal, subaccount?: Uint8Array): Account {
    return { owner, subaccount: subaccount === undefined ? [] : [subaccount] };
}

/** Arguments with no optional field but the given ones. */
export function transferArg(to: Account, amount: bigint, options: Partial<TransferArg> = {}): TransferArg {
    return { from_subaccount: [], fee: [], memo: [], created_at_time: [], to, amount, ...options };
}

/** Arguments without optional fields. */
export function approveArgs(spender: Principal, amount: bigint): ApproveArgs {
    return {
        from_subaccount: [],
        fee: [],
        memo: [],
        created_at_time: [],
        expected_allowance: [],
        expires_at: [],
        spender: account(spender),
        amount
    };
}

/** The deployer, who owns the public allocation, gives somebody EMC. */
export function give(suite: LocalSuite, to: Account, amount: bigint): void {
    accepted(suite.as('token_icrc1', suite.deployer).icrc1_transfer(transferArg(to, amount)));
}

/** Lets a canister pull an amount, and the fee of one transfer. */
export function allow(suite: LocalSuite, owner: Principal, spender: Principal, amount: bigint): void {
    accepted(suite.as('token_icrc1', owner).icrc2_approve(approveArgs(spender, amount + LEDGER_FEE_E8S)));
}
