/** What makes a generated interface readable: names for its types, their docs, the order of their fields; and that it stays the same. */
import { IDL } from '@dfinity/candid';
import { parseDid } from '../../../src/replica/candid/did_parser';
import { printCandid, type InterfaceDocs } from '../../../scripts/lib/candid/print_candid';
import { shapeOf } from '../../../scripts/lib/candid/shape';
import { interfaceDocs } from '../../../scripts/lib/candid/source_docs';
import { sourceTypes } from '../../../scripts/lib/candid/source_types';
import { nameTypes } from '../../../scripts/lib/candid/type_names';

const NO_DOCS: InterfaceDocs = { methods: new Map(), types: new Map() };
const API = ['canisters/token_icrc1/api'];

function readable(did: string, given: Record<string, IDL.Type> = {}, docs = NO_DOCS): string {
    const service = parseDid(did);
    const printed = printCandid(service, nameTypes(service, new Map(Object.entries(given))), docs);
    const shapes = (text: string) =>
        parseDid(text)
            .methods.map(([name, type]) => `${name} : ${shapeOf(type)}`)
            .sort();
    expect(shapes(printed)).toEqual(shapes(did));
    return printed;
}

const Account = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });

test('a type has the name that the sources give it, wherever it stands', () => {
    const account = 'record { owner : principal; subaccount : opt vec nat8 }';
    const did = `service : { b : (vec ${account}, nat) -> (opt ${account}) query; a : (${account}) -> (); }`;
    expect(readable(did, { Account })).toBe(`type Account = record {
    owner : principal;
    subaccount : opt blob;
};

service : {
    a : (Account) -> ();
    b : (vec Account, nat) -> (opt Account) query;
}
`);
});

test('a long type without a name gets one of its method or its field; a short one stays where it is', () => {
    const details = 'record { first_field : nat64; second_field : nat64; third_field : text }';
    const errors = 'variant { NotThere; TooManyOfThem : nat64; SomethingElse : text; Unauthorized }';
    const did = `service : {
        ask : (record { shape : ${details}; item : opt record { x : nat } }) -> (variant { Ok : nat; Err : ${errors} });
        ask_again : (text) -> (variant { Ok : nat; Err : ${errors} }) query;
        list : () -> (vec ${details}) query;
    }`;
    expect(readable(did)).toBe(`type AskAgainResult = AskResult;
type AskArgs = record {
    item : opt record { x : nat };
    shape : Shape;
};
type AskError = variant {
    NotThere;
    SomethingElse : text;
    TooManyOfThem : nat64;
    Unauthorized;
};
type AskResult = variant {
    Ok : nat;
    Err : AskError;
};
type Shape = record {
    first_field : nat64;
    second_field : nat64;
    third_field : text;
};

service : {
    ask : (AskArgs) -> (AskResult);
    ask_again : (text) -> (AskAgainResult) query;
    list : () -> (vec Shape) query;
}
`);
});

test('docs stand above what they are of, and fields in the order of their source', () => {
    const docs: InterfaceDocs = {
        methods: new Map([['get', `Says ${'so much that it takes more than one line '.repeat(3)}.`]]),
        types: new Map([['Account', { doc: 'An account.', fields: ['subaccount', 'owner'] }]])
    };
    const did = 'service : { get : () -> (record { owner : principal; subaccount : opt vec nat8 }) query }';
    const printed = readable(did, { Account }, docs);
    expect(printed).toMatch(
        /^\/\/ An account\.\ntype Account = record {\n {4}subaccount : opt blob;\n {4}owner : principal;\n};/
    );
    expect(printed).toMatch(/\n {4}\/\/ Says so much.*\n {4}\/\/ .*\.\n {4}get : \(\) -> \(Account\) query;\n/);
    for (const line of printed.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
});

test('what is recursive, a tuple, a function or has a strange label is the same afterwards', () => {
    const did = `type Value = variant { Nat : nat; List : vec Value; Map : vec record { text; Value } };
        type More = record { value : Value; next : func (nat) -> (More) query };
        service : (opt record { "type" : text; "a b" : nat; 7 : Value }) -> {
            value : (Value) -> (More) composite_query;
            ping : () -> () oneway;
        }`;
    const value = IDL.Rec();
    value.fill(IDL.Variant({ Nat: IDL.Nat, List: IDL.Vec(value), Map: IDL.Vec(IDL.Tuple(IDL.Text, value)) }));
    const printed = readable(did, { Icrc3Value: value });
    expect(printed).toContain('List : vec Icrc3Value;');
    expect(printed).toMatch(/"type" : text;/);
    expect(parseDid(printed).init.map((type) => shapeOf(type))).toEqual(
        parseDid(did).init.map((type) => shapeOf(type))
    );
});

test('two types that would have one name have two', () => {
    const long = (field: string) => `record { ${field} : text; another_field_of_it : text; and_one_more : text }`;
    const did = `service : { a : () -> (record { part : ${long('x')} }); b : () -> (record { part : ${long('y')} }) }`;
    expect(readable(did).match(/^type \w+/gm)).toEqual(['type AResponse', 'type BPart', 'type BResponse', 'type Part']);
});

test('the sources of a canister tell names, docs and fields', async () => {
    const types = await sourceTypes(API);
    expect(types.get('Account')?.display()).toBe(Account.display());
    const { methods, types: docs } = await interfaceDocs(API);
    expect(methods.get('icrc1_transfer')).toBe('Role: the owner of the account that it takes from.');
    expect(docs.get('TransferArg')?.fields).toEqual([
        'from_subaccount',
        'to',
        'amount',
        'fee',
        'memo',
        'created_at_time'
    ]);
});
