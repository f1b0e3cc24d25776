/** Where Candid's specification says more than @dfinity/candid 3.4 does, and where the codec departs from it knowingly. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { compileArgs } from '../../../src/core/candid/codec';
import { code, entry, leb, message, sleb } from './support/message';

const principal = Principal.fromUint8Array(new Uint8Array([1, 2, 3]));

function transcode(sent: IDL.Type[], values: unknown[], expected: IDL.Type[]): unknown {
    const decoded = compileArgs(expected).decode(IDL.encode(sent, values));
    return decoded.ok ? decoded.value : decoded.error.code;
}

test('a nat is an int', () => {
    for (const value of [0n, 63n, 64n, 127n, 128n, 2n ** 70n]) {
        expect(transcode([IDL.Nat], [value], [IDL.Int])).toEqual([value]);
        expect(transcode([IDL.Vec(IDL.Nat)], [[value]], [IDL.Vec(IDL.Opt(IDL.Int))])).toEqual([[[value]]]);
    }
    expect(transcode([IDL.Int], [5n], [IDL.Nat])).toBe('type_mismatch');
});

test('missing arguments and fields read as none where their type allows it', () => {
    const optional = [IDL.Opt(IDL.Nat), IDL.Null, IDL.Reserved];
    expect(transcode([], [], optional)).toEqual([[], null, []]);
    expect(transcode([IDL.Record({})], [{}], [IDL.Record({ a: IDL.Null, b: IDL.Opt(IDL.Nat) })])).toEqual([
        { a: null, b: [] }
    ]);
    expect(transcode([IDL.Tuple(IDL.Nat)], [[1n]], [IDL.Tuple(IDL.Nat, IDL.Opt(IDL.Nat))])).toEqual([[1n, []]]);
    expect(transcode([], [], [IDL.Nat])).toBe('missing_arguments');
    expect(transcode([IDL.Record({})], [{}], [IDL.Record({ a: IDL.Nat })])).toBe('type_mismatch');
});

test('a record with numbered fields and others is a tuple', () => {
    const sent = IDL.Record({ _0_: IDL.Nat, _1_: IDL.Text, more: IDL.Bool });
    expect(transcode([sent], [{ _0_: 1n, _1_: 'x', more: true }], [IDL.Tuple(IDL.Nat, IDL.Text)])).toEqual([[1n, 'x']]);
});

test('bare constructed values are skipped where null belongs to the optional type', () => {
    const sent = [IDL.Vec(IDL.Text), IDL.Nat];
    expect(transcode(sent, [['a', 'b'], 7n], [IDL.Opt(IDL.Opt(IDL.Text)), IDL.Nat])).toEqual([[], 7n]);
});

test('vectors of another element type do not read as blobs', () => {
    expect(transcode([IDL.Vec(IDL.Nat16)], [[1, 2]], [IDL.Vec(IDL.Nat8)])).toBe('type_mismatch');
    expect(transcode([IDL.Vec(IDL.Nat16)], [[1, 2]], [IDL.Opt(IDL.Vec(IDL.Nat8))])).toEqual([[]]);
});

test('a text keeps its byte order mark', () => {
    expect(transcode([IDL.Text], ['\ufeffab'], [IDL.Text])).toEqual(['\ufeffab']);
});

test('values of later versions of Candid are skipped', () => {
    const future = [...sleb(-30), ...leb(2), 9, 9];
    const record = entry('record', leb(2), leb(1), [0], leb(2), code('nat'));
    const bytes = message([future, record], [1], [leb(3), 0, 1, 2, 3, 5]);
    const expected = IDL.Record({ _1_: IDL.Opt(IDL.Nat), _2_: IDL.Nat });
    expect(compileArgs([expected]).decode(bytes)).toEqual({ ok: true, value: [{ _1_: [], _2_: 5n }] });
});

test('references keep the rules of functions and services', () => {
    const sent = IDL.Func([IDL.Opt(IDL.Nat)], [IDL.Nat, IDL.Text], ['query']);
    const value = [principal, 'm'];
    const reads = (expected: IDL.Type): unknown => transcode([sent], [value], [IDL.Opt(expected)]);
    expect(reads(IDL.Func([IDL.Nat], [IDL.Int], ['query']))).toEqual([[value]]);
    expect(reads(IDL.Func([], [IDL.Nat], ['query']))).toEqual([[value]]);
    expect(reads(IDL.Func([IDL.Nat], [IDL.Text], ['query']))).toEqual([[]]);
    expect(reads(IDL.Func([IDL.Nat], [IDL.Nat]))).toEqual([[]]);
    const service = IDL.Service({ a: sent, b: sent });
    const asService = (expected: IDL.Type): unknown => transcode([service], [principal], [IDL.Opt(expected)]);
    expect(asService(IDL.Service({ a: sent }))).toEqual([[principal]]);
    expect(asService(IDL.Service({ c: sent }))).toEqual([[]]);
});

test('a bare value is not wrapped twice', () => {
    const Twice = IDL.Rec();
    Twice.fill(IDL.Opt(IDL.Nat));
    expect(transcode([IDL.Nat], [1n], [IDL.Opt(Twice)])).toEqual([[]]);
});
