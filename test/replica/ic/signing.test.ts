/** Threshold signatures, checked with other implementations against the public keys that canisters derive. */
import { createPublicKey, verify } from 'node:crypto';
import { bls12_381 } from '@noble/curves/bls12-381';
import { schnorr, secp256k1 } from '@noble/curves/secp256k1';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { walkEd25519 } from '../../../src/replica/threshold/ed25519';
import { masterSecret } from '../../../src/replica/threshold/master';
import { walkSecp256k1 } from '../../../src/replica/threshold/secp256k1';
import * as s from './support/script';
import { managementId, newNetwork, replied, scripted, type TestNetwork } from './support/network';

const Blob = IDL.Vec(IDL.Nat8);
const Path = IDL.Vec(Blob);
const derived = IDL.Record({ public_key: Blob, chain_code: Blob });
const ecdsaId = IDL.Record({ curve: IDL.Variant({ secp256k1: IDL.Null }), name: IDL.Text });
const schnorrId = IDL.Record({
    algorithm: IDL.Variant({ bip340secp256k1: IDL.Null, ed25519: IDL.Null }),
    name: IDL.Text
});
const aux = IDL.Opt(IDL.Variant({ bip341: IDL.Record({ merkle_root_hash: Blob }) }));
const vetkdId = IDL.Record({ curve: IDL.Variant({ bls12_381_g2: IDL.Null }), name: IDL.Text });

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const FEE = 10_000_000_000n;
const path = [utf8('user'), hex('0001')];
const message = utf8('pay the miller');

let network: TestNetwork;
let canister: Uint8Array;
let wasm: Uint8Array;
beforeAll(async () => {
    wasm = await scripted();
});
beforeEach(() => {
    network = newNetwork();
    canister = network.deploy(wasm);
});

interface Ask {
    readonly method: string;
    readonly type: IDL.Type;
    readonly argument: unknown;
    readonly cycles?: bigint;
    readonly from?: Uint8Array;
}

/** The canister calls the management canister and replies with what it is answered: bytes, or the text of the rejection. */
function ask({ method, type, argument, cycles = FEE, from = canister }: Ask): Uint8Array {
    const encoded = new Uint8Array(IDL.encode([type], [argument]));
    const onReply = s.seq(s.appendArgument, s.reply());
    const onReject = s.seq(s.appendRejectMessage, s.reply());
    return replied(
        network.run(from, s.call({ to: managementId, method, argument: encoded, cycles, onReply, onReject }))
    );
}

function decoded(type: IDL.Type, bytes: Uint8Array): Record<string, Uint8Array> {
    const [value] = IDL.decode([type], bytes) as unknown as [Record<string, Uint8Array>];
    return value;
}

type Key = 'ecdsa' | 'bip340secp256k1' | 'ed25519';

const keyId = (key: Key, name: string): unknown =>
    key === 'ecdsa' ? { curve: { secp256k1: null }, name } : { algorithm: { [key]: null }, name };
const keyType = (key: Key): IDL.Type => (key === 'ecdsa' ? ecdsaId : schnorrId);

function publicKey(
    key: Key,
    name: string,
    derivation: readonly Uint8Array[],
    of?: Uint8Array
): Record<string, Uint8Array> {
    const type = IDL.Record({ canister_id: IDL.Opt(IDL.Principal), derivation_path: Path, key_id: keyType(key) });
    const argument = {
        canister_id: of === undefined ? [] : [Principal.fromUint8Array(of)],
        derivation_path: derivation,
        key_id: keyId(key, name)
    };
    const method = key === 'ecdsa' ? 'ecdsa_public_key' : 'schnorr_public_key';
    return decoded(derived, ask({ method, type, argument, cycles: 0n }));
}

interface SignOptions {
    readonly merkleRoot?: Uint8Array;
    readonly cycles?: bigint;
    readonly name?: string;
    readonly content?: Uint8Array;
}

function signRaw(
    key: Key,
    { merkleRoot, cycles, name = 'test_key_1', content = message }: SignOptions = {}
): Uint8Array {
    const common = { derivation_path: Path, key_id: keyType(key) };
    const key_id = keyId(key, name);
    if (key === 'ecdsa') {
        const type = IDL.Record({ message_hash: Blob, ...common });
        const argument = { message_hash: content, derivation_path: path, key_id };
        return ask({ method: 'sign_with_ecdsa', type, argument, cycles });
    }
    const type = IDL.Record({ message: Blob, ...common, aux });
    const tweak = merkleRoot === undefined ? [] : [{ bip341: { merkle_root_hash: merkleRoot } }];
    const argument = { message: content, derivation_path: path, key_id, aux: tweak };
    return ask({ method: 'sign_with_schnorr', type, argument, cycles });
}

