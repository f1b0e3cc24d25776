/**
 * The ledger's operations with a long history and with a short one. Callers, receivers and amounts differ from call to call, so
 * that nothing is found in a cache that a busy ledger would not find there.
 */
import type { Principal } from '@dfinity/principal';
import { LEDGER_FEE_E8S } from '../../src/core/amount';
import { once, type Benchmark } from '../lib/benchmark';
import type { LocalCall } from '../lib/local_network';
import { account, approveArgs, transferArg, type TransferArg } from '../lib/money';
import { repeat } from '../lib/repeat';
import { LoadedLedger, OTHER_LEDGER } from '../ledger/loaded_ledger';
import { checkSame, pictureOf } from '../ledger/picture';
import { holder, type HistorySize } from '../ledger/rows';

/** A ledger of a certain size, and how many calls are made to it. */
interface Stage {
    /** Behind the names of its rows. */
    readonly suffix: string;
    readonly description: string;
    readonly calls: number;
    readonly ledger: () => Promise<LoadedLedger>;
    readonly missing?: Benchmark['missing'];
}

const LARGE: HistorySize = { accounts: 100_000, blocks: 300_000 };
/** Every block names another account: a ledger has no more accounts than blocks. */
const SMALL: HistorySize = { accounts: 999, blocks: 1_000 };

const large: Stage = {
    suffix: '',
    description: '100 000 accounts, 300 000 blocks',
    calls: 1_000,
    ledger: once(() => LoadedLedger.ours(LARGE))
};
/** Another ledger for each row, and fewer calls, so that it stays small. */
const small: Stage = {
    suffix: '_1000_blocks',
    description: '1 000 blocks',
    calls: 200,
    ledger: () => LoadedLedger.ours(SMALL)
};
const otherPath = process.env[OTHER_LEDGER];
const other: Stage = {
    suffix: '_other',
    description: `the ledger that ${OTHER_LEDGER} names, 100 000 accounts`,
    calls: 1_000,
    ledger: once(() => LoadedLedger.other(otherPath ?? '', { accounts: LARGE.accounts, blocks: LARGE.accounts })),
    missing: async () => (otherPath === undefined ? `${OTHER_LEDGER} names no module` : undefined)
};

/** Calls that share a round where a busy ledger is meant. */
const BUSY = 100;
const MEMO = new Uint8Array(32).fill(7);
const unit = 'instructions';

type Calls = (ledger: LoadedLedger, run: number) => LocalCall;
/** What is measured of a call that has its round to itself, or of a hundred that share one. */
type Measure = (ledger: LoadedLedger, calls: Calls, count: number) => readonly number[];

const message: Measure = (ledger, calls, count) =>
    repeat((run) => made(ledger, [calls(ledger, run)]).instructions, count);
const deferredAlone: Measure = (ledger, calls, count) =>
    repeat((run) => made(ledger, [calls(ledger, run)]).deferred, count);
const deferredBusy: Measure = (ledger, calls, count) =>
    repeat(
        (round) =>
            made(
                ledger,
                repeat((i) => calls(ledger, round * BUSY + i), BUSY)
            ).deferred / BUSY,
        count / BUSY
    );
const query: Measure = (ledger, calls, count) =>
    repeat((run) => {
        const call = calls(ledger, run);
        return ledger.network.instructionsOf(() => ledger.network.query(call));
    }, count);

/** Sends calls into one round; each must succeed. */
function made(ledger: LoadedLedger, calls: readonly LocalCall[]): { instructions: number; deferred: number } {
    const { replies, ...costs } = ledger.network.updateTogether(calls);
    replies.forEach((reply, i) => ledger.accept(calls[i]?.method ?? '', reply));
    return costs;
}

/** Strides that meet every holder before one comes again. */
const sender = (ledger: LoadedLedger, run: number): Principal => holder((run * 7_919 + 3) % ledger.size.accounts);
const receiver = (ledger: LoadedLedger, run: number): Principal => holder((run * 3_571 + 11) % ledger.size.accounts);

function transfer(options: (ledger: LoadedLedger, run: number) => Partial<TransferArg>): Calls {
    return (ledger, run) => {
        const to = account(receiver(ledger, run));
        const arg = transferArg(to, 1_000n + BigInt(run), options(ledger, run));
        return ledger.message('icrc1_transfer', [arg], sender(ledger, run));
    };
}

const plain = transfer(() => ({}));
const toStranger = transfer((_, run) => ({ to: account(holder(10_000_000 + run)) }));
/** Every client's clock differs a little. */
const full = transfer(({ network }, run) => ({
    fee: [LEDGER_FEE_E8S],
    memo: [MEMO],
    created_at_time: [network.nowNs() - BigInt(run) * 1_000_003n]
}));
/** Nobody may approve himself. */
const neighbour = (ledger: LoadedLedger, run: number): Principal =>
    holder((run * 7_919 + 4 + (run % 97)) % ledger.size.accounts);
