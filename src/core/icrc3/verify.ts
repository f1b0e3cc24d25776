/** What a client checks before it believes a ledger's log. Off chain only: verification brings curve arithmetic in. */
import { equalBytes } from '../bytes';
import { verifyCertifiedData, type CertificateFault, type Trust } from '../certification/verify_certificate';
import { err, ok, type Result } from '../result';
import { hashValue } from './hash';
import { decodeTipTree, type Tip } from './tip';
import type { Icrc3Value } from './value';

/** Answer of `icrc3_get_tip_certificate`. */
export interface TipCertificate {
    readonly certificate: Uint8Array | number[];
    readonly hash_tree: Uint8Array | number[];
}

/** Why a tip certificate proves nothing. */
export type TipFault =
    | CertificateFault
    | 'MalformedTree'
    /** The tree is not the one that the canister certified. */
    | 'OtherTree';

/** The ledger's tip, proven by the network's signature: `trust` names the ledger and the network's root key. */
export function verifyTip(
    answer: TipCertificate,
    trust: Trust
): Result<{ readonly tip: Tip; readonly timeNs: bigint }, TipFault> {
    const shown = decodeTipTree(Uint8Array.from(answer.hash_tree));
    if (shown === undefined) return err('MalformedTree');
    const certified = verifyCertifiedData(Uint8Array.from(answer.certificate), trust);
    if (!certified.ok) return certified;
    if (!equalBytes(certified.value.data, shown.root)) return err('OtherTree');
    return ok({ tip: shown.tip, timeNs: certified.value.timeNs });
}

/** One element of `icrc3_get_blocks`. */
export interface NumberedBlock {
    readonly id: bigint;
    readonly block: Icrc3Value;
}

/** The first block that does not continue its predecessor. */
export interface ChainFault {
    readonly kind: 'gap' | 'not_a_block' | 'parent_on_genesis' | 'other_parent' | 'other_tip';
    readonly id: bigint;
}

/**
 * Checks that consecutive blocks, in ascending order, form one chain: each names its predecessor's hash, block 0 none, and
 * the block of the tip has the tip's hash. Answers the hash of the last block, undefined for no blocks. A range that ends
 * before the tip is proven only together with the blocks up to it.
 */
export function verifyChain(
    blocks: readonly NumberedBlock[],
    tip?: Tip,
    parentHash?: Uint8Array
): Result<Uint8Array | undefined, ChainFault> {
    let previous = parentHash;
    let expected = blocks[0]?.id;
    for (const { id, block } of blocks) {
        if (id !== expected) return err({ kind: 'gap', id });
        const fault = linkFault(id, block, previous);
        if (fault !== undefined) return err({ kind: fault, id });
        previous = hashValue(block);
        if (tip?.index === id && !equalBytes(previous, tip.hash)) return err({ kind: 'other_tip', id });
        expected = id + 1n;
    }
    return ok(previous);
}

function linkFault(id: bigint, block: Icrc3Value, previous: Uint8Array | undefined): ChainFault['kind'] | undefined {
    if (!('Map' in block)) return 'not_a_block';
    const named = block.Map.find(([key]) => key === 'phash')?.[1];
    if (id === 0n) return named === undefined ? undefined : 'parent_on_genesis';
    if (named === undefined || !('Blob' in named)) return 'other_parent';
    const isContinued = previous === undefined || equalBytes(Uint8Array.from(named.Blob), previous);
    return isContinued ? undefined : 'other_parent';
}