function sign(key: Key, options?: SignOptions): Uint8Array {
    return decoded(IDL.Record({ signature: Blob }), signRaw(key, options))['signature'] ?? new Uint8Array(0);
}

const field = (record: Record<string, Uint8Array>, name: string): Uint8Array => new Uint8Array(record[name] ?? []);

// Published by the real network's libraries for offline derivation.
const mainnetCanister = Principal.fromText('h5jwf-5iaaa-aaaan-qmvoa-cai').toUint8Array();
const hello = ['Hello', 'Threshold', 'Signatures'].map(utf8);

test('public keys are derived as on the real network', () => {
    const secp = (master: string, steps: readonly Uint8Array[]): string =>
        Buffer.from(walkSecp256k1(hex(master), [mainnetCanister, ...steps]).publicKey).toString('hex');
    const bytes = [hex('ABCDEF'), hex('012345')];
    expect(secp('02121bc3a5c38f38ca76487c72007ebbfd34bc6c4cb80a671655aa94585bbd0a02', bytes)).toBe(
        '02735ca28b5c3e380016d7f28bf4703b540a8bbe8e24beffdc021455ca2ab93fe3'
    );
    expect(secp('02f9ac345f6be6db51e1c5612cddb59e72c3d0d493c994d12035cf13257e3b1fa7', hello)).toBe(
        '0315ae8bb8c6e9f78eec2167f5ac773067f37a39da1a1efbc585f9e90658d1c620'
    );
    expect(secp('037a651a2e5ef3d1ef63e84c4c4caa029fa4a43a347a91e4d84a8e846853d51be1', hello)).toBe(
        '0237ca6a41c1db8ab40410445250a5d46fbec7f3e449c8f40f86d8622a4106cebd'
    );
    const edwards = (master: string, steps: readonly Uint8Array[]): string =>
        Buffer.from(walkEd25519(hex(master), [mainnetCanister, ...steps]).publicKey).toString('hex');
    expect(edwards('476374d9df3a8af28d3164dc2422cff894482eadd1295290b6d9ad92b2eeaa5c', bytes)).toBe(
        '43f0008b26564b6da51f585ad47669dfeb1db6d94d7dd216bd304fc1f5f5e997'
    );
    expect(edwards('6c0824beb37621bcca6eecc237ed1bc4e64c9c59dcb85344aa7f9cc8278ee31f', hello)).toBe(
        'd9a2ce6a3cd33fe16dce37e045609e51ff516e93bb51013823d6d7a915e3cfb9'
    );
});

test('every canister, path and key has keys of its own, whatever the network, and one may ask for those of others', () => {
    const other = network.deploy(wasm);
    const own = publicKey('ecdsa', 'key_1', path);
    expect(publicKey('ecdsa', 'key_1', path, canister)).toEqual(own);
    const keys = [
        own,
        publicKey('ecdsa', 'key_1', path, other),
        publicKey('ecdsa', 'key_1', []),
        publicKey('ecdsa', 'dfx_test_key', path)
    ];
    network = newNetwork({ seed: new Uint8Array(32).fill(9) });
    canister = network.deploy(wasm);
    expect(publicKey('ecdsa', 'key_1', path)).toEqual(own);
    expect(new Set(keys.map((key) => Buffer.from(field(key, 'public_key')).toString('hex'))).size).toBe(keys.length);
});

