/** JSON as PocketIC's REST interface uses it: times and cycles are numbers with more digits than a double holds. */

export type Json =
    null | boolean | number | bigint | string | readonly Json[] | { readonly [field: string]: Json | undefined };

/** A body that is not what the route takes; the text is for the client. */
export class InvalidBodyError extends Error {
    constructor(readonly detail: string) {
        super(`Invalid request body: ${detail}`);
        this.name = 'InvalidBodyError';
    }
}

/** Bodies above this have no numbers that matter, only base64 that a regular expression should not walk through. */
const maxExactBytes = 16 * 1024;

/** Mark of an integer that was kept as text, in front of its digits. A client cannot send it: it is no valid JSON. */
const integerMark = '\u0001';

const stringOrInteger = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const longInteger = /^-?\d{16,}$/;

/** Throws InvalidBodyError. An empty body is null. */
export function parseJson(body: Uint8Array): unknown {
    const text = new TextDecoder().decode(body);
    if (text.trim() === '') {
        return null;
    }
    const exact =
        body.length > maxExactBytes
            ? text
            : text.replace(stringOrInteger, (token) => (longInteger.test(token) ? `"\\u0001${token}"` : token));
    try {
        const value: unknown = JSON.parse(exact);
        return value;
    } catch (error) {
        throw new InvalidBodyError(error instanceof Error ? error.message : 'it is not JSON');
    }
}

/** Integers of any size as bare digits. */
export function jsonText(value: Json): string {
    if (typeof value === 'bigint') {
        return value.toString();
    }
    if (Array.isArray(value)) {
        return `[${value.map(jsonText).join(',')}]`;
    }
    if (typeof value !== 'object' || value === null) {
        return JSON.stringify(value);
    }
    const fields = Object.entries(value).flatMap(([name, item]: readonly [string, Json | undefined]) =>
        item === undefined ? [] : [`${JSON.stringify(name)}:${jsonText(item)}`]
    );
    return `{${fields.join(',')}}`;
}

/** With padding, as PocketIC has bytes in JSON. */
export function toBase64(bytes: Uint8Array): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** Typed access to a parsed body; every method throws InvalidBodyError with the field's name. */
export class Body {
    readonly #fields: ReadonlyMap<string, unknown>;

    constructor(
        value: unknown,
        readonly name = 'body'
    ) {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
            throw new InvalidBodyError(`${name} is not an object`);
        }
        this.#fields = new Map(Object.entries(value));
    }

    /** Undefined for an absent field and for null. */
    get(name: string): unknown {
        return this.#fields.get(name) ?? undefined;
    }

    object(name: string): Body {
        return new Body(this.get(name), name);
    }

    optionalObject(name: string): Body | undefined {
        return this.get(name) === undefined ? undefined : this.object(name);
    }

    /** Empty when absent. */
    array(name: string): readonly unknown[] {
        const value = this.get(name) ?? [];
        if (!Array.isArray(value)) {
            throw new InvalidBodyError(`${name} is not an array`);
        }
        return value;
    }

    text(name: string): string {
        const value = this.get(name);
        if (typeof value !== 'string') {
            throw new InvalidBodyError(`${name} is not a string`);
        }
        return value;
    }

    bytes(name: string): Uint8Array {
        return new Uint8Array(Buffer.from(this.text(name), 'base64'));
    }

    /** Bytes as the server's own types wrap them, `{ principal_id: … }` and the like, or bare as some clients write them. */
    wrappedBytes(name: string, wrapper: string): Uint8Array {
        return typeof this.get(name) === 'string' ? this.bytes(name) : this.object(name).bytes(wrapper);
    }

    /** Also negative. */
    integer(name: string): bigint {
        const value = this.get(name);
        const isMarked = typeof value === 'string' && value.startsWith(integerMark);
        if (isMarked) return BigInt(value.slice(integerMark.length));
        if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
        throw new InvalidBodyError(`${name} is not an integer`);
    }

    nat(name: string): bigint {
        const value = this.get(name);
        if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
            return BigInt(value);
        }
        if (typeof value === 'string' && value.startsWith(integerMark) && !value.startsWith(`${integerMark}-`)) {
            return BigInt(value.slice(integerMark.length));
        }
        throw new InvalidBodyError(`${name} is not a natural number`);
    }
}
