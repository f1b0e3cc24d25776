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
