import { equalBytes, sha256, toHex, utf8 } from './bytes';
import { decodeCertificate, verifyCertificate, type Certificate } from './certificate';
import { lookupLeaf } from './lookup';

/** Certificates that verified before, by hash: one login signs many requests, and a BLS check takes 14 ms. */
const verified = new Set<string>();
const maxVerified = 1000;

/**
 * The certificate (CBOR), when it shows `digest` as the canister's certified data and holds under the root key (DER); undefined
 * otherwise. Its age is the caller's business.
 */
export function certificateOfData(
    bytes: Uint8Array,
    canisterId: Uint8Array,
    digest: Uint8Array,
    rootKeyDer: Uint8Array
): Certificate | undefined {
    const certificate = decodeCertificate(bytes);
    const certified =
        certificate && lookupLeaf(certificate.tree, [utf8('canister'), canisterId, utf8('certified_data')]);
    if (certificate === undefined || certified === undefined || !equalBytes(certified, digest)) {
        return undefined;
    }
    const key = toHex(sha256(rootKeyDer, canisterId, bytes));
    if (verified.has(key)) {
        return certificate;
    }
    if (!verifyCertificate(certificate, rootKeyDer, canisterId)) {
        return undefined;
    }
    if (verified.size >= maxVerified) {
        verified.clear();
    }
    verified.add(key);
    return certificate;
}
