/** Random Candid types with random values of them, as @dfinity/candid represents both. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';

export interface Typed {
    readonly type: IDL.Type;
    readonly value: fc.Arbitrary<unknown>;
}

const label = fc.oneof(
    fc.constantFrom('a', 'b', 'owner', 'amount', 'created_at_time', 'naïve', '_7_', '_1000000_', ''),
    fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme-ascii' }).filter((text) => !/[:;]/.test(text))
);

const principal = fc
    .uint8Array({ minLength: 0, maxLength: 29 })
    .map((bytes) => Principal.fromUint8Array(new Uint8Array(bytes)));

/** A byte order mark at the start is left out: the reference drops it, and Candid does not. */
const text = fc
    .oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.string({ maxLength: 12 }))
    .filter((value) => !value.startsWith('\ufeff'));

const nat = fc.oneof(
    fc.bigInt({ min: 0n, max: 200n }),
    fc.bigInt({ min: 0n, max: 2n ** 64n }),
    fc.bigInt(0n, 2n ** 300n)
);
const int = fc.oneof(fc.bigInt(-200n, 200n), fc.bigInt(-(2n ** 64n), 2n ** 64n), fc.bigInt(-(2n ** 300n), 2n ** 300n));

export const primitives: readonly Typed[] = [
    { type: IDL.Null, value: fc.constant(null) },
    { type: IDL.Bool, value: fc.boolean() },
    { type: IDL.Nat, value: nat },
    { type: IDL.Int, value: int },
    { type: IDL.Nat8, value: fc.integer({ min: 0, max: 0xff }) },
    { type: IDL.Nat16, value: fc.integer({ min: 0, max: 0xffff }) },
    { type: IDL.Nat32, value: fc.integer({ min: 0, max: 0xffffffff }) },
    { type: IDL.Nat64, value: fc.bigInt(0n, 2n ** 64n - 1n) },
    { type: IDL.Int8, value: fc.integer({ min: -0x80, max: 0x7f }) },
    { type: IDL.Int16, value: fc.integer({ min: -0x8000, max: 0x7fff }) },
    { type: IDL.Int32, value: fc.integer({ min: -0x80000000, max: 0x7fffffff }) },
    { type: IDL.Int64, value: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) },
    { type: IDL.Float32, value: fc.float({ noNaN: true }) },
    { type: IDL.Float64, value: fc.double() },
    { type: IDL.Text, value: text },
    { type: IDL.Reserved, value: fc.constant(null) },
    { type: IDL.Principal, value: principal }
];

const arrays = new Map<IDL.Type, fc.Arbitrary<unknown>>([
    [IDL.Nat8, fc.uint8Array({ maxLength: 40 })],
    [IDL.Nat16, fc.uint16Array({ maxLength: 8 })],
    [IDL.Nat32, fc.uint32Array({ maxLength: 8 })],
    [IDL.Nat64, fc.bigUint64Array({ maxLength: 8 })],
    [IDL.Int8, fc.int8Array({ maxLength: 8 })],
    [IDL.Int16, fc.int16Array({ maxLength: 8 })],
    [IDL.Int32, fc.int32Array({ maxLength: 8 })],
    [IDL.Int64, fc.bigInt64Array({ maxLength: 8 })]
]);

export function vecOf({ type, value }: Typed): Typed {
    return { type: IDL.Vec(type), value: arrays.get(type) ?? fc.array(value, { maxLength: 4 }) };
}

export function optOf({ type, value }: Typed): Typed {
    return { type: IDL.Opt(type), value: fc.oneof(fc.constant([]), fc.tuple(value)) };
}

type Members = readonly (readonly [string, Typed])[];

export function recordOf(members: Members): Typed {
    const types = Object.fromEntries(members.map(([name, { type }]) => [name, type]));
    const values = Object.fromEntries(members.map(([name, { value }]) => [name, value]));
    return { type: IDL.Record(types), value: fc.record(values, { noNullPrototype: true }) };
}

export function tupleOf(members: readonly Typed[]): Typed {
    return {
        type: IDL.Tuple(...members.map(({ type }) => type)),
        value: fc.tuple(...members.map(({ value }) => value))
    };
}

export function variantOf(members: Members): Typed {
    const types = Object.fromEntries(members.map(([name, { type }]) => [name, type]));
    const cases = members.map(([name, { value }]) => value.map((payload) => ({ [name]: payload })));
    return { type: IDL.Variant(types), value: fc.oneof(...cases) };
}

const service = fc.uniqueArray(label, { minLength: 0, maxLength: 2 }).map((names): Typed => ({
    type: IDL.Service(Object.fromEntries(names.map((name) => [name, IDL.Func([IDL.Nat], [IDL.Text], ['query'])]))),
    value: principal
}));

const func = fc.constantFrom<string[]>([], ['query'], ['oneway'], ['composite_query']).map((annotations): Typed => ({
    type: IDL.Func([IDL.Vec(IDL.Nat8), IDL.Text], [IDL.Opt(IDL.Nat)], annotations),
    value: fc.tuple(principal, text)
}));

/** `μ list. opt record { head; tail }`, and a tree of variants. */
function recursiveOf(element: Typed): Typed {
    const list = IDL.Rec();
    list.fill(IDL.Opt(IDL.Record({ head: element.type, tail: list })));
    const { value } = fc.letrec((tie) => ({
        value: fc.oneof(
            { maxDepth: 4 },
            fc.constant([]),
            fc.tuple(fc.record({ head: element.value, tail: tie('value') }, { noNullPrototype: true }))
        )
    }));
    return { type: list, value };
}

function treeOf(leaf: Typed): Typed {
    const tree = IDL.Rec();
    tree.fill(IDL.Variant({ leaf: leaf.type, Map: IDL.Vec(IDL.Tuple(IDL.Text, tree)), Array: IDL.Vec(tree) }));
    const { value } = fc.letrec((tie) => ({
        value: fc.oneof(
            { maxDepth: 3 },
            leaf.value.map((payload) => ({ leaf: payload })),
            fc.array(fc.tuple(text, tie('value')), { maxLength: 3 }).map((entries) => ({ Map: entries })),
            fc.array(tie('value'), { maxLength: 3 }).map((items) => ({ Array: items }))
        )
    }));
    return { type: tree, value };
}

const primitive = fc.constantFrom(...primitives);

/** `@dfinity/candid` takes labels of equal hash for one field, and writes no table for such a type. */
const members = (type: fc.Arbitrary<Typed>, minLength: number): fc.Arbitrary<[string, Typed][]> =>
    fc.uniqueArray(fc.tuple(label, type), { minLength, maxLength: 10, selector: ([name]) => name });

export const typed: fc.Arbitrary<Typed> = fc.letrec<{ type: Typed }>((tie) => ({
    type: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        primitive,
        tie('type').map(vecOf),
        tie('type').map(optOf),
        members(tie('type'), 0).map(recordOf),
        fc.array(tie('type'), { minLength: 1, maxLength: 5 }).map(tupleOf),
        members(tie('type'), 1).map(variantOf),
        tie('type').map(recursiveOf),
        tie('type').map(treeOf),
        service,
        func
    )
})).type;

/** Argument types with values of them. */
export const typedArguments: fc.Arbitrary<{ types: IDL.Type[]; values: unknown[] }> = fc
    .array(typed, { maxLength: 3 })
    .chain((list) =>
        fc.tuple(...list.map(({ value }) => value)).map((values) => ({ types: list.map(({ type }) => type), values }))
    );
