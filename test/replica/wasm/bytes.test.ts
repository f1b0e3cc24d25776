import fc from 'fast-check';
import { ByteReader } from '../../../src/replica/wasm/byte_reader';
import { ByteWriter } from '../../../src/replica/wasm/byte_writer';

test('unsigned LEB128 survives a round trip', () => {
    fc.assert(
        fc.property(fc.nat(0xffff_ffff), (value) => {
            const writer = new ByteWriter(1);
            writer.u32(value);
            const reader = new ByteReader(writer.written());
            expect(reader.u32()).toBe(value);
            expect(reader.done).toBe(true);
        })
    );
});

test('signed LEB128 is what BigInt arithmetic says', () => {
    fc.assert(
        fc.property(fc.maxSafeInteger(), (value) => {
            const writer = new ByteWriter(1);
            writer.s64(value);
            const bytes = writer.written();
            const joined = bytes.reduce((sum, byte, i) => sum | (BigInt(byte & 0x7f) << BigInt(7 * i)), 0n);
            expect(BigInt.asIntN(7 * bytes.length, joined)).toBe(BigInt(value));
        })
    );
});

test('a size that is filled in later reads back', () => {
    const writer = new ByteWriter(1);
    const size = writer.openSize();
    writer.bytes(new Uint8Array(300));
    writer.closeSize(size);
    expect(new ByteReader(writer.written()).u32()).toBe(300);
});

test.each([
    ['too long', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ['too large', [0xff, 0xff, 0xff, 0xff, 0x1f]],
    ['cut off', [0x80]]
])('an integer that is %s is refused', (_what, bytes) => {
    expect(() => new ByteReader(new Uint8Array(bytes)).u32()).toThrow(expect.objectContaining({ name: 'InvalidWasm' }));
});
