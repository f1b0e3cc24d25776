/** Bodies that a canister hands out in pieces: the callback is queried with the token of the last piece until there is none. */
import { MalformedCandid, WireMessage, type WireValue } from '../candid/wire';

/** Where the next piece comes from. */
export interface Continuation {
    readonly canisterId: Uint8Array;
    readonly method: string;
    /** The token as the argument of the callback. */
    readonly argument: Uint8Array;
}

/** The streaming strategy of an `http_request` answer; undefined when the body is complete. */
export function strategyOf(answer: Uint8Array): Continuation | undefined {
    return readWire(answer, (message, response) => {
        const strategy = inOpt(message, response, 'streaming_strategy');
        const callback = strategy && message.case(strategy, 'Callback');
        const target = callback && message.field(callback, 'callback');
        const token = callback && message.field(callback, 'token');
        const reference = target && message.function(target);
        return reference && token && { ...reference, argument: message.asArgument(token) };
    });
}

/** One piece of a body, and the token of the next. */
export interface Piece {
    readonly body: Uint8Array;
    /** Argument of the callback for the next piece; undefined after the last. */
    readonly next: Uint8Array | undefined;
}

/** What a streaming callback has answered, which may be an opt; undefined when it is something else. */
export function pieceOf(answer: Uint8Array): Piece | undefined {
    return readWire(answer, (message, argument) => {
        const response = message.some(argument);
        const field = response && message.field(response, 'body');
        const body = field && message.blob(field);
        if (response === undefined || body === undefined) return undefined;
        const token = inOpt(message, response, 'token');
        return { body, next: token && message.asArgument(token) };
    });
}

function inOpt(message: WireMessage, record: WireValue, name: string): WireValue | undefined {
    const value = message.field(record, name);
    return value && message.some(value);
}

function readWire<T>(
    bytes: Uint8Array,
    read: (message: WireMessage, argument: WireValue) => T | undefined
): T | undefined {
    try {
        const message = new WireMessage(bytes);
        const [argument] = message.args;
        return argument && read(message, argument);
    } catch (error) {
        if (error instanceof MalformedCandid) return undefined;
        throw error;
    }
}
