/** Threshold ECDSA, Schnorr and vetKD (interface specification; replica.md c): methods of canisters, with test keys. */
import type { IcError } from '../state/errors';
import { belowFee, invalidPayload } from '../state/failures';
import { findCanister } from '../state/network';
import { subnetOf } from '../state/subnet';
import { consume, spend } from '../cycles/account';
import { blob, none, opt, principal, record, text, variant, vec } from '../candid/codecs';
import { deriveEd25519, signEd25519 } from '../threshold/ed25519';
import { KEY_KINDS, KEY_NAMES, masterSecret, type KeyKind } from '../threshold/master';
import { deriveSecp256k1, signBip340, signEcdsa } from '../threshold/secp256k1';
import type { DerivedKey } from '../threshold/scalars';
import { deriveVetKey, encryptedVetKey, type VetKey } from '../threshold/vetkd';
import { done, failed, method, type ManagementCall, type Method, type Outcome } from './call';

type Scheme = 'ecdsa' | 'schnorr' | 'vetkd';

/** A key that is asked for. */
interface KeyChoice {
    readonly scheme: Scheme;
    readonly kind: KeyKind;
    /** Number of the curve or algorithm, as the System API counts them. */
    readonly curve: number;
    readonly name: string;
}

const MAX_PATH = 255;
const HASH_BYTES = 32;

const ecdsaKeyId = record({ curve: variant({ secp256k1: none }), name: text });
const schnorrKeyId = record({ algorithm: variant({ bip340secp256k1: none, ed25519: none }), name: text });
const vetkdKeyId = record({ curve: variant({ bls12_381_g2: none }), name: text });
const derivedKey = record({ public_key: blob, chain_code: blob });
const signatureResult = record({ signature: blob });

function ecdsaKey({ name }: { readonly name: string }): KeyChoice {
    return { scheme: 'ecdsa', kind: 'ecdsa:Secp256k1', curve: 0, name };
}

function schnorrKey(id: { readonly algorithm: { readonly kind: string }; readonly name: string }): KeyChoice {
    return id.algorithm.kind === 'ed25519'
        ? { scheme: 'schnorr', kind: 'schnorr:Ed25519', curve: 1, name: id.name }
        : { scheme: 'schnorr', kind: 'schnorr:Bip340Secp256k1', curve: 0, name: id.name };
}

function vetkdKey({ name }: { readonly name: string }): KeyChoice {
    return { scheme: 'vetkd', kind: 'vetkd:Bls12_381_G2', curve: 0, name };
}

/** Names of the keys that the network has. */
function keyNames({ network }: ManagementCall): readonly string[] {
    return network.config.thresholdKeys ?? KEY_NAMES;
}

function refused(message: string): IcError {
    return { code: 'CanisterRejectedMessage', message };
}

/** Texts that tools look for; `use` says whether a signature is wanted or the public key. */
function unknownKey(call: ManagementCall, { kind, name }: KeyChoice, use: 'key' | 'signature'): IcError | undefined {
    const names = keyNames(call);
    if (names.includes(name)) return undefined;
    const all = KEY_KINDS.flatMap((each) => names.map((known) => `${each}:${known}`)).join(', ');
    return refused(
        use === 'key'
            ? `Requested unknown threshold key: ${kind}:${name}, existing keys: [${all}]`
            : `Requested unknown or disabled threshold key: ${kind}:${name}, existing enabled keys: [${all}]`
    );
}

function longPath(path: readonly Uint8Array[]): IcError | undefined {
    if (path.length <= MAX_PATH) return undefined;
    return invalidPayload(`derivation path has ${path.length} steps, at most ${MAX_PATH} are allowed`);
}

function deriveKey({ kind, name }: KeyChoice, path: readonly Uint8Array[]): DerivedKey {
    const master = masterSecret(kind, name);
    return kind === 'schnorr:Ed25519' ? deriveEd25519(master, path) : deriveSecp256k1(master, path);
}

function deriveVetkd({ kind, name }: KeyChoice, id: Uint8Array, context: Uint8Array): VetKey {
    return deriveVetKey(masterSecret(kind, name), id, context);
}

interface KeyRequest {
    readonly canister_id: Uint8Array | undefined;
    readonly derivation_path: readonly Uint8Array[];
}

/** The public key of any canister; free. */
function publicKey(
    call: ManagementCall,
    choice: KeyChoice,
    { canister_id, derivation_path }: KeyRequest
): Outcome<{ public_key: Uint8Array; chain_code: Uint8Array }> {
    const refusal = unknownKey(call, choice, 'key') ?? longPath(derivation_path);
    if (refusal !== undefined) return failed(refusal);
    const key = deriveKey(choice, [canister_id ?? call.caller, ...derivation_path]);
    return done({ public_key: key.publicKey, chain_code: key.chainCode });
}

