/** Candid types of ICRC-21 (consent messages), as the ICP ledger has them. */
import {
    blob,
    int16,
    nat,
    nat64,
    nat8,
    none,
    opt,
    pair,
    record,
    result,
    text,
    variant,
    vec,
    type Decoded
} from '../candid/codecs';

const metadata = record({ language: text, utc_offset_minutes: opt(int16) });

/** A call that somebody is asked to consent to, and how the message is to be shown. */
export const consentRequest = record({
    method: text,
    arg: blob,
    user_preferences: record({
        metadata,
        device_spec: opt(variant({ GenericDisplay: none, FieldsDisplay: none }))
    })
});
/** The same, decoded. */
export type ConsentRequest = Decoded<typeof consentRequest>;

/** A value that wallets format themselves. */
export const fieldValue = variant({
    TokenAmount: record({ decimals: nat8, amount: nat64, symbol: text }),
    TimestampSeconds: record({ amount: nat64 }),
    DurationSeconds: record({ amount: nat64 }),
    Text: record({ content: text })
});
/** The same, decoded. */
export type FieldValue = Decoded<typeof fieldValue>;

const description = record({ description: text });
const consentError = variant({
    UnsupportedCanisterCall: description,
    ConsentMessageUnavailable: description,
    InsufficientPayment: description,
    GenericError: record({ error_code: nat, description: text })
});
/** The same, decoded. */
export type ConsentError = Decoded<typeof consentError>;

/** The message, or why there is none. */
export const consentResult = result(
    record({
        consent_message: variant({
            GenericDisplayMessage: text,
            FieldsDisplayMessage: record({ intent: text, fields: vec(pair(text, fieldValue)) })
        }),
        metadata
    }),
    consentError
);
/** The same, decoded. */
export type ConsentResult = Decoded<typeof consentResult>;
