import {
    blobWriter,
    optWriter,
    variantWriter,
    vecOfFixedWriter,
    vecWriter,
    writeBool,
    writeEmpty,
    writeFloat32,
    writeFloat64,
    writeFunc,
    writeInt,
    writeInt16,
    writeInt32,
    writeInt64,
    writeInt8,
    writeNat,
    writeNat16,
    writeNat32,
    writeNat64,
    writeNat8,
    writeNothing,
    writePrincipal,
    writeReserved,
    writeText,
    type Writer
} from './output';
import type { PrimitiveName } from './opcodes';
import { TYPED_ARRAYS } from './read_primitives';
import { InvalidCandidValue, UnsupportedCandidType } from './refusal';
import { resolve, type Field, type TypeNode } from './type_node';

const PRIMITIVE_WRITERS: Readonly<Record<PrimitiveName, Writer>> = {
    null: writeNothing,
    bool: writeBool,
    nat: writeNat,
    int: writeInt,
    nat8: writeNat8,
    nat16: writeNat16,
    nat32: writeNat32,
    nat64: writeNat64,
    int8: writeInt8,
    int16: writeInt16,
    int32: writeInt32,
    int64: writeInt64,
    float32: writeFloat32,
    float64: writeFloat64,
    text: writeText,
    reserved: writeReserved,
    empty: writeEmpty,
    principal: writePrincipal
};

const writers = new Map<number, Writer>();
const open = new Set<number>();

/** The writer of a type, made once. */
export function writerOf(node: TypeNode): Writer {
    const type = resolve(node);
    if (type === undefined) throw new UnsupportedCandidType('recursive');
    if (type.kind === 'primitive') return PRIMITIVE_WRITERS[type.name];
    const made = writers.get(type.uid);
    if (made !== undefined) return made;
    if (open.has(type.uid)) return later(type.uid);
    open.add(type.uid);
    const writer = make(type);
    open.delete(type.uid);
    writers.set(type.uid, writer);
    return writer;
}

/** The writer of a type that is being made: it refers to itself. */
function later(uid: number): Writer {
    let made: Writer | undefined;
    return (value) => {
        made ??= writers.get(uid) ?? writeEmpty;
        made(value);
    };
}

function make(type: Exclude<TypeNode, { kind: 'reference' | 'primitive' }>): Writer {
    switch (type.kind) {
        case 'opt':
            return optWriter(writerOf(type.inner));
        case 'vec':
            return makeVec(type.element);
        case 'record':
            return type.tuple ? tupleWriter(type.fields) : recordWriter(type.fields);
        case 'variant':
            return variantWriter(
                type.fields.map(({ label, type: payload }) => ({ label, payload: writerOf(payload) }))
            );
        case 'func':
            return writeFunc;
        case 'service':
            return writePrincipal;
        case 'future':
            throw new UnsupportedCandidType(type.kind);
    }
}

function makeVec(element: TypeNode): Writer {
    const type = resolve(element);
    const array = type?.kind === 'primitive' ? TYPED_ARRAYS.get(type.name) : undefined;
    if (array === Uint8Array) return blobWriter();
    return array ? vecOfFixedWriter(writerOf(element), array.BYTES_PER_ELEMENT) : vecWriter(writerOf(element));
}

type RecordValue = { readonly [label: string | number]: unknown };
type FieldsWriter = (value: RecordValue) => void;

function recordWriter(fields: readonly Field[]): Writer {
    const write = fieldsWriter(fields.map(({ label, type }) => ({ label, write: writerOf(type) })));
    return (value) => {
        // @dfinity/candid takes null for a record without fields, as it asks for the type of the value and then for each field.
        if (typeof value !== 'object' || (value === null && fields.length > 0)) {
            throw new InvalidCandidValue('record', value);
        }
        write(value as RecordValue);
    };
}

function tupleWriter(components: readonly Field[]): Writer {
    return argumentsWriter(components.map(({ type }) => type));
}

/** Writes the values of an array, as many as there are types. */
export function argumentsWriter(types: readonly TypeNode[]): Writer {
    const count = types.length;
    const first = types[0];
    const second = types[1];
    if (count === 1 && first !== undefined) return singleWriter(writerOf(first));
    if (first !== undefined && second !== undefined && count === 2)
        return pairWriter(writerOf(first), writerOf(second));
    const write = fieldsWriter(types.map((type, i) => ({ label: i, write: writerOf(type) })));
    return (value) => {
        if (!Array.isArray(value) || value.length < count) throw new InvalidCandidValue('tuple', value);
        write(value as unknown as RecordValue);
    };
}

function singleWriter(write: Writer): Writer {
    return (value) => {
        if (!Array.isArray(value) || value.length < 1) throw new InvalidCandidValue('tuple', value);
        write(value[0]);
    };
}

function pairWriter(writeFirst: Writer, writeSecond: Writer): Writer {
    return (value) => {
        if (!Array.isArray(value) || value.length < 2) throw new InvalidCandidValue('tuple', value);
        writeFirst(value[0]);
        writeSecond(value[1]);
    };
}

interface FieldWriter {
    readonly label: string | number;
    readonly write: Writer;
}

/** Three fields at a time: a loop costs 1 300 instructions per turn. */
function fieldsWriter(fields: readonly FieldWriter[]): FieldsWriter {
    const a = fields[0];
    const b = fields[1];
    const c = fields[2];
    const more = fields.slice(3);
    if (a === undefined) return () => undefined;
    const { label: la, write: wa } = a;
    if (b === undefined) return (value) => wa(value[la]);
    const { label: lb, write: wb } = b;
    if (c === undefined) {
        return (value) => {
            wa(value[la]);
            wb(value[lb]);
        };
    }
    const { label: lc, write: wc } = c;
    const rest = more.length === 0 ? undefined : fieldsWriter(more);
    return (value) => {
        wa(value[la]);
        wb(value[lb]);
        wc(value[lc]);
        if (rest !== undefined) rest(value);
    };
}
