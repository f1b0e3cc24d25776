/** Candid types of the HTTP gateway protocol (its specification; `http_request` and `http_request_update`). */
import { blob, bool, nat16, opt, pair, record, text, vec, type Decoded } from '../candid/codecs';

const headers = vec(pair(text, text));

/** Argument of `http_request`. */
export const httpRequest = record({
    method: text,
    url: text,
    headers,
    body: blob,
    certificate_version: opt(nat16)
});
/** Argument of `http_request_update`. */
export const httpUpdateRequest = record({ method: text, url: text, headers, body: blob });

/** Without `streaming_strategy`, whose token is of a type that only the canister knows. */
export const httpResponse = record({ status_code: nat16, headers, body: blob, upgrade: opt(bool) });
/** The answer of either. */
export type CanisterResponse = Decoded<typeof httpResponse>;
