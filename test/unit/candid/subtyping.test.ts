import { IDL } from '@dfinity/candid';
import fc from 'fast-check';
import { compileArgs } from '../../../src/core/candid/codec';
import { related } from './support/subtyping';

const argumentsOfRelatedTypes = fc
    .array(related, { minLength: 1, maxLength: 3 })
    .chain((list) => fc.tuple(fc.constant(list), fc.tuple(...list.map(({ wire }) => wire.value))));

/** Undefined where @dfinity/candid refuses; it does so in corners where the specification does not. */
function referenceDecode(types: IDL.Type[], message: Uint8Array): unknown[] | undefined {
    try {
        return IDL.decode(types, message);
    } catch {
        return undefined;
    }
}

test('a message of a related type reads as @dfinity/candid reads it', () => {
    fc.assert(
        fc.property(argumentsOfRelatedTypes, ([list, values]) => {
            const sent = list.map(({ wire }) => wire.type);
            const message = IDL.encode(sent, values);
            const types = list.map(({ expected }) => expected);
            const codec = compileArgs(types);
            const reference = referenceDecode(types, message);
            const first = codec.decode(message);
            expect(codec.decode(message)).toStrictEqual(first);
            expect(first.ok).toBe(true);
            fc.pre(reference !== undefined);
            expect(first).toStrictEqual({ ok: true, value: reference });
        }),
        { numRuns: 600 }
    );
});
