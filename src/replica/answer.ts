import { utf8 } from './wire/bytes';
import { encodeSelfDescribed, type CborKey, type CborValue } from './wire/cbor';
import type { Refusal } from './wire/refusal';

/** An answer of the HTTP interface, without the transport. */
export interface Answer {
    /** HTTP status. */
    readonly status: number;
    readonly contentType: 'application/cbor' | 'text/plain; charset=utf-8';
    readonly body: Uint8Array;
}

/** 200, with the self-describe tag. */
export function cborAnswer(value: ReadonlyMap<CborKey, CborValue>): Answer {
    return { status: 200, contentType: 'application/cbor', body: encodeSelfDescribed(value) };
}

/** Plain text. */
export function textAnswer(status: number, text: string): Answer {
    return { status, contentType: 'text/plain; charset=utf-8', body: utf8(text) };
}

/** What a client is told of a request that was refused: an HTTP status and a sentence. */
export function refusalAnswer(refusal: Refusal): Answer {
    return textAnswer(refusal.status, refusal.message);
}

/** The call was taken in; its outcome is to be read later. */
export const acceptedAnswer: Answer = { status: 202, contentType: 'text/plain; charset=utf-8', body: new Uint8Array() };

/** Load shedding, as the replica answers when too many queries wait. */
export const overloadedAnswer: Answer = textAnswer(429, 'The service is overloaded.');
