import {
    readBlob,
    readBool,
    readByte,
    readFixedElements,
    readFloat32,
    readFloat64,
    readInt,
    readInt16,
    readInt32,
    readInt64,
    readInt8,
    readNat,
    readNat16,
    readNat32,
    readNat64,
    readNull,
    readPrincipal,
    readText,
    refuse,
    type Reader
} from './input';
import type { PrimitiveName } from './opcodes';

/** Values as @dfinity/candid represents them: up to 32 bits a number, beyond a bigint. */
export const PRIMITIVE_READERS: Readonly<Record<PrimitiveName, Reader>> = {
    null: readNull,
    bool: readBool,
    nat: readNat,
    int: readInt,
    nat8: readByte,
    nat16: readNat16,
    nat32: readNat32,
    nat64: readNat64,
    int8: readInt8,
    int16: readInt16,
    int32: readInt32,
    int64: readInt64,
    float32: readFloat32,
    float64: readFloat64,
    text: readText,
    reserved: readNull,
    empty: () => refuse('bad_value'),
    principal: readPrincipal
};

interface TypedArrayClass {
    new (source: ArrayBufferLike | number): ArrayBufferView & { readonly length: number };
    readonly BYTES_PER_ELEMENT: number;
}

/** Vectors of these become typed arrays; all machines that run this are little-endian, as Candid is. */
export const TYPED_ARRAYS: ReadonlyMap<PrimitiveName, TypedArrayClass> = new Map<PrimitiveName, TypedArrayClass>([
    ['nat8', Uint8Array],
    ['nat16', Uint16Array],
    ['nat32', Uint32Array],
    ['nat64', BigUint64Array],
    ['int8', Int8Array],
    ['int16', Int16Array],
    ['int32', Int32Array],
    ['int64', BigInt64Array]
]);

export function vecOfFixedReader(array: TypedArrayClass): Reader {
    if (array === Uint8Array) return readBlob;
    const width = array.BYTES_PER_ELEMENT;
    return () => new array(readFixedElements(width));
}
