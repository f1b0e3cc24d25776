import { compareBytes, sha256, utf8 } from './bytes';
import { CborTagged, type CborKey, type CborValue } from './cbor';
import { encodeLeb128 } from './leb128';

/**
 * Representation-independent hash of a map (interface specification, "Request ids"): the SHA-256 of the sorted
 * concatenation of every field's name hash and value hash. Undefined when the map holds a value that has no such hash
 * (negative or fractional numbers, booleans, null, tags).
 */
export function hashOfMap(map: ReadonlyMap<CborKey, CborValue>): Uint8Array | undefined {
    return hashOfFields(map);
}

/** The same of fields whose names may repeat, as those of HTTP headers do. */
export function hashOfFields(fields: Iterable<readonly [CborKey, CborValue]>): Uint8Array | undefined {
    const pairs: Uint8Array[] = [];
    for (const [name, value] of fields) {
        const valueHash = hashOfValue(value);
        if (typeof name !== 'string' || valueHash === undefined) {
            return undefined;
        }
        const pair = new Uint8Array(64);
        pair.set(sha256(utf8(name)));
        pair.set(valueHash, 32);
        pairs.push(pair);
    }
    return sha256(...pairs.sort(compareBytes));
}

function hashOfValue(value: CborValue): Uint8Array | undefined {
    if (value instanceof Uint8Array) {
        return sha256(value);
    }
    if (typeof value === 'string') {
        return sha256(utf8(value));
    }
    if (typeof value === 'bigint') {
        return value < 0n ? undefined : sha256(encodeLeb128(value));
    }
    if (value instanceof Map) {
        return hashOfMap(value);
    }
    return Array.isArray(value) ? hashOfArray(value) : undefined;
}

function hashOfArray(items: readonly CborValue[]): Uint8Array | undefined {
    const hashes: Uint8Array[] = [];
    for (const item of items) {
        const hash = item instanceof CborTagged ? undefined : hashOfValue(item);
        if (hash === undefined) {
            return undefined;
        }
        hashes.push(hash);
    }
    return sha256(...hashes);
}
