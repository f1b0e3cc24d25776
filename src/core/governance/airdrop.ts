/** Lists of airdrops as Merkle trees (RFC 9162): a leaf is a place in the list, an account and an amount. */
import { accountKey, type Account } from '../account';
import { concatBytes, equalBytes } from '../bytes';
import { u64Key } from '../codec';
import { buildLevels, leafHash, pathIn, rootFromPath, rootOf } from '../consensus/merkle';

/** A place of an airdrop’s list: who gets how many e8s. */
export interface AirdropEntry {
    readonly account: Account;
    readonly amountE8s: bigint;
}

/** Hash of one entry: index, account (owner with its length, 32 bytes of subaccount), amount; numbers of 8 bytes, big-endian. */
export function airdropLeaf(index: bigint, { account, amountE8s }: AirdropEntry): Uint8Array {
    return leafHash(concatBytes(u64Key.encode(index), accountKey.encode(account), u64Key.encode(amountE8s)));
}

/** Root of a list: what an airdrop is created with. */
export function airdropRoot(entries: readonly AirdropEntry[]): Uint8Array {
    return rootOf(buildLevels(leavesOf(entries)));
}

/** The proof that an entry is in the list: hashes from the leaf's neighbour up. */
export function airdropProof(entries: readonly AirdropEntry[], index: number): readonly Uint8Array[] {
    return pathIn(buildLevels(leavesOf(entries)), entries.length, index);
}

/** Whether an entry is in the list with this root and length. */
export function verifyAirdrop(
    root: Uint8Array,
    count: bigint,
    index: bigint,
    entry: AirdropEntry,
    proof: readonly Uint8Array[]
): boolean {
    if (index >= count || entry.amountE8s >> 64n !== 0n) return false;
    const found = rootFromPath(airdropLeaf(index, entry), Number(index), Number(count), proof);
    return found !== undefined && equalBytes(found, root);
}

function leavesOf(entries: readonly AirdropEntry[]): readonly Uint8Array[] {
    return entries.map((entry, index) => airdropLeaf(BigInt(index), entry));
}
