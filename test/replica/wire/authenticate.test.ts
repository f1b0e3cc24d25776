import fc from 'fast-check';
import { authenticate, type AuthenticRequest } from '../../../src/replica/wire/authenticate';
import { concatBytes, domainSeparator, utf8 } from '../../../src/replica/wire/bytes';
import { cborRecord, encodeCbor, type CborValue } from '../../../src/replica/wire/cbor';
import { selfAuthenticating } from '../../../src/replica/wire/der';
import { parseEnvelope } from '../../../src/replica/wire/envelope';
import { checkTimes, maxIngressTtlNs } from '../../../src/replica/wire/expiry';
import { BlsKey } from '../../../src/replica/wire/keys';
import type { Refusal } from '../../../src/replica/wire/refusal';
import type { Result } from '../../../src/replica/wire/result';
import {
    callContent,
    canister,
    canisterSigner,
    delegate,
    ecdsaSigner,
    ed25519Signer,
    signedEnvelope,
    webAuthnSigner,
    type Signer
} from './support/signed_request';

const root = new BlsKey(utf8('root'));

function check(body: Uint8Array, type: 'call' | 'query' | 'read_state' = 'call'): Result<AuthenticRequest, Refusal> {
    const envelope = parseEnvelope(body, type);
    return envelope.ok ? authenticate(envelope.value, root.publicDer) : envelope;
}

function refusalOf(body: Uint8Array, type: 'call' | 'query' | 'read_state' = 'call'): string {
    const result = check(body, type);
    return result.ok ? 'accepted' : result.error.code;
}

const signers: readonly (readonly [string, () => Signer])[] = [
    ['Ed25519', ed25519Signer],
    ['secp256k1', () => ecdsaSigner('secp256k1')],
    ['P-256', () => ecdsaSigner('P-256')],
    ['WebAuthn ES256', () => webAuthnSigner('ES256')],
    ['WebAuthn RS256', () => webAuthnSigner('RS256')],
    ['canister signature', () => canisterSigner(root)]
];

test.each(signers)('authenticate: %s signs for its own principal and for nothing else', (name, create) => {
    const signer = create();
    const other = create();
    expect(refusalOf(signedEnvelope(signer))).toBe('accepted');
    if (name !== 'canister signature') {
        expect(refusalOf(signedEnvelope(other, { owner: signer }))).toBe('invalid_signature');
    }
    const content = callContent(selfAuthenticating(ed25519Signer().publicKey));
    expect(refusalOf(signedEnvelope(signer, { content }))).toBe('wrong_sender');
});

test('authenticate: an assertion for another challenge is refused', () => {
    const signer = webAuthnSigner('ES256', (message) => message.subarray(1));
    expect(refusalOf(signedEnvelope(signer))).toBe('invalid_signature');
});

test('authenticate: canister signatures need this root key and the certified digest', () => {
    const stranger = new BlsKey(utf8('another network'));
    expect(refusalOf(signedEnvelope(canisterSigner(stranger)))).toBe('invalid_signature');
    const uncertified = canisterSigner(root, () => new Uint8Array(32));
    expect(refusalOf(signedEnvelope(uncertified))).toBe('invalid_signature');
});

test('authenticate: an anonymous request carries no signature', () => {
    const content = cborRecord(callContent(Uint8Array.of(4)));
    expect(refusalOf(encodeCbor(cborRecord({ content })))).toBe('accepted');
    expect(refusalOf(encodeCbor(cborRecord({ content, sender_sig: new Uint8Array(64) })))).toBe('invalid_signature');
});

test('authenticate: delegation chains', () => {
    const [owner, middle, session, stranger] = [
        ed25519Signer(),
        ecdsaSigner('P-256'),
        ed25519Signer(),
        ed25519Signer()
    ];
    const chain = (...delegations: CborValue[]): string => refusalOf(signedEnvelope(session, { owner, delegations }));
    expect(chain(delegate(owner, session))).toBe('accepted');
    expect(chain(delegate(owner, middle), delegate(middle, session))).toBe('accepted');
    expect(chain(delegate(owner, session, { targets: [canister] }))).toBe('accepted');
    expect(chain(delegate(owner, session, { permissions: 'all' }))).toBe('accepted');
    expect(chain(delegate(stranger, session))).toBe('invalid_delegation');
    expect(chain(delegate(owner, middle))).toBe('invalid_signature');
    expect(chain(delegate(middle, session), delegate(owner, middle))).toBe('invalid_delegation');
    expect(chain(delegate(owner, session, { targets: [Uint8Array.of(1)] }))).toBe('invalid_delegation');
    expect(chain(delegate(owner, session, { targets: [] }))).toBe('invalid_delegation');
    expect(chain(delegate(owner, session, { permissions: 'queries' }))).toBe('invalid_delegation');
    expect(chain(delegate(owner, session, { permissions: 'some' }))).toBe('malformed');
    expect(chain(delegate(owner, owner), delegate(owner, session))).toBe('invalid_delegation');
    expect(chain(...Array.from({ length: 21 }, () => delegate(owner, session)))).toBe('malformed');
});

