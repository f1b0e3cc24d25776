/** Public keys in DER (RFC 5280 SubjectPublicKeyInfo) and the principals that follow from them. */
import { concatBytes, equalBytes, fromHex, sha224 } from './bytes';

const prefixes = {
    ed25519: fromHex('302a300506032b6570032100'),
    secp256k1: fromHex('3056301006072a8648ce3d020106052b8104000a034200'),
    p256: fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200'),
    bls12381: fromHex('308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100')
};

const keyBytes = { ed25519: 32, secp256k1: 65, p256: 65, bls12381: 96 };

/** 1.3.6.1.4.1.56387.1.1 (COSE keys of WebAuthn) and 1.3.6.1.4.1.56387.1.2 (canister signatures), as whole DER items. */
const coseOid = fromHex('060a2b0601040183b8430101');
const canisterOid = fromHex('060a2b0601040183b8430102');

/** Schemes whose keys are a prefix and the raw key. */
export type PlainScheme = keyof typeof prefixes;

/** A public key as it stands in requests. */
export type PublicKey =
    | { readonly scheme: PlainScheme; readonly raw: Uint8Array; readonly der: Uint8Array }
    /** `raw` is a COSE_Key. */
    | { readonly scheme: 'webauthn'; readonly raw: Uint8Array; readonly der: Uint8Array }
    /** `raw` is one length byte, the canister's id, and the seed. */
    | { readonly scheme: 'canister'; readonly raw: Uint8Array; readonly der: Uint8Array };

/** The reverse of `parsePublicKey`. */
export function derEncode(scheme: PlainScheme, raw: Uint8Array): Uint8Array {
    return concatBytes(prefixes[scheme], raw);
}

/** Recognises the key types of the interface specification ("Signatures"); undefined for anything else. */
export function parsePublicKey(der: Uint8Array): PublicKey | undefined {
    for (const scheme of ['ed25519', 'secp256k1', 'p256', 'bls12381'] as const) {
        const prefix = prefixes[scheme];
        if (der.length === prefix.length + keyBytes[scheme] && equalBytes(der.subarray(0, prefix.length), prefix)) {
            return { scheme, raw: der.subarray(prefix.length), der };
        }
    }
    return parseWrappedKey(der);
}

/** SEQUENCE { SEQUENCE { OID }, BIT STRING } with one of the two private object identifiers. */
function parseWrappedKey(der: Uint8Array): PublicKey | undefined {
    const outer = readItem(der, 0, 0x30);
    const algorithm = outer && readItem(outer.content, 0, 0x30);
    const bits = outer && algorithm && readItem(outer.content, algorithm.end, 0x03);
    if (bits === undefined || outer?.end !== der.length || bits.end !== outer.content.length || bits.content[0] !== 0) {
        return undefined;
    }
    const raw = bits.content.subarray(1);
    if (algorithm !== undefined && equalBytes(algorithm.content, coseOid)) {
        return { scheme: 'webauthn', raw, der };
    }
    return algorithm !== undefined && equalBytes(algorithm.content, canisterOid)
        ? { scheme: 'canister', raw, der }
        : undefined;
}

interface DerItem {
    readonly content: Uint8Array;
    /** Offset behind the item. */
    readonly end: number;
}

function readItem(bytes: Uint8Array, offset: number, tag: number): DerItem | undefined {
    const first = bytes[offset + 1];
    if (bytes[offset] !== tag || first === undefined) {
        return undefined;
    }
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (lengthBytes > 3 || first === 0x80) {
        return undefined;
    }
    let length = first < 0x80 ? first : 0;
    for (let index = 0; index < lengthBytes; index += 1) {
        length = length * 256 + (bytes[offset + 2 + index] ?? 0);
    }
    const start = offset + 2 + lengthBytes;
    return start + length > bytes.length
        ? undefined
        : { content: bytes.subarray(start, start + length), end: start + length };
}

/** The self-authenticating principal of a key: sha224(DER) ‖ 0x02. */
export function selfAuthenticating(der: Uint8Array): Uint8Array {
    return concatBytes(sha224(der), Uint8Array.of(2));
}

/** Who sends without a signature. */
export const anonymousPrincipal = Uint8Array.of(4);
