/** Reading .did files: the grammar, the files of real canisters, and what is no .did file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IDL } from '@dfinity/candid';
import { DidSyntaxError, parseDid } from '../../../src/replica/candid/did_parser';
import { bytesFrom } from '../../../src/replica/browser/bytes_text';
import { interfaceOf, officialInterface } from '../natives/support/interfaces';

const methodsOf = (did: string): Record<string, string> =>
    Object.fromEntries(parseDid(did).methods.map(([name, type]) => [name, type.display()]));
/** Recursive types are numbered as they are made. */
const unnumbered = (types: Record<string, string>): unknown =>
    JSON.parse(JSON.stringify(types).replace(/rec_\d+/g, 'rec'));
const typeOf = (type: string): IDL.Type | undefined =>
    parseDid(`service : { m : (${type}) -> () }`).methods[0]?.[1].argTypes[0];

test('every type', () => {
    const types: [string, IDL.Type][] = [
        ['blob', IDL.Vec(IDL.Nat8)],
        ['opt vec nat16', IDL.Opt(IDL.Vec(IDL.Nat16))],
        ['record { nat; text }', IDL.Tuple(IDL.Nat, IDL.Text)],
        ['record {}', IDL.Record({})],
        [
            'record { a : int; 7 : bool; null; "b c" : float32 }',
            IDL.Record({ a: IDL.Int, _7_: IDL.Bool, _8_: IDL.Null, 'b c': IDL.Float32 })
        ],
        ['variant { A; "B" : principal; 3 }', IDL.Variant({ A: IDL.Null, B: IDL.Principal, _3_: IDL.Null })],
        [
            'func (nat, x : text) -> (bool) composite_query',
            IDL.Func([IDL.Nat, IDL.Text], [IDL.Bool], ['composite_query'])
        ],
        ['service { f : () -> () oneway }', IDL.Service({ f: IDL.Func([], [], ['oneway']) })]
    ];
    for (const [text, type] of types) expect(typeOf(text)?.display()).toBe(type.display());
});

test('names: in any order, recursive ones too, and for methods, services and arguments', () => {
    const did = `type Answer = variant { Ok : Tree; Err : text };
        type Tree = record { value : nat; children : vec Tree };
        type Ask = func (Tree) -> (Answer) query;
        type Api = service { ask : Ask; again : (tree : Tree) -> (Tree) };
        service Named : (opt Tree, limit : nat64) -> Api;`;
    const { init, methods } = parseDid(did);
    expect(init).toHaveLength(2);
    const [again] = methods;
    const tree = { value: 1n, children: [{ value: 2n, children: [] }] };
    const types = again?.[1].argTypes ?? [];
    expect(IDL.decode(types, IDL.encode(types, [tree]))).toEqual([tree]);
    expect(methods.map(([name]) => name)).toEqual(['again', 'ask']);
});

test('words: comments that nest, numbers with underscores, escapes in names', () => {
    expect(
        methodsOf('/* a /* b */ c */ service : { // d\n "a\\22\\u{e9}\\n" : (record { 1_0 : nat }) -> (); }')
    ).toEqual({
        'a"é\n': '(record {_10_:nat}) → () '
    });
});

test('the files of real canisters: as the official generator reads them', () => {
    const root = join(process.cwd(), 'node_modules/azle/src/stable/lib/canisters');
    for (const name of ['cycles_ledger', 'nns_icp_ledger', 'nns_cycles_minting'] as const) {
        const read = methodsOf(readFileSync(join(root, name, 'idl/index.did'), 'utf8'));
        const official = officialInterface(name)({ IDL })._fields.map(([method, type]) => [method, type.display()]);
        expect(unnumbered(read)).toEqual(unnumbered(Object.fromEntries(official)));
    }
    for (const name of readdirSync('canisters')) {
        const did = readFileSync(join('canisters', name, `${name}.did`), 'utf8');
        expect(parseDid(did).methods.length).toBeGreaterThan(10);
    }
    expect(() => interfaceOf('service : {')).toThrow();
});

test('anything else is refused with its place', () => {
    const wrong: [string, RegExp][] = [
        ['service : { f : () -> () ', /line 1, column 26/],
        ['service : {\n  f : (Missing) -> () }', /no type is called Missing/],
        ['type T = nat; service : { f : T }', /f is no function/],
        ['type T = nat; service : T', /T is no service/],
        ['import "other.did"; service : {}', /imports are not followed/],
        ['service : { f : (nat & nat) -> () }', /unexpected &/],
        ['/* open', /comment that does not end/],
        ['nonsense', /unexpected nonsense/]
    ];
    for (const [did, message] of wrong) {
        expect(() => parseDid(did)).toThrow(DidSyntaxError);
        expect(() => parseDid(did)).toThrow(message);
    }
});

test('bytes as they are typed: digits after 0x, otherwise text', () => {
    expect([...bytesFrom('0x00fF')]).toEqual([0, 255]);
    expect([...bytesFrom('é')]).toEqual([0xc3, 0xa9]);
    expect([...bytesFrom('0x'), ...bytesFrom('')]).toEqual([]);
    expect(() => bytesFrom('0x123')).toThrow(TypeError);
});