/** What client libraries have built in, for derivation without a network (`forPocketIcKey`, `pocketic_key`). */
test.each([
    [
        'key_1',
        '036ad6e838b46811ad79c37b2f4b854b7a05f406715b2935edc5d3251e7666977b',
        'db415b8eb85bd5127b0984723e0448054042cf40e7a9c262ed0cc87ecea98349',
        '8c800b5cff00463d26e8167369168827f1e48f4d8d60f71dd6a295580f65275b5f5f8e6a792c876b2c72492136530d0710a27522ee63977a76216c3cef9e70bfcb45b88736fc62142e7e0737848ce06cbb1f45a4a6a349b142ae5cf7853561e0'
    ],
    [
        'test_key_1',
        '03cc365e15cb552589c7175717b2ac63d1050b9bb2e5aed35432b1b1be55d3abcf',
        '6ed9121ecf701b9e301fce17d8a65214888984e8211225691b089d6b219ec144',
        '9069b82c7aae418cef27678291e7f2cb1a008a500eceba7199bffca12421b07c158987c6a22618af3d1958738b2835691028801f7663d311799733286c557c8979184bb62cb559a4d582fca7d2e48b860f08ed6641aef66a059ec891889a6218'
    ],
    [
        'dfx_test_key',
        '03e6f78b1a90e361c5cc9903f73bb8acbe3bc17ad01e82554d25cf0ecd70c67484',
        '7124afcb1be5927cac0397a7447b9c3cda2a4099af62d9bc0a2c2fe42d33efe1',
        'b181c14cf9d04ba45d782c0067a44b0aaa9fc2acf94f1a875f0dae801af4f80339a7e6bf8b09fcf993824c8df3080b3f1409b688ca08cbd44d2cb28db9899f4aa3b5f06b9174240448e10be2f01f9f80079ea5431ce2d11d1c8d1c775333315f'
    ]
])(
    'keys below %s are those that clients derive from the published master keys',
    (name, onSecp256k1, onEd25519, onBls) => {
        const steps = [canister, ...path];
        const expected = walkSecp256k1(hex(onSecp256k1), steps).publicKey;
        expect(field(publicKey('ecdsa', name, path), 'public_key')).toEqual(expected);
        expect(field(publicKey('bip340secp256k1', name, path), 'public_key')).toEqual(expected);
        expect(field(publicKey('ed25519', name, path), 'public_key')).toEqual(
            walkEd25519(hex(onEd25519), steps).publicKey
        );
        const master = bls12_381.G2.Point.BASE.multiply(masterSecret('vetkd:Bls12_381_G2', name));
        expect(master.toBytes(true)).toEqual(hex(onBls));
    }
);

test.each(['dfx_test_key', 'test_key_1', 'key_1'])('ECDSA with %s verifies against the derived key', (name) => {
    const hash = new Uint8Array(32).fill(7);
    const cycles = 30_000_000_000n;
    const signature = sign('ecdsa', { content: hash, name, cycles });
    const point = field(publicKey('ecdsa', name, path), 'public_key');
    expect(point).toHaveLength(33);
    expect(secp256k1.verify(signature, hash, point)).toBe(true);
    expect(secp256k1.verify(signature, new Uint8Array(32).fill(8), point)).toBe(false);
});

test('BIP-340 Schnorr verifies against the x coordinate', () => {
    const x = field(publicKey('bip340secp256k1', 'test_key_1', path), 'public_key').subarray(1);
    expect(schnorr.verify(sign('bip340secp256k1'), message, x)).toBe(true);
    expect(schnorr.verify(sign('bip340secp256k1', { content: utf8('') }), utf8(''), x)).toBe(true);
});

test.each([new Uint8Array(32).fill(3), new Uint8Array(0)])(
    'a BIP-341 tweak signs for the Taproot output key',
    (root) => {
        const internal = field(publicKey('bip340secp256k1', 'test_key_1', path), 'public_key').subarray(1);
        const tweak = BigInt(`0x${Buffer.from(schnorr.utils.taggedHash('TapTweak', internal, root)).toString('hex')}`);
        const output = secp256k1.Point.fromBytes(new Uint8Array([2, ...internal])).add(
            secp256k1.Point.BASE.multiply(tweak)
        );
        const signature = sign('bip340secp256k1', { merkleRoot: root });
        expect(schnorr.verify(signature, message, output.toBytes(true).subarray(1))).toBe(true);
        expect(schnorr.verify(signature, message, internal)).toBe(false);
    }
);

