import type { Principal } from '@dfinity/principal';
import { LEDGER_FEE_E8S } from '../../src/core/amount';
import type { _SERVICE } from '../../src/declarations/token_icrc1';
import { accepted } from '../lib/answers';
import { once, type Benchmark } from '../lib/benchmark';
import { principalNamed, type LocalActor } from '../lib/local_network';
import { LocalSuite } from '../lib/local_suite';
import { repeat } from '../lib/repeat';

type Ledger = LocalActor<_SERVICE>;
type TransferArg = Parameters<Ledger['icrc1_transfer']>[0];
type ApproveArgs = Parameters<Ledger['icrc2_approve']>[0];
type TransferFromArgs = Parameters<Ledger['icrc2_transfer_from']>[0];

const suite = once(() => LocalSuite.deploy());
const AMOUNT = 100_000_000n;
const known = principalNamed('a known receiver');
const MEMO = new Uint8Array(32).fill(7);

const account = (owner: Principal): TransferArg['to'] => ({ owner, subaccount: [] });

function transferArg(to: Principal, options: Partial<TransferArg> = {}): TransferArg {
    const none = { from_subaccount: [], fee: [], memo: [], created_at_time: [] } as const;
    return { ...none, to: account(to), amount: AMOUNT, ...options } as TransferArg;
}

function approveArgs(spender: Principal, amount: bigint): ApproveArgs {
    const none = {
        from_subaccount: [],
        fee: [],
        memo: [],
        created_at_time: [],
        expected_allowance: [],
        expires_at: []
    };
    return { ...none, spender: account(spender), amount } as ApproveArgs;
}

function transferFromArgs(from: Principal): TransferFromArgs {
    const none = { spender_subaccount: [], fee: [], memo: [], created_at_time: [] } as const;
    return { ...none, from: account(from), to: account(known), amount: AMOUNT } as unknown as TransferFromArgs;
}

/** Measures a call of the richest account, after one that nobody counts. */
function measured(call: (ledger: Ledger, run: number, suite: LocalSuite) => unknown): Benchmark['runs'] {
    return async () => {
        const deployed = await suite();
        const ledger = deployed.as('token_icrc1', deployed.deployer);
        accepted(ledger.icrc1_transfer(transferArg(known)));
        return repeat((run) => deployed.instructionsOf(() => call(ledger, run, deployed)));
    };
}

/** Lets `known` spend what is measured. */
async function transferFromRuns(): Promise<readonly number[]> {
    const deployed = await suite();
    const owner = deployed.as('token_icrc1', deployed.deployer);
    const spender = principalNamed('spender');
    accepted(owner.icrc2_approve(approveArgs(spender, 1_000n * (AMOUNT + LEDGER_FEE_E8S))));
    const ledger = deployed.as('token_icrc1', spender);
    const call = (): unknown => accepted(ledger.icrc2_transfer_from(transferFromArgs(deployed.deployer)));
    return repeat(() => deployed.instructionsOf(call));
}

const unit = 'instructions';

export const ledgerBenchmarks: readonly Benchmark[] = [
    {
        name: 'icrc1_transfer',
        unit,
        description: 'icrc1_transfer to an account that exists, without optional fields.',
        runs: measured((ledger) => accepted(ledger.icrc1_transfer(transferArg(known))))
    },
    {
        name: 'icrc1_transfer_new_receiver',
        unit,
        description: 'The same to an account that does not exist yet, another one each time.',
        runs: measured((ledger, run) => accepted(ledger.icrc1_transfer(transferArg(principalNamed(`receiver ${run}`)))))
    },
    {
        name: 'icrc1_transfer_all_options',
        unit,
        description:
            'To a new account with fee, created_at_time (which makes the ledger look for a duplicate) and a memo of 32 bytes.',
        runs: measured((ledger, run, { network }) =>
            accepted(
                ledger.icrc1_transfer(
                    transferArg(principalNamed(`full receiver ${run}`), {
                        fee: [LEDGER_FEE_E8S],
                        memo: [MEMO],
                        created_at_time: [network.nowNs()]
                    })
                )
            )
        )
    },
    {
        name: 'icrc1_balance_of',
        unit,
        description: 'icrc1_balance_of as a query.',
        runs: measured((ledger) => ledger.icrc1_balance_of(account(known)))
    },
    {
        name: 'icrc2_approve',
        unit,
        description: 'icrc2_approve without optional fields, for another spender each time.',
        runs: measured((ledger, run) =>
            accepted(ledger.icrc2_approve(approveArgs(principalNamed(`spender ${run}`), AMOUNT)))
        )
    },
    {
        name: 'icrc2_transfer_from',
        unit,
        description:
            'icrc2_transfer_from to an account that exists, without optional fields, from an allowance that stays.',
        runs: transferFromRuns
    }
];
