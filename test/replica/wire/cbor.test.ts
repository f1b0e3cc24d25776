import { Cbor } from '@dfinity/agent';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/replica/wire/bytes';
import { CborTagged, encodeCbor, encodeSelfDescribed, type CborValue } from '../../../src/replica/wire/cbor';
import { decodeCbor } from '../../../src/replica/wire/cbor_decode';

const { value: cborValue } = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }),
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array({ maxLength: 40 }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc
            .array(fc.tuple(fc.oneof(fc.string(), fc.bigInt({ min: -9n, max: 9n })), tie('value')), { maxLength: 4 })
            .map((entries) => new Map(entries)),
        tie('value').map((inner) => new CborTagged(99n, inner))
    )
}));

function decodeHex(hex: string): unknown {
    return decodeCbor(fromHex(hex));
}

test('cbor: what is encoded decodes to itself', () => {
    fc.assert(
        fc.property(cborValue, (value) => {
            expect(decodeCbor(encodeCbor(value))).toEqual({ ok: true, value });
        })
    );
});

test('cbor: examples of RFC 8949 appendix A', () => {
    const examples: readonly (readonly [string, CborValue])[] = [
        ['00', 0n],
        ['1903e8', 1000n],
        ['1bffffffffffffffff', 18446744073709551615n],
        ['c249010000000000000000', 18446744073709551616n],
        ['3bffffffffffffffff', -18446744073709551616n],
        ['c349010000000000000000', -18446744073709551617n],
        ['f6', null],
        ['62c3bc', 'ü'],
        ['8301820203820405', [1n, [2n, 3n], [4n, 5n]]],
        [
            'a26161016162820203',
            new Map<string, CborValue>([
                ['a', 1n],
                ['b', [2n, 3n]]
            ])
        ]
    ];
    for (const [hex, value] of examples) {
        expect(decodeHex(hex)).toEqual({ ok: true, value });
        expect(toHex(encodeCbor(value))).toBe(hex);
    }
});

test('cbor: indefinite lengths are read', () => {
    expect(decodeHex('9f018202039f0405ffff')).toEqual({ ok: true, value: [1n, [2n, 3n], [4n, 5n]] });
    expect(decodeHex('bf61610161629f0203ffff')).toEqual({
        ok: true,
        value: new Map<string, CborValue>([
            ['a', 1n],
            ['b', [2n, 3n]]
        ])
    });
    expect(decodeHex('5f42010243030405ff')).toEqual({ ok: true, value: Uint8Array.of(1, 2, 3, 4, 5) });
});

test('cbor: what is malformed or over a limit has a reason', () => {
    const reasons: readonly (readonly [string, string])[] = [
        ['', 'unexpected end'],
        ['19', 'unexpected end'],
        ['5b7fffffffffffffff', 'unexpected end'],
        ['9b7fffffffffffffff', 'unexpected end'],
        ['0000', 'trailing bytes'],
        ['81'.repeat(100) + '00', 'too deep'],
        ['d9d9f7'.repeat(100) + '00', 'too deep'],
        ['c25841' + 'ff'.repeat(65), 'too large'],
        ['ff', 'unsupported item'],
        ['1c', 'unsupported item'],
        ['61ff', 'invalid text'],
        ['a1f600', 'invalid key'],
        ['a2616100616100', 'duplicate key']
    ];
    for (const [hex, reason] of reasons) {
        expect(decodeHex(hex)).toMatchObject({ ok: false, error: { reason } });
    }
});

test('cbor: hostile bytes give a value or a reason, never a throw', () => {
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
            const result = decodeCbor(bytes);
            expect(result.ok || result.error.offset <= bytes.length).toBe(true);
        }),
        { numRuns: 2000 }
    );
});

test('cbor: the agent reads what is written', () => {
    const bytes = encodeSelfDescribed(
        new Map<string, CborValue>([
            ['n', 1n << 63n],
            ['b', Uint8Array.of(1)],
            ['t', ['x', true]]
        ])
    );
    expect(Cbor.decode(bytes)).toEqual({ n: 1n << 63n, b: Uint8Array.of(1), t: ['x', true] });
});
