/**
 * Random pairs of a wire type and an expected type that are related by Candid's rules: what evolving interfaces send to each
 * other. The cases stay where @dfinity/candid follows the specification.
 */
import { IDL } from '@dfinity/candid';
import fc from 'fast-check';
import { optOf, primitives, recordOf, tupleOf, typed, variantOf, vecOf, type Typed } from './arbitrary';

export interface Related {
    readonly wire: Typed;
    readonly expected: IDL.Type;
}

const primitive = fc.constantFrom(...primitives);
const same = (type: Typed): Related => ({ wire: type, expected: type.type });

const LABELS = ['a', 'b', 'c', 'd', 'e', 'owner', 'fee', 'memo', 'amount', 'to'];
const labels = (least: number): fc.Arbitrary<string[]> => fc.shuffledSubarray(LABELS, { minLength: least });

/** Each field is in both types, on the wire only, or expected only (then it may be left out). */
type Place = 'both' | 'wire' | 'expected';
const place = fc.constantFrom<Place>('both', 'both', 'wire', 'expected');

function records(inner: fc.Arbitrary<Related>): fc.Arbitrary<Related> {
    return labels(0)
        .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), inner, place))))
        .map((fields) => {
            const wire = fields.filter(([, , where]) => where !== 'expected');
            const expected = fields.filter(([, , where]) => where !== 'wire');
            const typeOf = (related: Related, where: Place): IDL.Type =>
                where === 'expected' ? IDL.Opt(related.expected) : related.expected;
            return {
                wire: recordOf(wire.map(([name, related]) => [name, related.wire])),
                expected: IDL.Record(
                    Object.fromEntries(expected.map(([name, related, where]) => [name, typeOf(related, where)]))
                )
            };
        });
}

/** Wider on the wire. */
function tuples(inner: fc.Arbitrary<Related>): fc.Arbitrary<Related> {
    return fc
        .tuple(fc.array(inner, { minLength: 1, maxLength: 4 }), fc.array(primitive, { maxLength: 2 }))
        .map(([parts, more]): Related => ({
            wire: tupleOf([...parts.map((part) => part.wire), ...more]),
            expected: IDL.Tuple(...parts.map((part) => part.expected))
        }));
}

/** More cases expected; some cases of the wire may be unknown, and then the variant sits in an opt. */
function variants(inner: fc.Arbitrary<Related>): fc.Arbitrary<Related> {
    return labels(2)
        .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), inner, place))))
        .map((cases) => {
            const known = cases.filter(([, , where], i) => i === 0 || where !== 'wire');
            const sent = cases.filter(([, , where], i) => i === 0 || where !== 'expected');
            const wire = variantOf(sent.map(([name, related]) => [name, related.wire]));
            const expected = IDL.Variant(Object.fromEntries(known.map(([name, related]) => [name, related.expected])));
            const complete = sent.every(([name]) => known.some(([other]) => other === name));
            return complete ? { wire, expected } : { wire: optOf(wire), expected: IDL.Opt(expected) };
        });
}

/** @dfinity/candid fails to skip a bare constructed value where null belongs to the inner type, and then reads nonsense. */
function isSkippedByReference({ wire, expected }: Related): boolean {
    const nullable = [IDL.OptClass, IDL.NullClass, IDL.ReservedClass, IDL.RecClass].some(
        (kind) => expected instanceof kind
    );
    return !nullable || wire.type instanceof IDL.PrimitiveType;
}

/** Types that have nothing to do with each other. That nat is an int, @dfinity/candid does not know. */
const unrelated = fc
    .tuple(typed, primitive)
    .filter(([wire, { type }]) => wire.type !== IDL.Nat || type !== IDL.Int)
    .map(([wire, { type }]): Related => ({ wire, expected: type }));

/** `opt t` from `t`, from another type altogether, from null; `reserved` from everything. */
function widened(inner: fc.Arbitrary<Related>): fc.Arbitrary<Related> {
    return fc.oneof(
        inner.map(({ wire, expected }) => ({ wire: optOf(wire), expected: IDL.Opt(expected) })),
        fc
            .oneof(inner, unrelated)
            .filter(isSkippedByReference)
            .map(({ wire, expected }) => ({ wire, expected: IDL.Opt(expected) })),
        unrelated.map(({ wire, expected }) => ({ wire: optOf(wire), expected: IDL.Opt(expected) })),
        typed.map((wire) => ({ wire, expected: IDL.Reserved }))
    );
}

/** A list whose elements gain a field, in terms of itself on both sides. */
function lists(inner: fc.Arbitrary<Related>): fc.Arbitrary<Related> {
    return inner.map(({ wire, expected }) => {
        const sent = IDL.Rec();
        sent.fill(IDL.Opt(IDL.Record({ extra: IDL.Text, head: wire.type, tail: sent })));
        const known = IDL.Rec();
        known.fill(IDL.Opt(IDL.Record({ head: expected, missing: IDL.Opt(IDL.Nat), tail: known })));
        const { value } = fc.letrec((tie) => ({
            value: fc.oneof(
                { maxDepth: 4 },
                fc.constant([]),
                fc.tuple(
                    fc.record({ extra: fc.string(), head: wire.value, tail: tie('value') }, { noNullPrototype: true })
                )
            )
        }));
        return { wire: { type: sent, value }, expected: known };
    });
}

export const related: fc.Arbitrary<Related> = fc.letrec<{ related: Related }>((tie) => ({
    related: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        primitive.map(same),
        typed.map(same),
        records(tie('related')),
        tuples(tie('related')),
        variants(tie('related')),
        widened(tie('related')),
        lists(tie('related')),
        tie('related').map(({ wire, expected }) => ({ wire: vecOf(wire), expected: IDL.Vec(expected) }))
    )
})).related;
