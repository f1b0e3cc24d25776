import type { Rejection } from './api';
import { errorCodeText, rejectCodeOf, type IcError } from './errors';

/** An internal error as clients see it. */
export function toRejection(error: IcError): Rejection {
    return {
        rejectCode: rejectCodeOf(error.code),
        errorCode: errorCodeText(error.code),
        errorName: error.code,
        message: error.message
    };
}
