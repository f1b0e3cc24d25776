/** A canister that does nothing but read and write Candid, with the project's codecs and with @dfinity/candid. */
import { IDL } from '@dfinity/candid';
import { join } from 'node:path';
import { smallCanister } from '../lib/small_canister';

/** `measure` is told the work and the codec, and answers with the instructions that it took. */
export const candidInterface: IDL.InterfaceFactory = ({ IDL: idl }) =>
    idl.Service({ measure: idl.Func([idl.Text, idl.Text], [idl.Nat64], []) });

function source(root: string): string {
    const path = (...parts: string[]): string => JSON.stringify(join(root, ...parts));
    return `import { IDL, performanceCounter, Principal } from 'azle';
import { compileArgs } from ${path('src', 'core', 'candid', 'codec')};
import { SERVED_WHILE_PAUSED, update } from ${path('src', 'azle', 'endpoint')};

const Blob = IDL.Vec(IDL.Nat8);
const Account = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(Blob) });
const TransferArg = IDL.Record({
    from_subaccount: IDL.Opt(Blob), to: Account, amount: IDL.Nat, fee: IDL.Opt(IDL.Nat), memo: IDL.Opt(Blob),
    created_at_time: IDL.Opt(IDL.Nat64)
});
const TransferResult = IDL.Variant({
    Ok: IDL.Nat,
    Err: IDL.Variant({
        BadFee: IDL.Record({ expected_fee: IDL.Nat }), BadBurn: IDL.Record({ min_burn_amount: IDL.Nat }),
        InsufficientFunds: IDL.Record({ balance: IDL.Nat }), TooOld: IDL.Null,
        CreatedInFuture: IDL.Record({ ledger_time: IDL.Nat64 }), Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
        TemporarilyUnavailable: IDL.Null, GenericError: IDL.Record({ error_code: IDL.Nat, message: IDL.Text })
    })
});
const Value = IDL.Rec();
Value.fill(IDL.Variant({
    Nat: IDL.Nat, Int: IDL.Int, Text: IDL.Text, Blob, Array: IDL.Vec(Value), Map: IDL.Vec(IDL.Tuple(IDL.Text, Value))
}));
const Blocks = IDL.Record({ blocks: IDL.Vec(IDL.Record({ id: IDL.Nat, block: Value })) });

const owner = Principal.fromUint8Array(new Uint8Array(29).fill(7));
const bytes = new Uint8Array(32).fill(3);
const bare = {
    from_subaccount: [], to: { owner, subaccount: [] }, amount: 100_000_000n, fee: [], memo: [], created_at_time: []
};
const full = {
    from_subaccount: [bytes], to: { owner, subaccount: [bytes] }, amount: 123_456_789_012n, fee: [10_000n],
    memo: [bytes], created_at_time: [1_700_000_000_000_000_000n]
};
const block = { Map: [
    ['btype', { Text: '1xfer' }], ['fee', { Nat: 10_000n }], ['phash', { Blob: bytes }],
    ['ts', { Nat: 1_700_000_000_000_000_000n }],
    ['tx', { Map: [
        ['amt', { Nat: 123_456_789n }], ['from', { Array: [{ Blob: bytes }, { Blob: bytes }] }], ['memo', { Blob: bytes }],
        ['op', { Text: 'xfer' }], ['to', { Array: [{ Blob: bytes }] }]
    ] }]
] };
const work = {
    account: { type: Account, value: full.to },
    transfer: { type: TransferArg, value: bare },
    transfer_full: { type: TransferArg, value: full },
    result: { type: TransferResult, value: { Ok: 123_456n } },
    blocks_10: { type: Blocks, value: { blocks: Array.from({ length: 10 }, (_, i) => ({ id: BigInt(i), block })) } }
};
const codecs = {};

function codecOf(name) {
    return (codecs[name] ??= compileArgs([work[name].type]));
}

const measured = {
    decode_codec: (name, message) => codecOf(name).decode(message),
    decode_reference: (name, message) => IDL.decode([work[name].type], message),
    encode_codec: (name) => codecOf(name).encodeShared([work[name].value]),
    encode_reference: (name) => IDL.encode([work[name].type], [work[name].value])
};

export default class {
    @update([IDL.Text, IDL.Text], IDL.Nat64, SERVED_WHILE_PAUSED)
    measure(what, name) {
        const message = codecOf(name).encode([work[name].value]);
        codecOf(name).decode(message);
        const before = performanceCounter(0);
        measured[what](name, message);
        return performanceCounter(0) - before;
    }
}
`;
}

/** Gzipped module, as it is installed; built once per version of its sources. */
export function candidCanister(): Promise<Uint8Array> {
    return smallCanister({ name: 'candid', source });
}
