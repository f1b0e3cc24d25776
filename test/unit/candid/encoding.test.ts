import { IDL } from '@dfinity/candid';
import fc from 'fast-check';
import { compileArgs } from '../../../src/core/candid/codec';
import { InvalidCandidValue, UnsupportedCandidType } from '../../../src/core/candid/refusal';
import { typed } from './support/arbitrary';

function referenceEncode(type: IDL.Type, value: unknown): Uint8Array | undefined {
    try {
        return IDL.encode([type], [value]);
    } catch {
        return undefined;
    }
}

const misfits = fc.oneof(
    typed.chain(({ value }) => value),
    fc.constantFrom<unknown>(
        undefined,
        -1,
        1.5,
        256,
        2 ** 53,
        1e21,
        -(2n ** 63n) - 1n,
        2n ** 64n,
        'text',
        [],
        [1, 2],
        {}
    )
);

function encoded(type: IDL.Type, value: unknown): Uint8Array | undefined {
    try {
        return compileArgs([type]).encode([value]);
    } catch (thrown) {
        expect(thrown).toBeInstanceOf(InvalidCandidValue);
        return undefined;
    }
}

/** Surplus keys beside one of two cases, and a missing field of type reserved, are not looked for: both cost each message. */
test('a value that @dfinity/candid refuses is refused, or written as the value without what is surplus', () => {
    fc.assert(
        fc.property(typed, misfits, ({ type }, value) => {
            const reference = referenceEncode(type, value);
            const bytes = encoded(type, value);
            if (reference !== undefined) expect(bytes).toEqual(reference);
            else if (bytes !== undefined) expect(IDL.encode([type], IDL.decode([type], bytes))).toEqual(bytes);
        }),
        { numRuns: 1000 }
    );
});

test('values of another type are refused', () => {
    const refused: [IDL.Type, unknown][] = [
        [IDL.Null, undefined],
        [IDL.Bool, 1],
        [IDL.Nat, -1n],
        [IDL.Nat, 1.5],
        [IDL.Nat8, 256],
        [IDL.Int8, -129n],
        [IDL.Nat64, 2n ** 64n],
        [IDL.Int64, 2n ** 63n],
        [IDL.Float64, 1n],
        [IDL.Text, 5],
        [IDL.Principal, 'aaaaa-aa'],
        [IDL.Opt(IDL.Nat), null],
        [IDL.Opt(IDL.Nat), [1n, 2n]],
        [IDL.Vec(IDL.Nat8), new Uint16Array(2)],
        [IDL.Vec(IDL.Nat8), [256]],
        [IDL.Record({ a: IDL.Nat }), {}],
        [IDL.Record({ a: IDL.Nat }), null],
        [IDL.Tuple(IDL.Nat, IDL.Nat), [1n]],
        [IDL.Variant({ a: IDL.Null, b: IDL.Null }), { c: null }],
        [IDL.Variant({ a: IDL.Null, b: IDL.Null }), { a: null, b: null }],
        [IDL.Variant({ a: IDL.Null, b: IDL.Null, c: IDL.Null }), { a: null, d: null }],
        [IDL.Empty, null],
        [IDL.Func([], []), ['m', 'm']]
    ];
    for (const [type, value] of refused) {
        expect(() => compileArgs([type]).encode([value])).toThrow(InvalidCandidValue);
        expect(() => IDL.encode([type], [value])).toThrow();
    }
    expect(() => compileArgs([IDL.Nat]).encode([])).toThrow(InvalidCandidValue);
});

test('messages larger than the shared buffer come out whole', () => {
    const type = IDL.Vec(
        IDL.Record({ id: IDL.Nat64, name: IDL.Text, blob: IDL.Vec(IDL.Nat8), tags: IDL.Vec(IDL.Nat32) })
    );
    const codec = compileArgs<[unknown]>([type]);
    for (const count of [1, 40, 3000, 2]) {
        const value = Array.from({ length: count }, (_, i) => ({
            id: BigInt(i) << 40n,
            name: `entry ${i}`,
            blob: new Uint8Array(i % 50).fill(i),
            tags: [i, 2 ** 32 - 1 - i]
        }));
        const expected = IDL.encode([type], [value]);
        expect(codec.encode([value])).toEqual(expected);
        expect(codec.encodeShared([value])).toEqual(expected);
    }
});

test('integers of every size are written as @dfinity/candid writes them', () => {
    const codec = compileArgs<[bigint, bigint]>([IDL.Nat, IDL.Int]);
    for (let bits = 0n; bits < 300n; bits++) {
        for (const value of [(1n << bits) - 1n, 1n << bits, (1n << bits) + 1n]) {
            for (const int of [value, -value]) {
                const message = codec.encode([value, int]);
                expect(message).toEqual(IDL.encode([IDL.Nat, IDL.Int], [value, int]));
                expect(codec.decode(message)).toEqual({ ok: true, value: [value, int] });
            }
        }
    }
});

test('what was decoded does not share memory with the message, nor a message with the next', () => {
    const codec = compileArgs<[Uint8Array]>([IDL.Vec(IDL.Nat8)]);
    const message = codec.encode([new Uint8Array([1, 2, 3])]);
    const decoded = codec.decode(message);
    message.fill(0);
    codec.encode([new Uint8Array([9, 9, 9])]);
    expect(decoded).toEqual({ ok: true, value: [new Uint8Array([1, 2, 3])] });
    expect(message).toEqual(new Uint8Array(message.length));
});

test('messages decode from any view of memory', () => {
    const codec = compileArgs<[bigint, BigUint64Array]>([IDL.Nat64, IDL.Vec(IDL.Nat64)]);
    const value: [bigint, BigUint64Array] = [7n, new BigUint64Array([1n, 2n ** 64n - 1n])];
    const message = codec.encode(value);
    for (const offset of [0, 1, 2, 3, 8]) {
        const memory = new Uint8Array(message.length + 16);
        memory.set(message, offset);
        expect(codec.decode(memory.subarray(offset, offset + message.length))).toEqual({ ok: true, value });
        expect(codec.decode(Buffer.from(memory.buffer, offset, message.length))).toEqual({ ok: true, value });
    }
});

test('types without a codec are refused when they are compiled', () => {
    expect(() => compileArgs([IDL.Unknown]).prepareDecode()).toThrow(UnsupportedCandidType);
    expect(() => compileArgs([IDL.Rec()]).prepareEncode()).toThrow();
});
