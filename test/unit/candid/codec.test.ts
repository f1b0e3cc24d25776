import { IDL } from '@dfinity/candid';
import fc from 'fast-check';
import { compileArgs } from '../../../src/core/candid/codec';
import { typedArguments } from './support/arbitrary';

const runs = { numRuns: 400 };

test('encode writes the bytes of @dfinity/candid for random types and values', () => {
    fc.assert(
        fc.property(typedArguments, ({ types, values }) => {
            expect(compileArgs(types).encode(values)).toEqual(IDL.encode(types, values));
        }),
        runs
    );
});

test('decode gives the values of @dfinity/candid for random types and values', () => {
    fc.assert(
        fc.property(typedArguments, ({ types, values }) => {
            const message = IDL.encode(types, values);
            expect(compileArgs(types).decode(message)).toStrictEqual({ ok: true, value: IDL.decode(types, message) });
        }),
        runs
    );
});

test('a vector of texts, which is read in one step, is what its texts are one by one, and its refusals are theirs', () => {
    const codec = compileArgs([IDL.Vec(IDL.Text)]);
    const texts = fc.array(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('a'.repeat(300))));
    fc.assert(
        fc.property(texts, fc.nat(), (values, cut) => {
            const message = new Uint8Array(IDL.encode([IDL.Vec(IDL.Text)], [values]));
            const [read] = IDL.decode([IDL.Vec(IDL.Text)], message);
            expect(codec.decode(message)).toEqual({ ok: true, value: [read] });
            const shorter = message.slice(0, cut % message.length);
            expect(codec.decode(shorter).ok).toBe(false);
        }),
        runs
    );
    const broken = (...bytes: number[]) => codec.decode(Uint8Array.of(68, 73, 68, 76, 1, 109, 113, 1, 0, ...bytes));
    expect(broken(2, 1, 97, 2, 0xc3, 0x28)).toMatchObject({ ok: false, error: { code: 'invalid_utf8' } });
    expect(broken(2, 1, 97, 200, 1, 97)).toMatchObject({ ok: false, error: { code: 'truncated' } });
    expect(broken(2, 1, 97, 2, 0xc3, 0xa4)).toEqual({ ok: true, value: [['a', 'ä']] });
});
