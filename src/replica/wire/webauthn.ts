/** WebAuthn signatures (interface specification, "Web Authentication"): the message is the challenge of an assertion. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { concatBytes, equalBytes, sha256 } from './bytes';
import type { CborKey, CborValue } from './cbor';
import { decodeCbor } from './cbor_decode';

const es256 = -7n;
const rs256 = -257n;

/** Labels of COSE_Key parameters (RFC 9053). */
const label = { algorithm: 3n, x: -2n, y: -3n, modulus: -1n, exponent: -2n };

/** `cose` is a COSE_Key for ES256 or RS256; `signature` is CBOR with the assertion's three parts. */
export function verifyWebAuthn(cose: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    const key = importCoseKey(cose);
    const parts = mapOf(signature);
    const authenticatorData = parts?.get('authenticator_data');
    const clientData = parts?.get('client_data_json');
    const inner = parts?.get('signature');
    if (
        key === undefined ||
        !(authenticatorData instanceof Uint8Array) ||
        typeof clientData !== 'string' ||
        !(inner instanceof Uint8Array) ||
        !challengeMatches(clientData, message)
    ) {
        return false;
    }
    const signed = concatBytes(authenticatorData, sha256(new TextEncoder().encode(clientData)));
    return verify('sha256', signed, key, inner);
}

function challengeMatches(clientDataJson: string, message: Uint8Array): boolean {
    let clientData: unknown;
    try {
        clientData = JSON.parse(clientDataJson);
    } catch {
        return false;
    }
    if (typeof clientData !== 'object' || clientData === null || !('challenge' in clientData)) {
        return false;
    }
    const { challenge } = clientData;
    return typeof challenge === 'string' && equalBytes(Buffer.from(challenge, 'base64url'), message);
}

function importCoseKey(cose: Uint8Array): KeyObject | undefined {
    const key = mapOf(cose);
    switch (key?.get(label.algorithm)) {
        case es256:
            return fromJwk(key, { kty: 'EC', crv: 'P-256' }, { x: label.x, y: label.y });
        case rs256:
            return fromJwk(key, { kty: 'RSA' }, { n: label.modulus, e: label.exponent });
        default:
            return undefined;
    }
}

function fromJwk(
    key: ReadonlyMap<CborKey, CborValue>,
    fixed: Readonly<Record<string, string>>,
    parameters: Readonly<Record<string, bigint>>
): KeyObject | undefined {
    const jwk: Record<string, string> = { ...fixed };
    for (const [name, parameter] of Object.entries(parameters)) {
        const value = key.get(parameter);
        if (!(value instanceof Uint8Array)) {
            return undefined;
        }
        jwk[name] = Buffer.from(value).toString('base64url');
    }
    return createPublicKey({ key: jwk, format: 'jwk' });
}

function mapOf(bytes: Uint8Array): ReadonlyMap<CborKey, CborValue> | undefined {
    const decoded = decodeCbor(bytes, { depth: 8, bytes: 64 * 1024 });
    return decoded.ok && decoded.value instanceof Map ? decoded.value : undefined;
}
