/**
 * Candid values as plain TypeScript: principals are bytes, an absent `opt` is undefined, a variant is `{ kind, value }`.
 * The bytes are read and written by @dfinity/candid, so subtyping (unknown fields, missing opts) is its.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

/** A Candid type together with the conversion between @dfinity/candid's values and ours. */
export interface Codec<T> {
    readonly idl: IDL.Type;
    from(value: unknown): T;
    to(value: T): unknown;
}

/** What a codec's values are. */
export type Decoded<C> = C extends Codec<infer T> ? T : never;

type Shape<T> = { readonly [Field in keyof T]: Codec<T[Field]> };

/** @dfinity/candid returned a value of another type than the one asked for. */
export class CandidMismatch extends Error {
    constructor(readonly expected: string) {
        super(`expected a value of type ${expected}`);
    }
}

function checked<T>(idl: IDL.Type, is: (value: unknown) => value is T): Codec<T> {
    return {
        idl,
        from: (value) => {
            if (is(value)) return value;
            throw new CandidMismatch(idl.name);
        },
        to: (value) => value
    };
}

const isBigint = (value: unknown): value is bigint => typeof value === 'bigint';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isText = (value: unknown): value is string => typeof value === 'string';
const isBool = (value: unknown): value is boolean => typeof value === 'boolean';
const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
const isNull = (value: unknown): value is null => value === null;

/** Unbounded, as bigint. */
export const nat = checked(IDL.Nat, isBigint);
/** Unbounded, as bigint. */
export const int = checked(IDL.Int, isBigint);
/** As bigint. */
export const int64 = checked(IDL.Int64, isBigint);
/** As number. */
export const int32 = checked(IDL.Int32, isNumber);
/** As number. */
export const int16 = checked(IDL.Int16, isNumber);
/** As number. */
export const float32 = checked(IDL.Float32, isNumber);
/** As number. */
export const float64 = checked(IDL.Float64, isNumber);
/** As bigint. */
export const nat64 = checked(IDL.Nat64, isBigint);
/** As number. */
export const nat32 = checked(IDL.Nat32, isNumber);
/** As number. */
export const nat16 = checked(IDL.Nat16, isNumber);
/** As number. */
export const nat8 = checked(IDL.Nat8, isNumber);
/** As string. */
export const text = checked(IDL.Text, isText);
/** As boolean. */
export const bool = checked(IDL.Bool, isBool);
/** `vec nat8` as bytes. */
export const blob = checked(IDL.Vec(IDL.Nat8), isBytes);
/** `null`, the value of variant cases without one. */
export const none = checked(IDL.Null, isNull);
/** Stands for a method without argument: an empty type has no values. */
export const nothing: Codec<undefined> = { idl: IDL.Empty, from: () => undefined, to: () => undefined };
/** Takes any value and forgets it. */
export const reserved: Codec<null> = { idl: IDL.Reserved, from: () => null, to: () => null };

/** As raw bytes. */
export const principal: Codec<Uint8Array> = {
    idl: IDL.Principal,
    from: (value) => {
        if (value instanceof Principal) return value.toUint8Array();
        throw new CandidMismatch('principal');
    },
    to: (value) => Principal.fromUint8Array(value)
};

/** Absent is undefined. */
export function opt<T>(inner: Codec<T>): Codec<T | undefined> {
    return {
        idl: IDL.Opt(inner.idl),
        from: (value) => {
            if (!Array.isArray(value)) throw new CandidMismatch('opt');
            return value.length === 0 ? undefined : inner.from(value[0]);
        },
        to: (value) => (value === undefined ? [] : [inner.to(value)])
    };
}

/** As array. */
export function vec<T>(inner: Codec<T>): Codec<readonly T[]> {
    return {
        idl: IDL.Vec(inner.idl),
        from: (value) => {
            if (!Array.isArray(value)) throw new CandidMismatch('vec');
            return value.map((item) => inner.from(item));
        },
        to: (value) => value.map((item) => inner.to(item))
    };
}

/** `record { A; B }`, as a pair. */
export function pair<A, B>(first: Codec<A>, second: Codec<B>): Codec<readonly [A, B]> {
    return {
        idl: IDL.Tuple(first.idl, second.idl),
        from: (value) => {
            if (!Array.isArray(value)) throw new CandidMismatch('record of two');
            return [first.from(value[0]), second.from(value[1])];
        },
        to: ([left, right]) => [first.to(left), second.to(right)]
    };
}

/** `variant { Ok : T; Err : E }` */
export function result<T, E>(ok: Codec<T>, err: Codec<E>): Codec<Case<{ Ok: T; Err: E }>> {
    return variant({ Ok: ok, Err: err });
}

function fieldsOf<T>(shape: Shape<T>): readonly (readonly [name: keyof T & string, codec: Codec<T[keyof T]>])[] {
    return Object.entries(shape) as [keyof T & string, Codec<T[keyof T]>][];
}

function typesOf<T>(shape: Shape<T>): { [name: string]: IDL.Type } {
    return Object.fromEntries(fieldsOf(shape).map(([name, codec]) => [name, codec.idl]));
}

function property(value: unknown, name: string): unknown {
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** By field names. */
export function record<T extends object>(shape: Shape<T>): Codec<T> {
    const fields = fieldsOf(shape);
    return {
        idl: IDL.Record(typesOf(shape)),
        // The shape lists exactly the fields of T, which the compiler cannot see through fromEntries.
        from: (value) =>
            Object.fromEntries(fields.map(([name, codec]) => [name, codec.from(property(value, name))])) as T,
        to: (value) => Object.fromEntries(fields.map(([name, codec]) => [name, codec.to(value[name])]))
    };
}

/** One case of a variant. */
export type Case<T> = { [Tag in keyof T]: { readonly kind: Tag; readonly value: T[Tag] } }[keyof T];

/** One of the cases, by its tag. */
export function variant<T extends object>(shape: Shape<T>): Codec<Case<T>> {
    const fields = fieldsOf(shape);
    return {
        idl: IDL.Variant(typesOf(shape)),
        from: (value) => {
            const found = fields.find(([name]) => typeof value === 'object' && value !== null && name in value);
            if (found === undefined) throw new CandidMismatch('variant');
            const [kind, codec] = found;
            return { kind, value: codec.from(property(value, kind)) };
        },
        to: ({ kind, value }) => ({ [kind]: shape[kind].to(value) })
    };
}

/** The argument, or why the bytes are not one. No bytes at all are read as no values. */
export function decodeArgument<T>(
    codec: Codec<T>,
    bytes: Uint8Array
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string } {
    try {
        const types = codec.idl === IDL.Empty ? [] : [codec.idl];
        const [value] = IDL.decode(types, bytes.length === 0 ? encodedNothing : alone(bytes));
        return { ok: true, value: codec.from(value) };
    } catch (error) {
        return { ok: false, why: error instanceof Error ? error.message : String(error) };
    }
}

/** @dfinity/candid reads the whole buffer behind a view. */
function alone(bytes: Uint8Array): Uint8Array {
    return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
}

/** The encoding of a single value. */
export function encodeResult<T>(codec: Codec<T>, value: T): Uint8Array {
    return IDL.encode([codec.idl], [codec.to(value)]);
}

/** The encoding of no values: `DIDL`, no types, no arguments. */
export const encodedNothing = new Uint8Array([0x44, 0x49, 0x44, 0x4c, 0, 0]);
