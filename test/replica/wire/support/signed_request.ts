import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { concatBytes, domainSeparator, sha256, utf8 } from '../../../../src/replica/wire/bytes';
import { cborRecord, encodeCbor, type CborValue } from '../../../../src/replica/wire/cbor';
import { encodeCertificate } from '../../../../src/replica/wire/certificate';
import { selfAuthenticating } from '../../../../src/replica/wire/der';
import { labels, leaf } from '../../../../src/replica/wire/hash_tree';
import { treeToCbor } from '../../../../src/replica/wire/hash_tree_cbor';
import type { BlsKey } from '../../../../src/replica/wire/keys';
import { hashOfMap } from '../../../../src/replica/wire/request_id';

/** A key that can sign requests and delegations. */
export interface Signer {
    readonly publicKey: Uint8Array;
    sign(message: Uint8Array): Uint8Array;
}

function derOf(key: KeyObject): Uint8Array {
    return new Uint8Array(key.export({ format: 'der', type: 'spki' }));
}

export function ed25519Signer(): Signer {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    return { publicKey: derOf(publicKey), sign: (message) => new Uint8Array(sign(null, message, privateKey)) };
}

export function ecdsaSigner(namedCurve: 'secp256k1' | 'P-256'): Signer {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
    return { publicKey: derOf(publicKey), sign: (message) => new Uint8Array(sign('sha256', message, key)) };
}

/** SEQUENCE { SEQUENCE { OID }, BIT STRING } around a key of one of the two private object identifiers. */
function wrappedKey(oidEnd: number, raw: Uint8Array): Uint8Array {
    const algorithm = Uint8Array.of(0x30, 12, 0x06, 10, 0x2b, 6, 1, 4, 1, 0x83, 0xb8, 0x43, 1, oidEnd);
    const bits = concatBytes(Uint8Array.of(0x03, 0x82, (raw.length + 1) >> 8, (raw.length + 1) & 0xff, 0), raw);
    const length = algorithm.length + bits.length;
    return concatBytes(Uint8Array.of(0x30, 0x82, length >> 8, length & 0xff), algorithm, bits);
}

/** An authenticator, as browsers have it. */
export function webAuthnSigner(algorithm: 'ES256' | 'RS256', challengeOf = (message: Uint8Array) => message): Signer {
    const pair =
        algorithm === 'ES256'
            ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
            : generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = pair.publicKey.export({ format: 'jwk' });
    const part = (name: 'x' | 'y' | 'n' | 'e'): Uint8Array =>
        new Uint8Array(Buffer.from(String(jwk[name]), 'base64url'));
    const cose =
        algorithm === 'ES256'
            ? new Map<bigint, CborValue>([
                  [1n, 2n],
                  [3n, -7n],
                  [-1n, 1n],
                  [-2n, part('x')],
                  [-3n, part('y')]
              ])
            : new Map<bigint, CborValue>([
                  [1n, 3n],
                  [3n, -257n],
                  [-1n, part('n')],
                  [-2n, part('e')]
              ]);
    return {
        publicKey: wrappedKey(1, encodeCbor(cose)),
        sign: (message) => {
            const challenge = Buffer.from(challengeOf(message)).toString('base64url');
            const client_data_json = JSON.stringify({ type: 'webauthn.get', challenge, origin: 'http://localhost' });
            const authenticator_data = new Uint8Array(37).fill(1);
            const signed = concatBytes(authenticator_data, sha256(utf8(client_data_json)));
            const signature = new Uint8Array(sign('sha256', signed, pair.privateKey));
            return encodeCbor(cborRecord({ authenticator_data, client_data_json, signature }));
        }
    };
}

/** A canister that signs through its certified data, on the network of `root`. */
export function canisterSigner(root: BlsKey, certified = (digest: Uint8Array) => digest): Signer {
    const canisterId = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 1, 1);
    const seed = utf8('somebody');
    return {
        publicKey: wrappedKey(2, concatBytes(Uint8Array.of(canisterId.length), canisterId, seed)),
        sign: (message) => {
            const entry = labels([[sha256(message), leaf(new Uint8Array())]]);
            const tree = labels([[utf8('sig'), labels([[sha256(seed), entry]])]]);
            const data = labels([[utf8('certified_data'), leaf(certified(tree.digest))]]);
            const state = labels([
                [utf8('canister'), labels([[canisterId, data]])],
                [utf8('time'), leaf(Uint8Array.of(0))]
            ]);
            const certificate = encodeCertificate({ tree: state, signature: root.signRoot(state.digest) });
            return encodeCbor(cborRecord({ certificate, tree: treeToCbor(tree) }));
        }
    };
}

export const canister = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7, 1, 1);

type Fields = Readonly<Record<string, CborValue | undefined>>;

export function callContent(sender: Uint8Array, change: Fields = {}): Fields {
    return {
        request_type: 'call',
        sender,
        ingress_expiry: 1_000_000_000n,
        canister_id: canister,
        method_name: 'inc',
        arg: new Uint8Array(),
        ...change
    };
}

function hashOf(fields: Fields): Uint8Array {
    return hashOfMap(cborRecord(fields)) ?? new Uint8Array();
}

/** A link of a chain: `from` allows `to` to sign. */
export function delegate(from: Signer, to: Signer, change: Fields = {}): CborValue {
    const fields = { pubkey: to.publicKey, expiration: 2_000_000_000n, ...change };
    const message = concatBytes(domainSeparator('ic-request-auth-delegation'), hashOf(fields));
    return cborRecord({ delegation: cborRecord(fields), signature: from.sign(message) });
}

/** An envelope of `signer`, for a sender that is the principal of `owner`. */
export function signedEnvelope(
    signer: Signer,
    options: { readonly owner?: Signer; readonly content?: Fields; readonly delegations?: readonly CborValue[] } = {}
): Uint8Array {
    const owner = options.owner ?? signer;
    const content = options.content ?? callContent(selfAuthenticating(owner.publicKey));
    return encodeCbor(
        cborRecord({
            content: cborRecord(content),
            sender_pubkey: owner.publicKey,
            sender_sig: signer.sign(concatBytes(domainSeparator('ic-request'), hashOf(content))),
            sender_delegation: options.delegations
        })
    );
}
