/** The canisters that deployment tools expect on every network: ledgers, minting, registry. */
import type { NativeCanister } from '../state/native';
import { anonymousId } from '../state/principals';
import { defaultAccount } from './accounts';
import type { TokenRules } from './book_types';
import { cyclesLedgerMethods } from './cycles_ledger';
import { CyclesMinting, cyclesMintingMethods, type SettledPayments } from './cycles_minting';
import { icpLedgerMethods } from './icp_ledger';
import { cyclesLedgerId, cyclesMintingId, governanceId, icpLedgerId, registryId } from './ids';
import type { Placement } from './placement';
import { registryMethods } from './registry';
import { nativeService } from './service';
import { TokenBook, type BookImage } from './token_book';

/** Which system canisters a network has, and how it treats newcomers. */
export interface SystemCanisters {
    /**
     * Every user has been given 1 000 000 ICP and 1 000 trillion cycles before it first appears, so that nobody has to be
     * funded first. Without it only the anonymous user has tokens, as on PocketIC's networks.
     */
    readonly faucet: boolean;
}

/** 10^9 ICP for the anonymous user, as PocketIC gives it. */
const anonymousE8s = 100_000_000_000_000_000n;
/** As many cycles as PocketIC gives the anonymous user. */
const anonymousCycles = 2n ** 127n - 1n;
const faucetE8s = 100_000_000_000_000n;
const faucetCycles = 1_000_000_000_000_000n;

/** The state of all of them, as plain data. */
export interface SystemImage {
    readonly icp: BookImage;
    readonly cycles: BookImage;
    readonly created: ReadonlyMap<bigint, Uint8Array>;
    readonly settled: SettledPayments;
}

/** The canisters, and a way to their state. */
export interface SystemCanisterSet {
    readonly canisters: readonly NativeCanister[];
    readonly image: () => SystemImage;
}

/** ICP ledger, cycles ledger, cycles minting and registry canisters; with an image they go on where it was taken. */
export function systemCanisters(
    { faucet }: SystemCanisters,
    placement: Placement,
    image?: SystemImage
): SystemCanisterSet {
    const icp = new TokenBook({ ...icpRules, faucet: faucet ? faucetE8s : 0n }, image?.icp);
    const cycles = new TokenBook({ ...cyclesRules, faucet: faucet ? faucetCycles : 0n }, image?.cycles);
    const minting = new CyclesMinting(icp, cycles, placement, image?.settled);
    const created = new Map(image?.created);
    return {
        canisters: [
            nativeService(registryId, registryMethods(placement)),
            nativeService(icpLedgerId, icpLedgerMethods(icp)),
            nativeService(cyclesMintingId, cyclesMintingMethods(minting)),
            nativeService(cyclesLedgerId, cyclesLedgerMethods({ book: cycles, created }, placement))
        ],
        image: () => ({ icp: icp.image(), cycles: cycles.image(), created, settled: minting.settled })
    };
}

const icpRules: TokenRules = {
    name: 'Internet Computer',
    symbol: 'ICP',
    decimals: 8,
    fee: 10_000n,
    mintingAccount: defaultAccount(governanceId),
    genesis: [[defaultAccount(anonymousId), anonymousE8s]]
};
const cyclesRules: TokenRules = {
    name: 'Trillion Cycles',
    symbol: 'TCYCLES',
    decimals: 12,
    fee: 100_000_000n,
    genesis: [[defaultAccount(anonymousId), anonymousCycles]]
};
