import { IDL } from '@dfinity/candid';
import fc from 'fast-check';
import { compileArgs } from '../../../src/core/candid/codec';
import type { RefusalCode } from '../../../src/core/candid/refusal';
import { typedArguments } from './support/arbitrary';
import { code, entry, leb, message, sleb } from './support/message';

const Account = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });
const List = IDL.Rec();
List.fill(IDL.Opt(IDL.Record({ head: IDL.Nat8, tail: List })));

function refusal(types: IDL.Type[], bytes: Uint8Array): RefusalCode | 'accepted' {
    const decoded = compileArgs(types).decode(bytes);
    return decoded.ok ? 'accepted' : decoded.error.code;
}

test('no proper prefix of a message is accepted', () => {
    fc.assert(
        fc.property(typedArguments, fc.nat(), ({ types, values }, cut) => {
            const bytes = IDL.encode(types, values);
            const codes = ['truncated', 'wrong_magic', 'number_too_long'];
            expect(codes).toContain(refusal(types, bytes.slice(0, cut % bytes.length)));
        }),
        { numRuns: 500 }
    );
});

test('bytes that were tampered with are read or refused, and nothing else', () => {
    const tampering = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
        fc.property(typedArguments, tampering, ({ types, values }, changes) => {
            const bytes = IDL.encode(types, values);
            for (const [position, byte] of changes) bytes[position % bytes.length] = byte;
            expect(typeof compileArgs(types).decode(bytes).ok).toBe('boolean');
        }),
        { numRuns: 1000 }
    );
});

test('random bytes behind the magic are read or refused, and nothing else', () => {
    fc.assert(
        fc.property(typedArguments, fc.uint8Array({ maxLength: 60 }), ({ types }, noise) => {
            const bytes = Uint8Array.from([0x44, 0x49, 0x44, 0x4c, ...noise]);
            expect(typeof compileArgs(types).decode(bytes).ok).toBe('boolean');
        }),
        { numRuns: 1000 }
    );
});

test('what is not a message is refused by its code', () => {
    const account = IDL.encode([Account], [{ owner: aPrincipal(), subaccount: [] }]);
    expect(refusal([], new Uint8Array(0))).toBe('wrong_magic');
    expect(refusal([], Uint8Array.from([0x44, 0x49, 0x44]))).toBe('wrong_magic');
    expect(refusal([], Uint8Array.from([0x44, 0x49, 0x44, 0x4d, 0, 0]))).toBe('wrong_magic');
    expect(refusal([Account], Uint8Array.from([...account, 0]))).toBe('trailing_bytes');
    expect(refusal([IDL.Nat], account)).toBe('type_mismatch');
    expect(refusal([Account, IDL.Nat], account)).toBe('missing_arguments');
});

function aPrincipal(): unknown {
    return IDL.decode([IDL.Principal], message([], [code('principal')], [1, 1, 4]))[0];
}

test('malformed values are refused by their code', () => {
    expect(refusal([IDL.Bool], message([], [code('bool')], [2]))).toBe('bad_value');
    expect(refusal([IDL.Opt(IDL.Nat)], message([entry('opt', code('nat'))], [0], [2, 1]))).toBe('bad_value');
    expect(refusal([IDL.Principal], message([], [code('principal')], [0]))).toBe('bad_value');
    const longPrincipal = [1, 30, ...Array.from({ length: 30 }, () => 7)];
    expect(refusal([IDL.Principal], message([], [code('principal')], longPrincipal))).toBe('bad_value');
    const variant = entry('variant', leb(1), leb(97), code('null'));
    expect(refusal([IDL.Variant({ a: IDL.Null })], message([variant], [0], [1]))).toBe('bad_value');
    for (const utf8 of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
        expect(refusal([IDL.Text], message([], [code('text')], [utf8.length, utf8]))).toBe('invalid_utf8');
    }
});

test('malformed type tables are refused, used or not', () => {
    const tables = [
        [entry('opt', [1])],
        [entry('opt', sleb(-25))],
        [code('nat')],
        [entry('record', leb(2), leb(5), code('nat'), leb(5), code('nat'))],
        [entry('variant', leb(2), leb(6), code('nat'), leb(5), code('nat'))],
        [entry('func', [0, 0, 1, 4])],
        [entry('service', [1, 1, 97], code('nat'))]
    ];
    for (const table of tables) expect(refusal([], message(table, [], []))).toBe('bad_type_table');
    expect(refusal([], message([], [[0]], []))).toBe('bad_type_table');
});

test('vectors of nothing do not grow beyond what a message may make of no bytes', () => {
    for (const element of ['null', 'reserved'] as const) {
        const bomb = message([entry('vec', code(element))], [0], [leb(2 ** 32 - 1)]);
        expect(refusal([IDL.Vec(element === 'null' ? IDL.Null : IDL.Reserved)], bomb)).toBe('too_large');
        expect(refusal([IDL.Reserved], bomb)).toBe('accepted');
        expect(refusal([], bomb)).toBe('accepted');
    }
    const emptyRecords = [entry('vec', [1]), entry('record', [0])];
    expect(refusal([IDL.Vec(IDL.Record({}))], message(emptyRecords, [0], [leb(1_000_000_000)]))).toBe('too_large');
});

