/** The canisters that deployment tools expect on every network: ledgers, minting, registry. */
import type { NativeCanister, NativeCertifiedData } from '../state/native';
import { anonymousId } from '../state/principals';
import { defaultAccount } from './accounts';
import type { BlockChain } from './block_chain';
import { BlockIndex } from './block_index';
import type { TokenRules } from './book_types';
import { cyclesIndexMethods } from './cycles_index';
import { cyclesLedgerMethods } from './cycles_ledger';
import { CyclesMinting, cyclesMintingMethods, type SettledPayments } from './cycles_minting';
import { conversionRates } from './conversion_rates';
import { icpBlockChain } from './icp_blocks';
import { icpIndexMethods } from './icp_index';
import { icpLedgerMethods } from './icp_ledger';
import { icrc3BlockChain, tipTree } from './icrc3';
import {
    cyclesIndexId,
    cyclesLedgerId,
    cyclesMintingId,
    governanceId,
    icpIndexId,
    icpLedgerId,
    registryId,
    richTestUser
} from './ids';
import type { LedgerParts } from './ledger_parts';
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

/** 10^9 ICP each for the anonymous user and the rich one, as PocketIC gives it. */
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
    /** Absent in older checkpoints: the hashes are computed again then. */
    readonly hashes?: { readonly icp: readonly Uint8Array[]; readonly cycles: readonly Uint8Array[] };
}

/** The canisters, and a way to their state. */
export interface SystemCanisterSet {
    readonly canisters: readonly NativeCanister[];
    readonly image: () => SystemImage;
}

/** Where and when the canisters come into being. */
export interface SystemPlace {
    readonly placement: Placement;
    /** Time of the first blocks and of the exchange rate. */
    readonly genesisNs: bigint;
}

/** Ledgers with their indices, cycles minting and registry canisters; with an image they go on where it was taken. */
export function systemCanisters(
    { faucet }: SystemCanisters,
    { placement, genesisNs }: SystemPlace,
    image?: SystemImage
): SystemCanisterSet {
    const icp = new TokenBook({ ...icpRules, genesisNs, faucet: faucet ? faucetE8s : 0n }, image?.icp);
    const cycles = new TokenBook({ ...cyclesRules, genesisNs, faucet: faucet ? faucetCycles : 0n }, image?.cycles);
    const icpParts = { book: icp, chain: icpBlockChain(icp, image?.hashes?.icp), index: new BlockIndex(icp) };
    const cyclesChain = icrc3BlockChain(cycles, image?.hashes?.cycles);
    const cyclesParts = { book: cycles, chain: cyclesChain, index: new BlockIndex(cycles) };
    const minting = new CyclesMinting(icp, cycles, placement, image?.settled);
    const created = new Map(image?.created);
    const rate = conversionRates(genesisNs);
    return {
        canisters: [
            nativeService(registryId, registryMethods(placement)),
            nativeService(icpLedgerId, icpLedgerMethods(icpParts), certifiedTip(icpParts, icpTip)),
            nativeService(icpIndexId, icpIndexMethods(icpParts)),
            nativeService(cyclesMintingId, cyclesMintingMethods(minting, rate), () => rate.certified),
            nativeService(
                cyclesLedgerId,
                cyclesLedgerMethods({ ...cyclesParts, created }, placement),
                certifiedTip(cyclesParts, (chain) => tipTree(chain).digest)
            ),
            nativeService(cyclesIndexId, cyclesIndexMethods(cyclesParts))
        ],
        image: () => ({
            icp: icp.image(),
            cycles: cycles.image(),
            created,
            settled: minting.settled,
            hashes: { icp: icpParts.chain.save(), cycles: cyclesChain.save() }
        })
    };
}

/** The ICP ledger certifies the hash of its last block as it is. */
function icpTip(chain: BlockChain): Uint8Array {
    return chain.tipHash() ?? new Uint8Array(32);
}

function certifiedTip(
    { book, chain }: LedgerParts,
    digest: (chain: BlockChain) => Uint8Array
): () => NativeCertifiedData {
    let certified: NativeCertifiedData | undefined;
    return () => {
        const version = Number(book.length);
        // Asked for with every certificate.
        if (certified?.version !== version) certified = { data: digest(chain), version };
        return certified;
    };
}

const icpRules: TokenRules = {
    name: 'Internet Computer',
    symbol: 'ICP',
    decimals: 8,
    fee: 10_000n,
    maxAmount: 2n ** 64n - 1n,
    mintingAccount: defaultAccount(governanceId),
    genesis: [
        [defaultAccount(anonymousId), anonymousE8s],
        [defaultAccount(richTestUser), anonymousE8s]
    ]
};
const cyclesRules: TokenRules = {
    name: 'Trillion Cycles',
    symbol: 'TCYCLES',
    decimals: 12,
    fee: 100_000_000n,
    maxAmount: 2n ** 128n - 1n,
    genesis: [[defaultAccount(anonymousId), anonymousCycles]]
};
