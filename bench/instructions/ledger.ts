import { LEDGER_FEE_E8S } from '../../src/core/amount';
import type { _SERVICE } from '../../src/declarations/token_icrc1';
import { accepted } from '../lib/answers';
import { once, type Benchmark } from '../lib/benchmark';
import { principalNamed, type LocalActor } from '../lib/local_network';
import { LocalSuite } from '../lib/local_suite';
import { account, approveArgs, transferArg } from '../lib/money';
import { repeat } from '../lib/repeat';

type Ledger = LocalActor<_SERVICE>;

const suite = once(() => LocalSuite.deploy({}, ['token_icrc1']));
const AMOUNT = 100_000_000n;
const MEMO = new Uint8Array(32).fill(7);
const known = account(principalNamed('a known receiver'));
const spender = principalNamed('a spender');

/** Measures a call of the richest account, after a transfer that nobody counts. */
function measured(call: (ledger: Ledger, run: number, suite: LocalSuite) => unknown): Benchmark['runs'] {
    return async () => {
        const deployed = await suite();
        const ledger = deployed.as('token_icrc1', deployed.deployer);
        accepted(ledger.icrc1_transfer(transferArg(known, AMOUNT)));
        return repeat((run) => deployed.instructionsOf(() => call(ledger, run, deployed)));
    };
}

async function transferFromRuns(): Promise<readonly number[]> {
    const deployed = await suite();
    const owner = deployed.as('token_icrc1', deployed.deployer);
    accepted(owner.icrc2_approve(approveArgs(spender, 1_000n * (AMOUNT + LEDGER_FEE_E8S))));
    const ledger = deployed.as('token_icrc1', spender);
    const { to, amount, fee, memo, created_at_time } = transferArg(known, AMOUNT);
    const from = account(deployed.deployer);
    const order = { to, amount, fee, memo, created_at_time, from, spender_subaccount: [] as [] };
    return repeat(() => deployed.instructionsOf(() => accepted(ledger.icrc2_transfer_from(order))));
}

function newReceiver(kind: string, run: number): ReturnType<typeof account> {
    return account(principalNamed(`${kind} receiver ${run}`));
}

const unit = 'instructions';

export const ledgerBenchmarks: readonly Benchmark[] = [
    {
        name: 'icrc1_transfer',
        unit,
        description: 'icrc1_transfer to an account that exists, without optional fields.',
        runs: measured((ledger) => accepted(ledger.icrc1_transfer(transferArg(known, AMOUNT))))
    },
    {
        name: 'icrc1_transfer_new_receiver',
        unit,
        description: 'The same to an account that does not exist yet, another one each time.',
        runs: measured((ledger, run) => accepted(ledger.icrc1_transfer(transferArg(newReceiver('new', run), AMOUNT))))
    },
    {
        name: 'icrc1_transfer_all_options',
        unit,
        description:
            'To a new account with fee, created_at_time (which makes the ledger look for a duplicate) and a memo of 32 bytes.',
        runs: measured((ledger, run, { network }) => {
            const options = { fee: [LEDGER_FEE_E8S], memo: [MEMO], created_at_time: [network.nowNs()] } as const;
            const transfer = { ...transferArg(newReceiver('full', run), AMOUNT), ...options };
            return accepted(ledger.icrc1_transfer(transfer as ReturnType<typeof transferArg>));
        })
    },
    {
        name: 'icrc1_balance_of',
        unit,
        description: 'icrc1_balance_of as a query.',
        runs: measured((ledger) => ledger.icrc1_balance_of(known))
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