test('authenticate: a delegation for queries signs queries, and twenty links are allowed', () => {
    const links = Array.from({ length: 21 }, ed25519Signer);
    const delegations = links.slice(1).map((to, index) => delegate(links[index] ?? to, to, { permissions: 'queries' }));
    const [owner, session] = [links[0] ?? ed25519Signer(), links[20] ?? ed25519Signer()];
    const content = callContent(selfAuthenticating(owner.publicKey), { request_type: 'query' });
    expect(refusalOf(signedEnvelope(session, { owner, content, delegations }), 'query')).toBe('accepted');
});

test('authenticate: the first expiry and the common targets of a chain are kept for later checks', () => {
    const [owner, middle, session] = [ed25519Signer(), ed25519Signer(), ed25519Signer()];
    const delegations = [
        delegate(owner, middle, { expiration: 50n, targets: [canister, Uint8Array.of(1)] }),
        delegate(middle, session, { expiration: 40n, targets: [canister, Uint8Array.of(2)] })
    ];
    const result = check(signedEnvelope(session, { owner, delegations }));
    expect(result).toMatchObject({ ok: true, value: { delegationExpiryNs: 40n, targets: [canister] } });
});

test('authenticate: attributes are for canister signatures, signed by that canister', () => {
    const signer = canisterSigner(root);
    const message = concatBytes(domainSeparator('ic-sender-info'), utf8('{}'));
    const info = (by: Signer, id: Uint8Array): CborValue =>
        cborRecord({ info: utf8('{}'), signer: id, sig: by.sign(message) });
    const id = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 1, 1);
    const send = (by: Signer, sender_info: CborValue): string =>
        refusalOf(signedEnvelope(by, { content: callContent(selfAuthenticating(by.publicKey), { sender_info }) }));
    expect(send(signer, info(signer, id))).toBe('accepted');
    expect(send(signer, info(signer, canister))).toBe('invalid_signature');
    expect(send(signer, cborRecord({ info: utf8('{"a":1}'), signer: id, sig: signer.sign(message) }))).toBe(
        'invalid_signature'
    );
    const plain = ed25519Signer();
    expect(send(plain, info(plain, id))).toBe('invalid_signature');
});

test('authenticate: no changed byte of a signed request is accepted as another request', () => {
    const signer = ed25519Signer();
    const body = signedEnvelope(signer);
    const original = check(body);
    expect(original.ok).toBe(true);
    fc.assert(
        fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
            const altered = body.slice();
            altered[index] = (altered[index] ?? 0) ^ change;
            const result = check(altered);
            // Another encoding of the same content may pass; another content may not.
            expect(result.ok ? result : original).toEqual(original);
        }),
        { numRuns: 500 }
    );
});

test('envelope: hostile bytes give a refusal', () => {
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
            expect(refusalOf(bytes)).toBe('malformed');
        }),
        { numRuns: 1000 }
    );
    const content = callContent(Uint8Array.of(4));
    const bad: readonly Readonly<Record<string, CborValue | undefined>>[] = [
        { canister_id: undefined },
        { canister_id: new Uint8Array(30) },
        { method_name: 'x'.repeat(20_001) },
        { ingress_expiry: -1n },
        { ingress_expiry: 1n << 64n },
        { ingress_expiry: 'soon' },
        { nonce: new Uint8Array(33) },
        { arg: null },
        { request_type: 'query' },
        { extra: true }
    ];
    for (const change of bad) {
        const body = encodeCbor(cborRecord({ content: cborRecord({ ...content, ...change }) }));
        expect(refusalOf(body)).toBe('malformed');
    }
});

test('envelope: read_state paths have limits', () => {
    const body = (paths: CborValue): Uint8Array =>
        encodeCbor(
            cborRecord({
                content: cborRecord({ request_type: 'read_state', sender: Uint8Array.of(4), ingress_expiry: 0n, paths })
            })
        );
    const path = [utf8('time')];
    expect(refusalOf(body([path]), 'read_state')).toBe('accepted');
    expect(refusalOf(body(Array.from({ length: 1001 }, () => path)), 'read_state')).toBe('malformed');
    expect(refusalOf(body([Array.from({ length: 128 }, () => utf8('x'))]), 'read_state')).toBe('malformed');
});

test('expiry: a request is in time from now to six minutes ahead', () => {
    const nowNs = 1_685_570_400_000_000_000n;
    const at = (ingressExpiryNs: bigint, delegationExpiryNs?: bigint): string | undefined => {
        const content = { requestId: new Uint8Array(32), sender: Uint8Array.of(1), ingressExpiryNs };
        const call = { type: 'call', canisterId: canister, methodName: 'inc', argument: new Uint8Array() } as const;
        return checkTimes({ content: { ...content, ...call }, delegationExpiryNs }, nowNs)?.message.slice(0, 24);
    };
    expect(at(nowNs)).toBeUndefined();
    expect(at(nowNs + maxIngressTtlNs)).toBeUndefined();
    expect(at(nowNs - 1n)).toBe('Invalid request expiry: ');
    expect(at(nowNs + maxIngressTtlNs + 1n)).toBe('Invalid request expiry: ');
    expect(at(nowNs, nowNs)).toBeUndefined();
    expect(at(nowNs, nowNs - 1n)).toMatch(/^Invalid delegation/);
});