const approve: Calls = (ledger, run) =>
    ledger.message('icrc2_approve', [approveArgs(neighbour(ledger, run), 10n ** 9n)], sender(ledger, run));

/** Whoever may spend from the first thousand senders. */
const spender = holder(20_000_000);
const transferFrom: Calls = (ledger, run) => {
    const { to, amount, fee, memo, created_at_time } = transferArg(account(receiver(ledger, run)), 1_000n);
    const from = account(sender(ledger, run));
    const order = { to, amount, fee, memo, created_at_time, from, spender_subaccount: [] };
    return ledger.message('icrc2_transfer_from', [order], spender);
};

function permitSpender(ledger: LoadedLedger, calls: number): void {
    const permit: Calls = (_, run) =>
        ledger.message('icrc2_approve', [approveArgs(spender, 10n ** 9n)], sender(ledger, run));
    for (let from = 0; from < calls; from += BUSY)
        made(
            ledger,
            repeat((i) => permit(ledger, from + i), BUSY)
        );
}

const balance: Calls = (ledger, run) =>
    ledger.message('icrc1_balance_of', [account(receiver(ledger, run))], sender(ledger, run));
const blocks =
    (length: number): Calls =>
    (ledger, run) => {
        const start = BigInt((run * 977) % Math.max(1, ledger.size.blocks - length));
        return ledger.message('icrc3_get_blocks', [[{ start, length: BigInt(length) }]], holder(run));
    };

/** A row of a stage; `prepare` is not measured. */
function row(
    { suffix, description, calls, ledger, missing }: Stage,
    name: string,
    what: string,
    [measure, call]: readonly [Measure, Calls],
    prepare: (ledger: LoadedLedger, calls: number) => void = () => undefined
): Benchmark {
    return {
        name: `${name}${suffix}`,
        unit,
        description: `${what} (${description}).`,
        missing,
        runs: async () => {
            const loaded = await ledger();
            prepare(loaded, calls);
            return measure(loaded, call, calls);
        }
    };
}

/** What every ICRC ledger can do. */
function standardRows(stage: Stage): readonly Benchmark[] {
    return [
        row(stage, 'icrc1_transfer', 'icrc1_transfer between holders, without optional fields: the message', [
            message,
            plain
        ]),
        row(
            stage,
            'icrc1_transfer_deferred',
            'All work that such a transfer leaves for later, when a hundred share a round',
            [deferredBusy, plain]
        ),
        row(stage, 'icrc1_transfer_full', 'The same with fee, memo of 32 bytes and created_at_time: the message', [
            message,
            full
        ]),
        row(stage, 'icrc1_transfer_full_deferred', 'What that leaves for later, when a hundred share a round', [
            deferredBusy,
            full
        ]),
        row(stage, 'icrc2_approve', 'icrc2_approve of a new spender, without optional fields: the message', [
            message,
            approve
        ]),
        row(
            stage,
            'icrc2_transfer_from',
            'icrc2_transfer_from of an allowance that stays, without optional fields: the message',
            [message, transferFrom],
            permitSpender
        ),
        row(stage, 'icrc1_balance_of', 'icrc1_balance_of as a query', [query, balance]),
        row(stage, 'icrc3_get_blocks_100', 'icrc3_get_blocks of 100 blocks as a query', [query, blocks(100)])
    ];
}

function upgradeRow({ suffix, description, ledger }: Stage): Benchmark {
    return {
        name: `ledger_upgrade${suffix}`,
        unit,
        description: `An upgrade to the same code, with all that it leaves for later; every answer must stay the same (${description}).`,
        runs: async () => {
            const loaded = await ledger();
            const before = pictureOf(loaded);
            const instructions = repeat(() => loaded.upgradeInstructions());
            checkSame(before, pictureOf(loaded));
            return instructions;
        }
    };
}

export const ledgerBenchmarks: readonly Benchmark[] = [
    ...standardRows(large),
    row(large, 'icrc1_transfer_deferred_alone', 'What a transfer leaves for later when its round has no other', [
        deferredAlone,
        plain
    ]),
    row(large, 'icrc1_transfer_new_receiver', 'icrc1_transfer to an account that never was: the message', [
        message,
        toStranger
    ]),
    row(large, 'icrc1_transfer_new_receiver_deferred', 'What that leaves for later, when a hundred share a round', [
        deferredBusy,
        transfer((_, run) => ({ to: account(holder(30_000_000 + run)) }))
    ]),
    upgradeRow(large),
    ...standardRows(small),
    upgradeRow(small),
    ...standardRows(other)
];
