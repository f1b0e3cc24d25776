/** What Candid costs inside a canister: the compiled codecs beside @dfinity/candid. */
import { IDL } from '@dfinity/candid';
import { candidCanister } from './candid_canister';
import { once, type Benchmark } from '../lib/benchmark';
import { LocalNetwork } from '../lib/local_network';
import { repeat } from '../lib/repeat';

type Work = 'account' | 'transfer' | 'transfer_full' | 'result' | 'blocks_10';
type Direction = 'decode' | 'encode';
type Codec = 'codec' | 'reference';

/** Median after median costs little here: the figures hardly differ. */
const RUNS = 5;

const installed = once(async () => {
    const network = new LocalNetwork();
    const canister = network.create();
    network.install(canister, await candidCanister(), new Uint8Array(IDL.encode([], [])));
    return { network, canister };
});

async function measure(direction: Direction, codec: Codec, work: Work): Promise<readonly number[]> {
    const { network, canister } = await installed();
    const argument = new Uint8Array(IDL.encode([IDL.Text, IDL.Text], [`${direction}_${codec}`, work]));
    return repeat(() => {
        const reply = network.update({ to: canister, method: 'measure', argument, from: network.deployer });
        return Number(IDL.decode([IDL.Nat64], reply)[0]);
    }, RUNS);
}

const WHAT: Readonly<Record<Work, string>> = {
    account: 'an account with a subaccount',
    transfer: 'the argument of icrc1_transfer without options',
    transfer_full: 'the argument of icrc1_transfer with all options',
    result: 'the answer Ok of icrc1_transfer',
    blocks_10: 'ten blocks as icrc3_get_blocks answers them'
};

const CASES: readonly (readonly [Direction, Work])[] = [
    ['decode', 'account'],
    ['decode', 'transfer'],
    ['decode', 'transfer_full'],
    ['encode', 'result'],
    ['encode', 'blocks_10']
];

/** One pair for each case: with the codecs, and with the reference. */
export const candidBenchmarks: readonly Benchmark[] = CASES.flatMap(([direction, work]) =>
    (['codec', 'reference'] as const).map((codec): Benchmark => ({
        name: `candid_${direction}_${work}${codec === 'reference' ? '_reference' : ''}`,
        unit: 'instructions',
        description: `To ${direction} ${WHAT[work]}, with ${codec === 'codec' ? 'src/core/candid' : '@dfinity/candid'}.`,
        runs: () => measure(direction, codec, work)
    }))
);
