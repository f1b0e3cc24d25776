/** Candid ⇄ domain: keys, requests, accounts and errors. */
import { unreachable } from '../../../src/core/assert';
import { DEFAULT_SUBACCOUNT, fromCandidAccount, type Account } from '../../../src/core/account';
import type { Principal } from '@dfinity/principal';
import { err, ok, type Result } from '../../../src/core/result';
import type { ApiKey, NewKey, Origin } from '../domain/api_keys';
import type { CreditAccount } from '../domain/credit_book';
import type { ErrorOf, HubError } from '../domain/errors';
import type { CallRequest, FinalStatus, OpenRequest, Opened, RecordResult } from '../domain/requests';
import type {
    CandidAccountView,
    CandidApiKeyView,
    CandidCreateApiKeyArgs,
    CandidFinalStatus,
    CandidKeyCheck,
    CandidOpenedRequest,
    CandidOpenRequestArgs,
    CandidOrigin,
    CandidRecordResultArgs,
    CandidRequestStatus,
    CandidRequestView,
    CandidResultOf
} from './idl';
import type { Blob, CandidError, Opt } from './idl_errors';

export function toOpt<T>(value: T | undefined): Opt<T> {
    return value === undefined ? [] : [value];
}

function toBytes(blob: Blob): Uint8Array {
    return blob instanceof Uint8Array ? blob : Uint8Array.from(blob);
}

/** Total over the union: a new kind does not compile until it is mapped (E3). */
export function toError(error: HubError): CandidError {
    switch (error.kind) {
        case 'InvalidArgument':
        case 'TemporarilyUnavailable':
            return { [error.kind]: error.detail };
        case 'TooManyKeys':
            return { TooManyKeys: { max: error.max } };
        case 'InsufficientCredits':
            return { InsufficientCredits: { available: error.available } };
        case 'InsufficientAllowance':
            return { InsufficientAllowance: { allowance_e8s: error.allowanceE8s } };
        case 'InsufficientFunds':
            return { InsufficientFunds: { balance_e8s: error.balanceE8s } };
        case 'NotEnded':
            return { NotEnded: { ends_at_ns: error.endsAtNs } };
        case 'WrongWindow':
            return { WrongWindow: { expected: error.expected } };
        case 'Anonymous':
        case 'Unauthorized':
        case 'NotFound':
        case 'AlreadyExists':
        case 'KeyNotFound':
        case 'KeyRevoked':
        case 'DuplicateRequest':
        case 'AlreadyRecorded':
        case 'CreditsExceedReservation':
        case 'Busy':
        case 'AlreadySettled':
        case 'InProgress':
            return { [error.kind]: null };
        default:
            return unreachable(error);
    }
}

export function toResult<T, C>(result: Result<T, HubError>, toOk: (value: T) => C): CandidResultOf<C> {
    return result.ok ? { Ok: toOk(result.value) } : { Err: toError(result.error) };
}

/** The `Ok` of a result that is known to be a refusal. */
export function never(value: never): never {
    return value;
}

/** The `Ok : null` of methods that have nothing to tell. */
export function toNull(): null {
    return null;
}

export function toAccountView({ available, held, spent, bought }: CreditAccount): CandidAccountView {
    return { available, held, spent, bought };
}

/** The caller's account that a purchase is paid from. */
export function fromPayingAccount(
    owner: Principal,
    subaccount: Opt<Blob>
): Result<Account, ErrorOf<'InvalidArgument'>> {
    const account = fromCandidAccount({ owner, subaccount });
    return account.ok
        ? ok({ owner, subaccount: account.value.subaccount ?? DEFAULT_SUBACCOUNT })
        : err({ kind: 'InvalidArgument', detail: 'a subaccount has 32 bytes' });
}

export function fromCreateApiKey({ label, key_hash }: CandidCreateApiKeyArgs): NewKey {
    return { label, hash: toBytes(key_hash) };
}

export function fromHash(hash: Blob): Uint8Array {
    return toBytes(hash);
}

function toOrigin(origin: Origin): CandidOrigin {
    return origin === 'Validator' ? { Validator: null } : { ApiUser: null };
}

export function toApiKeyView(key: ApiKey): CandidApiKeyView {
    return {
        key_hash: key.hash,
        label: key.label,
        origin: toOrigin(key.origin),
        created_at_ns: key.createdAtNs,
        revoked_at_ns: toOpt(key.revokedAtNs)
    };
}

export function toKeyCheck({ owner, label, origin }: ApiKey): CandidKeyCheck {
    return { owner, label, origin: toOrigin(origin) };
}

export function fromOpenRequest(args: CandidOpenRequestArgs): OpenRequest {
    const { request_id: requestId, payer, app_id: appId, max_credits: maxCredits } = args;
    return {
        requestId,
        payer:
            'Principal' in payer
                ? { kind: 'Principal', owner: payer.Principal }
                : { kind: 'ApiKey', hash: toBytes(payer.ApiKey) },
        appId,
        maxCredits
    };
}

export function toOpenedRequest({ owner, origin }: Opened): CandidOpenedRequest {
    return { owner, origin: toOrigin(origin) };
}

export function fromRecordResult(args: CandidRecordResultArgs): RecordResult {
    const [receipt] = args.receipt_hash;
    return {
        requestId: args.request_id,
        node: args.node[0],
        status: fromFinalStatus(args.status),
        creditsUsed: args.credits_used,
        receiptHash: receipt === undefined ? undefined : toBytes(receipt)
    };
}

function fromFinalStatus(status: CandidFinalStatus): FinalStatus {
    if ('Success' in status) return 'Success';
    if ('Failed' in status) return 'Failed';
    return 'Timeout' in status ? 'Timeout' : 'Cancelled';
}

function toRequestStatus(status: FinalStatus | undefined): CandidRequestStatus {
    switch (status) {
        case undefined:
            return { Open: null };
        case 'Success':
            return { Success: null };
        case 'Failed':
            return { Failed: null };
        case 'Timeout':
            return { Timeout: null };
        case 'Cancelled':
            return { Cancelled: null };
    }
}

export function toRequestView(request: CallRequest): CandidRequestView {
    const { outcome } = request;
    return {
        request_id: request.requestId,
        owner: request.owner,
        origin: toOrigin(request.origin),
        app_id: request.appId,
        node: toOpt(outcome?.node),
        status: toRequestStatus(outcome?.status),
        credits_held: request.creditsHeld,
        credits_used: outcome?.creditsUsed ?? 0n,
        receipt_hash: toOpt(outcome?.receiptHash),
        opened_at_ns: request.openedAtNs,
        closed_at_ns: toOpt(outcome?.closedAtNs),
        window: toOpt(outcome?.window)
    };
}
