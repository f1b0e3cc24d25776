/** Request envelopes of the HTTP interface (interface specification, "Authentication" and the three request types). */
import { equalBytes } from './bytes';
import type { CborKey, CborValue } from './cbor';
import { decodeCbor } from './cbor_decode';
import { refuse, type Refusal } from './refusal';
import { hashOfMap } from './request_id';
import { failure, success, type Result } from './result';

interface CommonContent {
    readonly requestId: Uint8Array;
    readonly sender: Uint8Array;
    /** Nanoseconds since 1970. */
    readonly ingressExpiryNs: bigint;
}

/** A call or a query. */
export interface CanisterRequest extends CommonContent {
    readonly type: 'call' | 'query';
    readonly canisterId: Uint8Array;
    readonly methodName: string;
    readonly argument: Uint8Array;
    readonly senderInfo?: SenderInfo;
}

/** For parts of the state tree. */
export interface ReadStateRequest extends CommonContent {
    readonly type: 'read_state';
    readonly paths: readonly (readonly Uint8Array[])[];
}

/** What is signed. */
export type RequestContent = CanisterRequest | ReadStateRequest;

/** Attributes of a canister-signature identity, vouched for by the signing canister. */
export interface SenderInfo {
    readonly info: Uint8Array;
    readonly signer: Uint8Array;
    readonly signature: Uint8Array;
}

/** A key that may sign for another one. */
export interface Delegation {
    readonly publicKey: Uint8Array;
    readonly expirationNs: bigint;
    readonly targets?: readonly Uint8Array[];
    readonly queriesOnly: boolean;
    /** Representation-independent hash of the delegation's map. */
    readonly hash: Uint8Array;
    readonly signature: Uint8Array;
}

/** A request with what proves its sender. */
export interface Envelope {
    readonly content: RequestContent;
    readonly publicKey?: Uint8Array;
    readonly signature?: Uint8Array;
    readonly delegations: readonly Delegation[];
}

const limits = { depth: 16, bytes: 4 * 1024 * 1024 };
const maxNonceBytes = 32;
const maxPrincipalBytes = 29;
const maxMethodNameBytes = 20_000;
const maxPaths = 1000;
const maxPathLabels = 127;
const maxTargets = 1000;
const maxDelegations = 20;
const u64 = 1n << 64n;

class Invalid extends Error {}

/** Reads an envelope whose content is of one of the expected types. Nothing is verified yet. */
export function parseEnvelope(body: Uint8Array, expected: RequestContent['type']): Result<Envelope, Refusal> {
    const decoded = decodeCbor(body, limits);
    if (!decoded.ok) {
        const { reason, offset } = decoded.error;
        return failure(refuse('malformed', `Could not parse the request as CBOR: ${reason} at byte ${offset}`));
    }
    try {
        return success(readEnvelope(new Fields(decoded.value, 'envelope'), expected));
    } catch (error) {
        if (error instanceof Invalid) {
            return failure(refuse('malformed', `Malformed request: ${error.message}`));
        }
        throw error;
    }
}

function readEnvelope(fields: Fields, expected: RequestContent['type']): Envelope {
    const delegations = fields.optional('sender_delegation', (value) => asArray(value, 'sender_delegation')) ?? [];
    check(delegations.length <= maxDelegations, `more than ${maxDelegations} delegations`);
    return {
        content: readContent(fields.map('content'), expected),
        publicKey: fields.optional('sender_pubkey', (value) => asBytes(value, 'sender_pubkey')),
        signature: fields.optional('sender_sig', (value) => asBytes(value, 'sender_sig')),
        delegations: delegations.map((item) => readSignedDelegation(new Fields(item, 'sender_delegation')))
    };
}

function readContent(fields: Fields, expected: RequestContent['type']): RequestContent {
    const type = fields.text('request_type');
    check(type === expected, `request_type is ${JSON.stringify(type.slice(0, 40))}, this endpoint takes ${expected}`);
    fields.optional('nonce', (value) => {
        check(asBytes(value, 'nonce').length <= maxNonceBytes, `nonce is longer than ${maxNonceBytes} bytes`);
    });
    const common = {
        requestId: fields.hash(),
        sender: fields.principal('sender'),
        ingressExpiryNs: fields.nat64('ingress_expiry')
    };
    return expected === 'read_state'
        ? { ...common, type: expected, paths: readPaths(fields.array('paths')) }
        : { ...common, type: expected, ...readCall(fields) };
}