/** Takes the fee of a signature from the attached cycles and answers what `run` makes. */
function paid<T>(call: ManagementCall, name: string, choice: KeyChoice, run: () => T | IcError): Outcome<T> {
    const refusal = unknownKey(call, choice, 'signature');
    if (refusal !== undefined) return failed(refusal);
    const fee = subnetOf(call.network, call.caller).prices.sign(choice.scheme, choice.name, choice.curve);
    if (typeof fee === 'string') return failed(refused(`${name}: ${fee}`));
    if (call.cycles < fee) return failed(belowFee(name, call.cycles, fee));
    const result = run();
    if (isError(result)) return failed(result);
    const caller = findCanister(call.network, call.caller);
    if (caller === undefined) consume(call.network, fee);
    else spend(call.network, caller, fee, 'transmission');
    return done(result, fee);
}

function isError(result: unknown): result is IcError {
    return typeof result === 'object' && result !== null && 'code' in result;
}

const ecdsaPublicKey = method({
    ingress: 'never',
    argument: record({ canister_id: opt(principal), derivation_path: vec(blob), key_id: ecdsaKeyId }),
    result: derivedKey,
    run: (call, argument) => publicKey(call, ecdsaKey(argument.key_id), argument)
});

const signWithEcdsa = method({
    ingress: 'never',
    argument: record({ message_hash: blob, derivation_path: vec(blob), key_id: ecdsaKeyId }),
    result: signatureResult,
    run: (call, { message_hash, derivation_path, key_id }) => {
        if (message_hash.length !== HASH_BYTES) {
            return failed(invalidPayload(`message_hash has ${message_hash.length} bytes instead of ${HASH_BYTES}`));
        }
        const choice = ecdsaKey(key_id);
        return paid(call, 'sign_with_ecdsa', choice, () => {
            const key = (): DerivedKey => deriveKey(choice, [call.caller, ...derivation_path]);
            return longPath(derivation_path) ?? { signature: signEcdsa(key(), message_hash) };
        });
    }
});

const schnorrPublicKey = method({
    ingress: 'never',
    argument: record({ canister_id: opt(principal), derivation_path: vec(blob), key_id: schnorrKeyId }),
    result: derivedKey,
    run: (call, argument) => publicKey(call, schnorrKey(argument.key_id), argument)
});

const schnorrAux = variant({ bip341: record({ merkle_root_hash: blob }) });

/** BIP-341 tweaks exist for BIP-340 keys only, by a root of 32 bytes or none. */
function auxRefusal({ kind }: KeyChoice, merkleRoot: Uint8Array | undefined): IcError | undefined {
    if (merkleRoot === undefined) return undefined;
    if (kind === 'schnorr:Ed25519') return refused('Schnorr algorithm Ed25519 does not support the bip341 aux.');
    if (merkleRoot.length === 0 || merkleRoot.length === HASH_BYTES) return undefined;
    return refused(`merkle_root_hash has ${merkleRoot.length} bytes instead of 0 or ${HASH_BYTES}`);
}

const signWithSchnorr = method({
    ingress: 'never',
    argument: record({ message: blob, derivation_path: vec(blob), key_id: schnorrKeyId, aux: opt(schnorrAux) }),
    result: signatureResult,
    run: (call, { message, derivation_path, key_id, aux }) => {
        const choice = schnorrKey(key_id);
        const merkleRoot = aux?.value.merkle_root_hash;
        return paid(call, 'sign_with_schnorr', choice, () => {
            const refusal = longPath(derivation_path) ?? auxRefusal(choice, merkleRoot);
            if (refusal !== undefined) return refusal;
            const key = deriveKey(choice, [call.caller, ...derivation_path]);
            const isEd25519 = choice.kind === 'schnorr:Ed25519';
            return { signature: isEd25519 ? signEd25519(key, message) : signBip340(key, message, merkleRoot) };
        });
    }
});

const vetkdPublicKey = method({
    ingress: 'never',
    argument: record({ canister_id: opt(principal), context: blob, key_id: vetkdKeyId }),
    result: record({ public_key: blob }),
    run: (call, { canister_id, context, key_id }) => {
        const choice = vetkdKey(key_id);
        const refusal = unknownKey(call, choice, 'key');
        if (refusal !== undefined) return failed(refusal);
        return done({ public_key: deriveVetkd(choice, canister_id ?? call.caller, context).publicKey });
    }
});

const vetkdDeriveKey = method({
    ingress: 'never',
    argument: record({ input: blob, context: blob, transport_public_key: blob, key_id: vetkdKeyId }),
    result: record({ encrypted_key: blob }),
    run: (call, { input, context, transport_public_key, key_id }) => {
        const choice = vetkdKey(key_id);
        return paid(call, 'vetkd_derive_key', choice, () => {
            const key = deriveVetkd(choice, call.caller, context);
            const encrypted_key = encryptedVetKey(key, input, transport_public_key);
            return encrypted_key === undefined
                ? invalidPayload('transport_public_key is no point of G1')
                : { encrypted_key };
        });
    }
});

/** Those of the management canister that sign, or show public keys. */
export const signingMethods: readonly (readonly [name: string, method: Method])[] = [
    ['ecdsa_public_key', ecdsaPublicKey],
    ['sign_with_ecdsa', signWithEcdsa],
    ['schnorr_public_key', schnorrPublicKey],
    ['sign_with_schnorr', signWithSchnorr],
    ['vetkd_public_key', vetkdPublicKey],
    ['vetkd_derive_key', vetkdDeriveKey]
];
