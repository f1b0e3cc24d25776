/**
 * Verification of certificates, off chain: canisters must not import this module, because the curve arithmetic would be
 * bundled into them.
 */
import { bls12_381 } from '@noble/curves/bls12-381';
import { compareBytes, concatBytes, equalBytes, fromHex } from '../bytes';
import { err, ok, type Result } from '../result';
import { decodeCbor } from './cbor';
import { certifiedDataOf, certifiedTimeNs, parseCertificate, type Certificate, type Delegation } from './certificate';
import { domainSeparator, labelsOf, lookupLeaf, lookupTree, treeDigest, type HashTree } from './hash_tree';

/** Why a certificate proves nothing to this verifier. */
export type CertificateFault =
    | 'Malformed'
    | 'BadRootKey'
    | 'BadSignature'
    /** A delegation's own certificate carries a delegation. */
    | 'NestedDelegation'
    /** The subnet that signed does not hold the canister. */
    | 'WrongSubnet'
    | 'NoTime'
    /** Older than the verifier accepts. */
    | 'Stale'
    /** From further in the future than clocks differ. */
    | 'FromTheFuture'
    /** The certificate does not show this canister's certified data. */
    | 'NoCertifiedData';

/** What a verifier trusts and demands. */
export interface Trust {
    /** The network's root key: DER, 133 bytes. */
    readonly rootKeyDer: Uint8Array;
    readonly canisterId: Uint8Array;
    readonly nowNs: bigint;
    readonly maxAgeNs: bigint;
    /** How far the network's clock may be ahead. */
    readonly maxAheadNs: bigint;
}

/** A certificate's content, after its verification. */
export interface CertifiedState {
    readonly tree: HashTree;
    readonly timeNs: bigint;
}

/** DER header of a BLS12-381 key in G2 (OIDs 1.3.6.1.4.1.44668.5.3.1.2.1 and .2.1); 96 bytes of key follow. */
const KEY_HEADER =
    fromHex('308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100') ?? new Uint8Array();
const KEY_BYTES = 96;
const STATE_ROOT = domainSeparator('ic-state-root');
const utf8 = new TextEncoder();

/** Checks signature, delegation and freshness against the root key, trusting nobody who passed the bytes on. */
export function verifyCertificate(bytes: Uint8Array, trust: Trust): Result<CertifiedState, CertificateFault> {
    const certificate = parseCertificate(bytes);
    if (certificate === undefined) return err('Malformed');
    const key = signingKey(certificate.delegation, trust);
    if (!key.ok) return key;
    const signed = checkSignature(certificate, key.value);
    if (!signed.ok) return signed;
    const timeNs = certifiedTimeNs(certificate.tree);
    if (timeNs === undefined) return err('NoTime');
    if (timeNs + trust.maxAgeNs < trust.nowNs) return err('Stale');
    if (timeNs > trust.nowNs + trust.maxAheadNs) return err('FromTheFuture');
    return ok({ tree: certificate.tree, timeNs });
}

/** The certified data of the trusted canister, with the time at which it stood. */
export function verifyCertifiedData(
    bytes: Uint8Array,
    trust: Trust
): Result<{ readonly data: Uint8Array; readonly timeNs: bigint }, CertificateFault> {
    const verified = verifyCertificate(bytes, trust);
    if (!verified.ok) return verified;
    const data = certifiedDataOf(verified.value.tree, trust.canisterId);
    return data === undefined ? err('NoCertifiedData') : ok({ data, timeNs: verified.value.timeNs });
}

function checkSignature(certificate: Certificate, keyDer: Uint8Array): Result<void, CertificateFault> {
    const key = rawKey(keyDer);
    if (key === undefined) return err('BadRootKey');
    const message = concatBytes(STATE_ROOT, treeDigest(certificate.tree));
    try {
        const { shortSignatures } = bls12_381;
        const isSigned = shortSignatures.verify(certificate.signature, shortSignatures.hash(message), key);
        return isSigned ? ok(undefined) : err('BadSignature');
    } catch {
        // The library throws for bytes that are no point of the curve.
        return err('BadSignature');
    }
}

function rawKey(der: Uint8Array): Uint8Array | undefined {
    const header = der.subarray(0, KEY_HEADER.length);
    const isKey = der.length === KEY_HEADER.length + KEY_BYTES && equalBytes(header, KEY_HEADER);
    return isKey ? der.slice(KEY_HEADER.length) : undefined;
}

/** The key that must have signed: the root key, or that of the subnet which the root subnet says holds the canister. */
function signingKey(delegation: Delegation | undefined, trust: Trust): Result<Uint8Array, CertificateFault> {
    if (delegation === undefined) return ok(trust.rootKeyDer);
    const certificate = parseCertificate(delegation.certificate);
    if (certificate === undefined) return err('Malformed');
    if (certificate.delegation !== undefined) return err('NestedDelegation');
    const signed = checkSignature(certificate, trust.rootKeyDer);
    if (!signed.ok) return signed;
    const ranges = canisterRanges(certificate.tree, delegation.subnetId, trust.canisterId);
    if (!ranges.some((range) => isWithin(range, trust.canisterId))) return err('WrongSubnet');
    const subnet = [utf8.encode('subnet'), delegation.subnetId];
    const key = lookupLeaf(certificate.tree, [...subnet, utf8.encode('public_key')]);
    return key === undefined ? err('Malformed') : ok(key);
}

type Range = readonly [first: Uint8Array, last: Uint8Array];

function isWithin([first, last]: Range, canisterId: Uint8Array): boolean {
    return compareBytes(first, canisterId) <= 0 && compareBytes(canisterId, last) <= 0;
}

/** The ranges of a subnet: in shards by their first canister id, or whole in the older place. */
function canisterRanges(tree: HashTree, subnetId: Uint8Array, canisterId: Uint8Array): readonly Range[] {
    const shards = lookupTree(tree, [utf8.encode('canister_ranges'), subnetId]);
    const shard = shards && labelsOf(shards).findLast(({ label }) => compareBytes(label, canisterId) <= 0)?.subtree;
    if (shard?.kind === 'leaf') return rangesIn(shard.data);
    const whole = lookupLeaf(tree, [utf8.encode('subnet'), subnetId, utf8.encode('canister_ranges')]);
    return whole === undefined ? [] : rangesIn(whole);
}

function rangesIn(data: Uint8Array): readonly Range[] {
    const decoded = decodeCbor(data);
    if (!decoded.ok || !Array.isArray(decoded.value)) return [];
    return decoded.value.flatMap((pair: unknown): Range[] => {
        if (!Array.isArray(pair)) return [];
        const [first, last]: unknown[] = pair;
        return first instanceof Uint8Array && last instanceof Uint8Array ? [[first, last]] : [];
    });
}