function readCall(fields: Fields): Pick<CanisterRequest, 'canisterId' | 'methodName' | 'argument' | 'senderInfo'> {
    const methodName = fields.text('method_name');
    check(Buffer.byteLength(methodName) <= maxMethodNameBytes, 'method_name is too long');
    return {
        canisterId: fields.principal('canister_id'),
        methodName,
        // A copy, because the Candid library reads from the beginning of the buffer below a view.
        argument: fields.bytes('arg').slice(),
        senderInfo: fields.optional('sender_info', (value) => {
            const info = new Fields(value, 'sender_info');
            return { info: info.bytes('info'), signer: info.principal('signer'), signature: info.bytes('sig') };
        })
    };
}

function readPaths(values: readonly CborValue[]): readonly (readonly Uint8Array[])[] {
    check(values.length <= maxPaths, `more than ${maxPaths} paths`);
    return values.map((value) => {
        const labels = asArray(value, 'path');
        check(labels.length <= maxPathLabels, `a path has more than ${maxPathLabels} labels`);
        return labels.map((label) => asBytes(label, 'label'));
    });
}

function readSignedDelegation(fields: Fields): Delegation {
    const delegation = fields.map('delegation');
    return {
        publicKey: delegation.bytes('pubkey'),
        expirationNs: delegation.nat64('expiration'),
        targets: delegation.optional('targets', readTargets),
        queriesOnly: delegation.optional('permissions', readPermissions) ?? false,
        hash: delegation.hash(),
        signature: fields.bytes('signature')
    };
}

function readTargets(value: CborValue): readonly Uint8Array[] {
    const targets = asArray(value, 'targets');
    check(targets.length <= maxTargets, `a delegation has more than ${maxTargets} targets`);
    return targets.map((target) => asPrincipal(target, 'targets'));
}

function readPermissions(value: CborValue): boolean {
    check(value === 'queries' || value === 'all', 'permissions of a delegation are neither "queries" nor "all"');
    return value === 'queries';
}

function check(condition: boolean, message: string): asserts condition {
    if (!condition) {
        throw new Invalid(message);
    }
}

function asArray(value: CborValue, name: string): readonly CborValue[] {
    check(Array.isArray(value), `${name} is not an array`);
    return value;
}

function asBytes(value: CborValue, name: string): Uint8Array {
    check(value instanceof Uint8Array, `${name} is not a byte string`);
    return value;
}

function asPrincipal(value: CborValue, name: string): Uint8Array {
    const bytes = asBytes(value, name);
    check(bytes.length <= maxPrincipalBytes, `${name} is longer than ${maxPrincipalBytes} bytes`);
    // Principals outlive the request: a view would keep the whole body alive.
    return bytes.slice();
}

/** Typed access to the fields of a CBOR map; every problem names the field. */
class Fields {
    readonly #map: ReadonlyMap<CborKey, CborValue>;

    constructor(
        value: CborValue,
        readonly name: string
    ) {
        check(value instanceof Map, `${name} is not a map`);
        this.#map = value;
    }

    optional<T>(name: string, read: (value: CborValue) => T): T | undefined {
        const value = this.#map.get(name);
        return value === undefined || value === null ? undefined : read(value);
    }

    #required(name: string): CborValue {
        const value = this.#map.get(name);
        check(value !== undefined, `${this.name} has no field ${name}`);
        return value;
    }

    map(name: string): Fields {
        return new Fields(this.#required(name), name);
    }

    bytes(name: string): Uint8Array {
        return asBytes(this.#required(name), name);
    }

    principal(name: string): Uint8Array {
        return asPrincipal(this.#required(name), name);
    }

    array(name: string): readonly CborValue[] {
        return asArray(this.#required(name), name);
    }

    text(name: string): string {
        const value = this.#required(name);
        check(typeof value === 'string', `${name} is not a text`);
        return value;
    }

    nat64(name: string): bigint {
        const value = this.#required(name);
        check(typeof value === 'bigint' && value >= 0n && value < u64, `${name} is not a 64-bit natural number`);
        return value;
    }

    hash(): Uint8Array {
        const hash = hashOfMap(this.#map);
        check(hash !== undefined, `${this.name} has a field without a representation-independent hash`);
        return hash;
    }
}

/** Whether one of `principals` is `wanted`. */
export function includesPrincipal(principals: readonly Uint8Array[], wanted: Uint8Array): boolean {
    return principals.some((principal) => equalBytes(principal, wanted));
}