test('Ed25519 verifies by OpenSSL', () => {
    const raw = field(publicKey('ed25519', 'test_key_1', path), 'public_key');
    const der = Buffer.concat([hex('302a300506032b6570032100'), raw]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const signature = sign('ed25519');
    expect(verify(null, message, key, signature)).toBe(true);
    expect(verify(null, utf8('pay the baker'), key, signature)).toBe(false);
});

const signatureRefusals: readonly (readonly [string, Key, SignOptions, RegExp])[] = [
    [
        'too few cycles',
        'ecdsa',
        { content: new Uint8Array(32), cycles: FEE - 1n },
        /sent with 9_999_999_999 cycles, but 10_000_000_000 cycles are required/
    ],
    [
        'an unknown key',
        'ed25519',
        { name: 'key_9' },
        /Requested unknown or disabled threshold key: schnorr:Ed25519:key_9, existing enabled keys: \[ecdsa:Secp256k1:dfx_test_key, /
    ],
    ['a hash that is none', 'ecdsa', {}, /message_hash/],
    ['a tweak of Ed25519', 'ed25519', { merkleRoot: new Uint8Array(32) }, /does not support/],
    ['a short Merkle root', 'bip340secp256k1', { merkleRoot: new Uint8Array(31) }, /merkle_root_hash/]
];

test.each(signatureRefusals)('no signature for %s, and the cycles come back', (_, key, options, text) => {
    const before = network.status(canister).cycles;
    expect(Buffer.from(signRaw(key, options)).toString()).toMatch(text);
    // Only the message itself was paid.
    expect(before - network.status(canister).cycles).toBeLessThan(1_000_000_000n);
});

test('a signature costs its fee, no more of what was attached', () => {
    const before = network.status(canister).cycles;
    sign('ed25519', { cycles: 5n * FEE });
    const spent = before - network.status(canister).cycles;
    expect(spent).toBeGreaterThanOrEqual(FEE);
    expect(spent).toBeLessThan(FEE + 1_000_000_000n);
});

test('signing is for canisters, not for users', () => {
    const argument = { message_hash: new Uint8Array(32), derivation_path: [], key_id: keyId('ecdsa', 'key_1') };
    const type = IDL.Record({ message_hash: Blob, derivation_path: Path, key_id: ecdsaId });
    expect(network.manage('sign_with_ecdsa', type, argument, canister)).toMatchObject({
        kind: 'rejected',
        rejection: { errorCode: 'IC0406' }
    });
});

const G1 = bls12_381.G1.Point;
const G2 = bls12_381.G2.Point;
const context = utf8('vault');
const vetkdName = { curve: { bls12_381_g2: null }, name: 'dfx_test_key' };

function vetkdPublicKey(ctx: Uint8Array): Uint8Array {
    const type = IDL.Record({ canister_id: IDL.Opt(IDL.Principal), context: Blob, key_id: vetkdId });
    const argument = { canister_id: [], context: ctx, key_id: vetkdName };
    const answer = ask({ method: 'vetkd_public_key', type, argument, cycles: 0n });
    return field(decoded(IDL.Record({ public_key: Blob }), answer), 'public_key');
}

function vetkdDerive(transport: Uint8Array, input: Uint8Array): Uint8Array {
    const type = IDL.Record({ input: Blob, context: Blob, transport_public_key: Blob, key_id: vetkdId });
    const argument = { input, context, transport_public_key: transport, key_id: vetkdName };
    return ask({ method: 'vetkd_derive_key', type, argument });
}

test('vetKD: the decrypted key is a BLS signature of the derived key on the input', () => {
    const secret = 0x1234_5678_9abc_def0n;
    const input = utf8('secret of alice');
    const answer = vetkdDerive(G1.BASE.multiply(secret).toBytes(true), input);
    const encrypted = field(decoded(IDL.Record({ encrypted_key: Blob }), answer), 'encrypted_key');
    expect(encrypted).toHaveLength(192);
    const c1 = G1.fromBytes(encrypted.subarray(0, 48));
    const c2 = G2.fromBytes(encrypted.subarray(48, 144));
    const key = G1.fromBytes(encrypted.subarray(144)).subtract(c1.multiply(secret));
    const publicKeyBytes = vetkdPublicKey(context);
    const hashed = bls12_381.G1.hashToCurve(Buffer.concat([publicKeyBytes, input]), {
        DST: 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_'
    });
    const { Fp12 } = bls12_381.fields;
    const pairs = (p: typeof key, q: typeof c2, r: typeof key, t: typeof c2): boolean =>
        Fp12.eql(bls12_381.pairing(p, q), bls12_381.pairing(r, t));
    expect(pairs(key, G2.BASE, G1.fromAffine(hashed.toAffine()), G2.fromBytes(publicKeyBytes))).toBe(true);
    expect(pairs(c1, G2.BASE, G1.BASE, c2)).toBe(true);
});

test('vetKD: contexts have keys of their own, and a transport key must be a point', () => {
    expect(vetkdPublicKey(utf8(''))).not.toEqual(vetkdPublicKey(context));
    expect(vetkdPublicKey(context)).toEqual(vetkdPublicKey(context));
    expect(Buffer.from(vetkdDerive(new Uint8Array(48), utf8('x'))).toString()).toMatch(/transport_public_key/);
});
