/**
 * Large files that canisters hand out in parts (HTTP gateway protocol specification, "Range Requests"): a client that asked for no
 * range gets all of them, one after the other.
 */
import type { PageRequest } from './certified/hashes';
import type { CanisterResponse } from './http_types';

/** Bytes `start` to `end`, which is not included, of `total`. */
export interface Part {
    readonly start: number;
    readonly end: number;
    readonly total: number;
}

/** The part that an answer holds; undefined when the client asked for a range itself, or the answer is none. */
export function partOf(
    request: PageRequest,
    { status_code: status, headers, body }: CanisterResponse
): Part | undefined {
    const isAsked = request.headers.some(([name]) => /^(if-)?range$/i.test(name));
    const value = headers.find(([name]) => name.toLowerCase() === 'content-range')?.[1];
    const match = status !== 206 || isAsked ? null : /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(value ?? '');
    if (match === null) return undefined;
    const [start, last, total] = [Number(match[1]), Number(match[2]), Number(match[3])];
    // A part without bytes would have no end of parts.
    return body.length > 0 && last - start + 1 === body.length && last < total
        ? { start, end: last + 1, total }
        : undefined;
}

/** The header that asks for what follows. */
export function rangeFrom(start: number): readonly [string, string] {
    return ['range', `bytes=${start}-`];
}