test('lengths beyond the message are refused before anything is made of them', () => {
    const blob = message([entry('vec', code('nat8'))], [0], [leb(2 ** 32 - 1)]);
    const texts = message([entry('vec', code('text'))], [0], [leb(2 ** 31)]);
    const wide = message([entry('vec', code('nat64'))], [0], [leb(2 ** 32 - 1)]);
    expect(refusal([IDL.Vec(IDL.Nat8)], blob)).toBe('truncated');
    expect(refusal([IDL.Vec(IDL.Text)], texts)).toBe('truncated');
    expect(refusal([IDL.Vec(IDL.Nat64)], wide)).toBe('truncated');
    expect(refusal([IDL.Text], message([], [code('text')], [leb(2 ** 32 - 1)]))).toBe('truncated');
    for (const bytes of [blob, texts, wide]) expect(refusal([], bytes)).toBe('truncated');
    const tooLong = [0xff, 0xff, 0xff, 0xff, 0x10];
    expect(refusal([IDL.Text], message([], [code('text')], [tooLong]))).toBe('number_too_long');
});

test('numbers may have leading zeroes, within bounds', () => {
    const nat = (bytes: readonly number[]): Uint8Array => message([], [code('nat')], [bytes]);
    const zeroes = (count: number): number[] => [...Array.from({ length: count }, () => 0x80), 0];
    expect(compileArgs([IDL.Nat]).decode(nat([0x81, ...zeroes(10)]))).toEqual({ ok: true, value: [1n] });
    expect(refusal([IDL.Nat], nat(zeroes(5000)))).toBe('number_too_long');
    expect(refusal([], nat(zeroes(5000)))).toBe('number_too_long');
    expect(refusal([IDL.Text], message([], [code('text')], [zeroes(20)]))).toBe('accepted');
    expect(refusal([IDL.Text], message([], [code('text')], [zeroes(5000)]))).toBe('number_too_long');
});

test('values nested without end are refused', () => {
    const list = [
        entry('opt', [1]),
        entry('record', leb(2), leb(hashOf('head')), code('nat8'), leb(hashOf('tail')), [0])
    ];
    const deep = (levels: number): number[] => [...Array.from({ length: levels }, () => [1, 7]).flat(), 0];
    expect(refusal([List], message(list, [0], [deep(40)]))).toBe('accepted');
    expect(refusal([List], message(list, [0], [deep(100_000)]))).toBe('too_deep');
    expect(refusal([], message(list, [0], [deep(100_000)]))).toBe('too_deep');
    expect(refusal([List], IDL.encode([List], [nested(100)]))).toBe('too_deep');
});

function hashOf(label: string): number {
    return [...label].reduce((h, unit) => (h * 223 + unit.charCodeAt(0)) % 2 ** 32, 0);
}

function nested(levels: number): unknown {
    return levels === 0 ? [] : [{ head: 1, tail: nested(levels - 1) }];
}

test('types without values, and types of more values than bytes, are refused or passed in one step', () => {
    const selfish = message([entry('record', leb(1), leb(0), [0])], [0], []);
    expect(refusal([], selfish)).toBe('too_deep');
    expect(refusal([IDL.Reserved], selfish)).toBe('too_deep');
    const doubling = (leaf: keyof typeof OPCODES, levels: number): number[][] =>
        Array.from({ length: levels }, (_, i) => {
            const below = i === 0 ? code(OPCODES[leaf]) : sleb(i - 1);
            return entry('record', leb(2), leb(0), below, leb(1), below);
        });
    expect(refusal([], message(doubling('nothing', 60), [sleb(59)], []))).toBe('accepted');
    expect(refusal([], message(doubling('byte', 60), [sleb(59)], [1, 2, 3]))).toBe('truncated');
    const vecOfDoubled = [...doubling('nothing', 60), entry('vec', sleb(59))];
    expect(refusal([], message(vecOfDoubled, [sleb(60)], [leb(2 ** 32 - 1)]))).toBe('accepted');
});

const OPCODES = { nothing: 'null', byte: 'nat8' } as const;

test('type tables beyond their bounds are refused', () => {
    const chain = Array.from({ length: 100 }, (_, i) => entry('opt', i === 0 ? code('nat') : sleb(i - 1)));
    expect(refusal([], message(chain, [sleb(99)], [0]))).toBe('too_deep');
    const many = Array.from({ length: 1000 }, () => entry('opt', code('nat')));
    expect(refusal([], message(many, [], []))).toBe('too_large');
    const header = [0x44, 0x49, 0x44, 0x4c];
    expect(refusal([], Uint8Array.from([...header, ...leb(2 ** 31)]))).toBe('too_large');
    const wide = Array.from({ length: 5000 }, (_, i) => [...leb(i), ...code('null')]).flat();
    expect(refusal([], message([entry('record', leb(5000), wide)], [], []))).toBe('too_large');
});

test('a recovery inside a recovery does not multiply the work', () => {
    // Each level ends with a case that the program does not know, so each level is read and then skipped.
    const Known = IDL.Rec();
    Known.fill(IDL.Opt(IDL.Record({ a: Known, b: IDL.Variant({ known: IDL.Null }) })));
    const variant = entry('variant', leb(1), leb(5), code('null'));
    const record = entry('record', leb(2), leb(97), [0], leb(98), [2]);
    const levels = 60;
    const values = [...Array.from({ length: levels }, () => 1), 0, ...Array.from({ length: levels }, () => 0)];
    expect(refusal([Known], message([entry('opt', [1]), record, variant], [0], [values]))).toBe('too_large');
});
