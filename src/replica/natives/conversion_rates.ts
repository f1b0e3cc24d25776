/** XDR per ICP, as the cycles minting canister certifies it. Here the rate never changes. */
import { encodeResult, type Decoded } from '../candid/codecs';
import type { NativeCertifiedData } from '../state/native';
import { utf8 } from '../wire/bytes';
import { encodeSelfDescribed } from '../wire/cbor';
import { labels, leaf, type HashTree } from '../wire/hash_tree';
import { treeToCbor } from '../wire/hash_tree_cbor';
import { witness } from '../wire/witness';
import { rateData } from './cycles_minting_types';

/** Ten-thousandths of an XDR per ICP, as PocketIC's networks have it: 3.52 trillion cycles for one ICP. */
export const permyriadPerIcp = 35_200n;
const nsPerSecond = 1_000_000_000n;

/** The rate and its average, which are the same here. */
export interface ConversionRates {
    readonly data: Decoded<typeof rateData>;
    readonly certified: NativeCertifiedData;
    /** CBOR of the tree that is certified, with the one value or the other. */
    readonly hashTree: (which: 'current' | 'average') => Uint8Array;
}

const rateLabels = { current: utf8('ICP_XDR_CONVERSION_RATE'), average: utf8('AVERAGE_ICP_XDR_CONVERSION_RATE') };

/** The rate as of the beginning of the network. */
export function conversionRates(genesisNs: bigint): ConversionRates {
    const data = { timestamp_seconds: genesisNs / nsPerSecond, xdr_permyriad_per_icp: permyriadPerIcp };
    const value = leaf(encodeResult(rateData, data));
    const tree: HashTree = labels([
        [rateLabels.current, value],
        [rateLabels.average, value]
    ]);
    return {
        data,
        certified: { data: tree.digest, version: 0 },
        hashTree: (which) => encodeSelfDescribed(treeToCbor(witness(tree, [[rateLabels[which]]])))
    };
}
