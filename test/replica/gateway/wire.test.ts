import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { MalformedCandid, WireMessage } from '../../../src/replica/candid/wire';

/** Types with values of theirs, nested. */
const typed: fc.Arbitrary<{ readonly type: IDL.Type; readonly value: unknown }> = fc.letrec<{
    any: { type: IDL.Type; value: unknown };
}>((tie) => ({
    any: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.oneof(
            fc.string().map((value) => ({ type: IDL.Text as IDL.Type, value: value as unknown })),
            fc
                .bigInt({ min: 0n, max: 1n << 200n })
                .map((value) => ({ type: IDL.Nat as IDL.Type, value: value as unknown })),
            fc
                .bigInt({ min: -(1n << 90n), max: 1n << 90n })
                .map((value) => ({ type: IDL.Int as IDL.Type, value: value as unknown })),
            fc.constant({ type: IDL.Null as IDL.Type, value: null as unknown }),
            fc.float({ noNaN: true }).map((value) => ({ type: IDL.Float32 as IDL.Type, value: value as unknown })),
            fc
                .integer({ min: -128, max: 127 })
                .map((value) => ({ type: IDL.Int8 as IDL.Type, value: value as unknown })),
            fc.uint8Array({ maxLength: 29 }).map((value) => ({
                type: IDL.Principal as IDL.Type,
                value: Principal.fromUint8Array(value) as unknown
            })),
            fc.uint8Array().map((value) => ({ type: IDL.Vec(IDL.Nat8) as IDL.Type, value: value as unknown })),
            fc.uint8Array({ maxLength: 10 }).map((value) => ({
                type: IDL.Func([IDL.Text], [], ['query']) as IDL.Type,
                value: [Principal.fromUint8Array(value), 'method'] as unknown
            }))
        ),
        tie('any').map(({ type, value }) => ({ type: IDL.Opt(type) as IDL.Type, value: [value] as unknown })),
        fc.tuple(tie('any'), fc.nat(3)).map(([{ type, value }, count]) => ({
            type: IDL.Vec(type) as IDL.Type,
            value: Array.from({ length: count }, () => value) as unknown
        })),
        fc.tuple(tie('any'), tie('any')).map(([a, b]) => ({
            type: IDL.Record({ a: a.type, b: b.type }) as IDL.Type,
            value: { a: a.value, b: b.value } as unknown
        })),
        fc.tuple(tie('any'), tie('any')).map(([a, b]) => ({
            type: IDL.Variant({ a: a.type, b: b.type }) as IDL.Type,
            value: { b: b.value } as unknown
        }))
    )
})).any;

test('wire: any part of a message can be passed on without knowing its type', () => {
    fc.assert(
        fc.property(typed, typed, typed, (before, token, after) => {
            const type = IDL.Record({ body: before.type, token: IDL.Opt(token.type), zone: after.type });
            const message = new WireMessage(
                IDL.encode([type, IDL.Text], [{ body: before.value, token: [token.value], zone: after.value }, 'end'])
            );
            const [record, end] = message.args;
            const field = record && message.field(record, 'token');
            const found = field && message.some(field);
            if (found === undefined || end === undefined) throw new TypeError('not found');
            const decode = (bytes: Uint8Array, as: IDL.Type): unknown => IDL.decode([as], bytes)[0];
            expect(decode(message.asArgument(found), token.type)).toEqual(
                decode(IDL.encode([token.type], [token.value]), token.type)
            );
            expect(decode(message.asArgument(end), IDL.Text)).toBe('end');
        })
    );
});

test('wire: bytes that are no message are refused, whatever they are', () => {
    const refused = (bytes: Uint8Array): boolean => {
        try {
            new WireMessage(bytes);
            return false;
        } catch (error) {
            if (error instanceof MalformedCandid) return true;
            throw error;
        }
    };
    fc.assert(
        fc.property(fc.uint8Array(), (bytes) => refused(new Uint8Array([...Buffer.from('DIDL'), ...bytes])) || true)
    );
    const whole = IDL.encode([IDL.Record({ a: IDL.Text, b: IDL.Nat })], [{ a: 'text', b: 5n }]);
    for (let length = 0; length < whole.length; length += 1) expect(refused(whole.subarray(0, length))).toBe(true);
    // Two hundred million empty records in a few bytes; a type that contains itself without end.
    const bomb = [0x44, 0x49, 0x44, 0x4c, 2, 0x6c, 0, 0x6d, 0, 1, 1, 0x80, 0x84, 0xaf, 0x5f];
    const endless = [0x44, 0x49, 0x44, 0x4c, 1, 0x6c, 1, 0, 0, 1, 0];
    expect([refused(new Uint8Array(bomb)), refused(new Uint8Array(endless))]).toEqual([true, true]);
});
