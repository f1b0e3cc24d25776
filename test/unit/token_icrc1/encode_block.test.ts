import { IDL } from '@dfinity/candid';
import fc from 'fast-check';
import { toHex } from '../../../src/core/bytes';
import { encodeBlock } from '../../../canisters/token_icrc1/api/encode_block';
import { blockValue } from '../../../canisters/token_icrc1/domain/block_value';
import { blockOf } from '../../../canisters/token_icrc1/domain/journal';
import { aStoredBlock } from './arbitraries';

const Value = IDL.Rec();
Value.fill(
    IDL.Variant({
        Blob: IDL.Vec(IDL.Nat8),
        Text: IDL.Text,
        Nat: IDL.Nat,
        Int: IDL.Int,
        Array: IDL.Vec(Value),
        Map: IDL.Vec(IDL.Tuple(IDL.Text, Value))
    })
);
/** The type table, and the single argument of that type. */
const HEADER_BYTES = IDL.encode([Value], [{ Nat: 0n }]).length - 2;

test('a stored block is encoded as @dfinity/candid encodes its value', () => {
    const parent = fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined });
    fc.assert(
        fc.property(aStoredBlock, parent, (bytes, parentHash) => {
            const expected = IDL.encode([Value], [blockValue(blockOf(bytes), parentHash)]).slice(HEADER_BYTES);
            expect(toHex(encodeBlock(bytes, parentHash).encodedBytes)).toBe(toHex(expected));
        }),
        { numRuns: 500 }
    );
});
