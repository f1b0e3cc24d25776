import { types } from 'node:util';
import { deserialize, serialize } from 'node:v8';

/** Plain data as bytes: records, arrays, maps, sets, bigints, byte strings. */
export function encodeData(value: unknown): Uint8Array {
    return serialize(value);
}

/** What `encodeData` was given; the bytes come from a file of this library, whose digest was right. */
export function decodeData<T>(bytes: Uint8Array): T {
    const value: T = deserialize(bytes);
    ownBytes(value);
    return value;
}

/**
 * Gives every byte string memory of its own. As they come they are views of one large buffer, and a view that is sent to
 * another thread takes the whole buffer with it.
 */
function ownBytes(container: unknown): void {
    if (types.isMap(container)) {
        for (const [key, value] of container) if (isNested(value)) container.set(key, owned(value));
    } else if (Array.isArray(container)) {
        container.forEach((value, index) => {
            if (isNested(value)) container[index] = owned(value);
        });
    } else if (typeof container === 'object' && container !== null) {
        for (const [name, value] of Object.entries(container)) {
            if (isNested(value)) Reflect.set(container, name, owned(value));
        }
    }
}

function isNested(value: unknown): value is object {
    return typeof value === 'object' && value !== null;
}

function owned(value: object): object {
    if (types.isUint8Array(value)) return Uint8Array.from(value);
    ownBytes(value);
    return value;
}
