/** Candid types of ICRC-21, and their TypeScript twins. */
import { IDL } from 'azle';
import type { CandidResult } from '../../../src/core/result';
import type { Blob, Opt } from './idl';

const Metadata = IDL.Record({ language: IDL.Text, utc_offset_minutes: IDL.Opt(IDL.Int16) });
interface CandidConsentMetadata {
    language: string;
    utc_offset_minutes: Opt<number>;
}

/** Argument of `icrc21_canister_call_consent_message`. */
export const ConsentRequest = IDL.Record({
    method: IDL.Text,
    arg: IDL.Vec(IDL.Nat8),
    user_preferences: IDL.Record({
        metadata: Metadata,
        device_spec: IDL.Opt(IDL.Variant({ GenericDisplay: IDL.Null, FieldsDisplay: IDL.Null }))
    })
});
export interface CandidConsentRequest {
    method: string;
    arg: Blob;
    user_preferences: {
        metadata: CandidConsentMetadata;
        device_spec: Opt<{ GenericDisplay: null } | { FieldsDisplay: null }>;
    };
}

const Value = IDL.Variant({
    TokenAmount: IDL.Record({ decimals: IDL.Nat8, amount: IDL.Nat64, symbol: IDL.Text }),
    TimestampSeconds: IDL.Record({ amount: IDL.Nat64 }),
    DurationSeconds: IDL.Record({ amount: IDL.Nat64 }),
    Text: IDL.Record({ content: IDL.Text })
});
export type CandidDisplayValue =
    | { TokenAmount: { decimals: number; amount: bigint; symbol: string } }
    | { TimestampSeconds: { amount: bigint } }
    | { Text: { content: string } };

const Message = IDL.Variant({
    GenericDisplayMessage: IDL.Text,
    FieldsDisplayMessage: IDL.Record({ intent: IDL.Text, fields: IDL.Vec(IDL.Tuple(IDL.Text, Value)) })
});
export type CandidConsentMessage =
    | { GenericDisplayMessage: string }
    | { FieldsDisplayMessage: { intent: string; fields: [string, CandidDisplayValue][] } };

const Info = IDL.Record({ description: IDL.Text });

/** Answer of `icrc21_canister_call_consent_message`. */
export const ConsentResponse = IDL.Variant({
    Ok: IDL.Record({ consent_message: Message, metadata: Metadata }),
    Err: IDL.Variant({
        UnsupportedCanisterCall: Info,
        ConsentMessageUnavailable: Info,
        InsufficientPayment: Info,
        GenericError: IDL.Record({ error_code: IDL.Nat, description: IDL.Text })
    })
});
export type CandidConsentResponse = CandidResult<
    { consent_message: CandidConsentMessage; metadata: CandidConsentMetadata },
    { UnsupportedCanisterCall: { description: string } }
>;
