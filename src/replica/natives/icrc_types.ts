/** Candid types of ICRC-1, ICRC-2 and ICRC-3. */
import { IDL } from '@dfinity/candid';
import {
    blob,
    int,
    nat,
    nat64,
    none,
    opt,
    pair,
    record,
    result,
    text,
    variant,
    vec,
    type Codec,
    type Decoded
} from '../candid/codecs';
import { account } from './accounts';

const genericError = record({ error_code: nat, message: text });
const badFee = record({ expected_fee: nat });
const insufficientFunds = record({ balance: nat });
const insufficientAllowance = record({ allowance: nat });
const createdInFuture = record({ ledger_time: nat64 });
const duplicate = record({ duplicate_of: nat });

/** Cases that all errors of ledgers share. */
export const commonErrors = {
    GenericError: genericError,
    TemporarilyUnavailable: none,
    InsufficientFunds: insufficientFunds,
    CreatedInFuture: createdInFuture,
    TooOld: none
};

/** Of `icrc1_transfer`. */
export const transferArgument = record({
    from_subaccount: opt(blob),
    to: account,
    amount: nat,
    fee: opt(nat),
    memo: opt(blob),
    created_at_time: opt(nat64)
});

const transferErrors = {
    ...commonErrors,
    BadFee: badFee,
    BadBurn: record({ min_burn_amount: nat }),
    Duplicate: duplicate
};
/** Its block, or why there is none. */
export const transferResult = result(nat, variant(transferErrors));

/** Of `icrc2_transfer_from`. */
export const transferFromArgument = record({
    spender_subaccount: opt(blob),
    from: account,
    to: account,
    amount: nat,
    fee: opt(nat),
    memo: opt(blob),
    created_at_time: opt(nat64)
});
/** Its block, or why there is none. */
export const transferFromResult = result(
    nat,
    variant({ ...transferErrors, InsufficientAllowance: insufficientAllowance })
);

/** Of `icrc2_approve`. */
export const approveArgument = record({
    from_subaccount: opt(blob),
    spender: account,
    amount: nat,
    expected_allowance: opt(nat),
    expires_at: opt(nat64),
    fee: opt(nat),
    memo: opt(blob),
    created_at_time: opt(nat64)
});
/** Its block, or why there is none. */
export const approveResult = result(
    nat,
    variant({
        ...commonErrors,
        BadFee: badFee,
        Duplicate: duplicate,
        AllowanceChanged: record({ current_allowance: nat }),
        Expired: record({ ledger_time: nat64 })
    })
);

/** Of `icrc2_allowance`. */
export const allowanceArgument = record({ account, spender: account });
/** What may still be spent, and until when. */
export const allowanceResult = record({ allowance: nat, expires_at: opt(nat64) });

/** Of `icrc1_metadata`. */
export const metadata = vec(pair(text, variant({ Nat: nat, Int: int, Text: text, Blob: blob })));
/** Of `icrc1_supported_standards`. */
export const standards = vec(record({ name: text, url: text }));

export { insufficientAllowance };

/** ICRC-3's generic value. */
export type Value =
    | { readonly kind: 'Nat'; readonly value: bigint }
    | { readonly kind: 'Text'; readonly value: string }
    | { readonly kind: 'Blob'; readonly value: Uint8Array }
    | { readonly kind: 'Array'; readonly value: readonly Value[] }
    | { readonly kind: 'Map'; readonly value: readonly (readonly [name: string, value: Value])[] };

const valueIdl = IDL.Rec();
valueIdl.fill(
    IDL.Variant({
        Nat: IDL.Nat,
        Int: IDL.Int,
        Text: IDL.Text,
        Blob: IDL.Vec(IDL.Nat8),
        Array: IDL.Vec(valueIdl),
        Map: IDL.Vec(IDL.Tuple(IDL.Text, valueIdl))
    })
);

/** Values are only ever written here. */
export const genericValue: Codec<Value> = {
    idl: valueIdl,
    from: () => ({ kind: 'Array', value: [] }),
    to: toCandidValue
};

function toCandidValue({ kind, value }: Value): unknown {
    switch (kind) {
        case 'Array':
            return { Array: value.map(toCandidValue) };
        case 'Map':
            return { Map: value.map(([name, item]) => [name, toCandidValue(item)]) };
        default:
            return { [kind]: value };
    }
}

/** Of `icrc3_get_blocks`: ranges. */
export const getBlocksArgument = vec(record({ start: nat, length: nat }));
/** Nothing is ever archived. */
const archivedBlocks: Codec<readonly never[]> = {
    idl: IDL.Vec(
        IDL.Record({
            args: getBlocksArgument.idl,
            callback: IDL.Func([getBlocksArgument.idl], [IDL.Reserved], ['query'])
        })
    ),
    from: () => [],
    to: () => []
};
/** Blocks as ICRC-3 values; none are archived. */
export const getBlocksResult = record({
    log_length: nat,
    blocks: vec(record({ id: nat, block: genericValue })),
    archived_blocks: archivedBlocks
});
/** The same, decoded. */
export type GetBlocksResult = Decoded<typeof getBlocksResult>;
