/** Why a request is not even looked at; the HTTP side turns it into a plain-text answer. */
export interface Refusal {
    readonly code:
        | 'malformed'
        | 'invalid_expiry'
        | 'invalid_delegation'
        | 'invalid_signature'
        | 'wrong_sender'
        | 'wrong_canister'
        | 'forbidden'
        | 'unavailable';
    /** HTTP status. */
    readonly status: 400 | 403 | 404 | 503;
    /** Begins with `Invalid request expiry: ` for that code: agents look for it and then correct their clock. */
    readonly message: string;
}

/** HTTP 403 for what is forbidden, 400 for the rest. */
export function refuse(code: Refusal['code'], message: string): Refusal {
    return { code, status: code === 'forbidden' ? 403 : 400, message };
}
