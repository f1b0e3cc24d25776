import type { HttpAnswer } from '../http/http_server';
import type { Rejection } from '../state/api';
import { utf8 } from '../wire/bytes';
import { jsonText, type Json } from './json';

/** Naturals of any size stay numbers. */
export function jsonAnswer(value: Json, status = 200): HttpAnswer {
    return { status, contentType: 'application/json', body: utf8(jsonText(value)) };
}

/** An error as clients of the REST interface expect it: an object with a `message`. */
export function errorAnswer(status: number, message: string): HttpAnswer {
    return jsonAnswer({ message }, status);
}

const rejectCodeNames = [
    'SysUnknown',
    'SysFatal',
    'SysTransient',
    'DestinationInvalid',
    'CanisterReject',
    'CanisterError',
    'SysUnknown'
];

/** `{ Err: … }` with the spellings of the real server's serde names. `certified`: the outcome is in the certified state. */
export function rejectionJson(rejection: Rejection, certified: boolean): Json {
    return {
        Err: {
            reject_code: rejectCodeNames[rejection.rejectCode] ?? 'SysUnknown',
            reject_message: rejection.message,
            error_code: rejection.errorName,
            certified
        }
    };
}
