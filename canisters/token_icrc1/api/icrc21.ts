import type { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { compileArgs } from '../../../src/core/candid/codec';
import { err, ok, type Result } from '../../../src/core/result';
import { messageText, type ConsentMessage, type DisplayValue } from '../domain/consent';
import { consentMessage, type ConsentRequest as Request, type OtherFee } from '../domain/consent_request';
import { INVALID, type Invalid } from '../domain/errors';
import { books, env } from '../wiring';
import { ApproveArgs, TransferArg, TransferFromArgs } from './idl';
import {
    ConsentRequest,
    ConsentResponse,
    type CandidConsentMessage,
    type CandidConsentRequest,
    type CandidConsentResponse,
    type CandidDisplayValue
} from './idl_consent';
import { fromApproveArgs, fromTransferArg, fromTransferFromArgs } from './mappers';

/** ICRC-21. Anyone may ask, the anonymous principal included; nothing is looked up that may change before the call. */
export class Icrc21 {
    /** Role: anyone. Changes nothing: an update call, so that the answer is certified. */
    @update([ConsentRequest], ConsentResponse, SERVED_WHILE_PAUSED)
    icrc21_canister_call_consent_message(request: CandidConsentRequest): CandidConsentResponse {
        const { metadata, device_spec } = request.user_preferences;
        const message = messageOf(request);
        if (!message.ok) return { Err: { UnsupportedCanisterCall: { description: message.error } } };
        const [offset] = metadata.utc_offset_minutes;
        const [device] = device_spec;
        const shown = device !== undefined && 'FieldsDisplay' in device;
        const consent_message = shown ? toFields(message.value) : toText(message.value, offset ?? 0);
        // English is the only language there is.
        return { Ok: { consent_message, metadata: { ...metadata, language: 'en' } } };
    }
}

/** The longest sensible argument with a memo of 32 bytes; longer memos make longer arguments. */
const MAX_ARG_BYTES = 500;
const USUAL_MEMO_BYTES = 32;

function messageOf({ method, arg }: CandidConsentRequest): Result<ConsentMessage, string> {
    const limit = MAX_ARG_BYTES + books.token.rules().maxMemoBytes - USUAL_MEMO_BYTES;
    if (arg.length > limit) {
        return err(`The argument size is too large. The maximum allowed size is ${limit} bytes.`);
    }
    const request = requestOf(method, Uint8Array.from(arg), env.caller());
    if (!request.ok) return request;
    const message = consentMessage(request.value, books.token);
    return message.ok ? message : err(feeText(message.error));
}

function requestOf(method: string, arg: Uint8Array, caller: Principal): Result<Request, string> {
    switch (method) {
        case 'icrc1_transfer':
            return withOrder(method, decode('TransferArg', TransferArg, fromTransferArg, caller, arg));
        case 'icrc2_approve':
            return withOrder(method, decode('ApproveArgs', ApproveArgs, fromApproveArgs, caller, arg));
        case 'icrc2_transfer_from':
            return withOrder(method, decode('TransferFromArgs', TransferFromArgs, fromTransferFromArgs, caller, arg));
        // The official text lists `transfer`, which only the ledger of ICP has; there as here it is refused.
        case 'transfer':
            return err('transfer args should be provided');
        default:
            return err(unsupportedText(method));
    }
}

function withOrder<M extends Request['method'], O>(
    method: M,
    order: Result<O, string>
): Result<{ method: M; order: O }, string> {
    return order.ok ? ok({ method, order: order.value }) : order;
}

function decode<A, O>(
    name: string,
    type: IDL.Type,
    toOrder: (caller: Principal, arg: A) => Result<O, Invalid>,
    caller: Principal,
    arg: Uint8Array
): Result<O, string> {
    const decoded = compileArgs<[A]>([type]).decode(arg);
    if (!decoded.ok) return err(`Failed to decode ${name}: ${decoded.error.code}`);
    const order = toOrder(caller, decoded.value[0]);
    return order.ok ? order : err(`Failed to decode ${name}: ${INVALID[order.error.reason].message}`);
}

function unsupportedText(method: string): string {
    const supported = '["icrc1_transfer", "icrc2_approve", "icrc2_transfer_from", "transfer"]';
    return (
        `The function provided is not supported: ${method}.\n` +
        ` Supported functions for ICRC-21 are: ${supported}.\n Error is: VariantNotFound`
    );
}

function feeText({ named, due }: OtherFee): string {
    const shown = `(${grouped(named)}) is different than the ledger fee (${grouped(due)})`;
    return `The fee specified in the arguments ${shown}`;
}

/** Digits in groups of three, as the official ledger writes numbers. */
function grouped(amount: bigint): string {
    return amount.toString().replace(/\B(?=(\d{3})+$)/g, '_');
}

function toText(message: ConsentMessage, utcOffsetMinutes: number): CandidConsentMessage {
    return { GenericDisplayMessage: messageText(message, utcOffsetMinutes) };
}

function toFields({ intent, lines }: ConsentMessage): CandidConsentMessage {
    return { FieldsDisplayMessage: { intent, fields: lines.map(({ label, value }) => [label, toValue(value)]) } };
}

function toValue(value: DisplayValue): CandidDisplayValue {
    switch (value.kind) {
        case 'amount': {
            const { amount, decimals, symbol } = value;
            return { TokenAmount: { amount, decimals, symbol } };
        }
        case 'time':
            return { TimestampSeconds: { amount: value.seconds } };
        case 'text':
            return { Text: { content: value.text } };
    }
}
