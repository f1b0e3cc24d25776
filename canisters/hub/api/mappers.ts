/** Candid ⇄ domain: keys, requests and accounts. */
import { DEFAULT_SUBACCOUNT, fromCandidAccount, type Account } from '../../../src/core/account';
import type { Principal } from '@dfinity/principal';
import { err, ok, type Result } from '../../../src/core/result';
import type { ApiKey, NewKey, Origin } from '../domain/api_keys';
import type { CreditAccount } from '../domain/credit_book';
import type { ErrorOf, HubError } from '../domain/errors';
import type { KeyLimits, KeyUse } from '../domain/key_limits';
import type {
    CandidAccountView,
    CandidApiKeyView,
    CandidCreateApiKeyArgs,
    CandidKeyCheck,
    CandidKeyLimits,
    CandidOrigin,
    CandidResultOf
} from './idl';
import type { Blob, Opt } from './idl_errors';
import { toError } from './mappers_errors';

export function toOpt<T>(value: T | undefined): Opt<T> {
    return value === undefined ? [] : [value];
}

export function fromOpt<T>([value]: Opt<T>): T | undefined {
    return value;
}

export function toBytes(blob: Blob): Uint8Array {
    return blob instanceof Uint8Array ? blob : Uint8Array.from(blob);
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

export function toAccountView(account: CreditAccount): CandidAccountView {
    return { ...account };
}

/** An account of the caller, which pays or is paid. */
export function fromOwnAccount(owner: Principal, subaccount: Opt<Blob>): Result<Account, ErrorOf<'InvalidArgument'>> {
    const account = fromCandidAccount({ owner, subaccount });
    return account.ok
        ? ok({ owner, subaccount: account.value.subaccount ?? DEFAULT_SUBACCOUNT })
        : err({ kind: 'InvalidArgument', detail: 'a subaccount has 32 bytes' });
}

export function fromCreateApiKey({ label, key_hash }: CandidCreateApiKeyArgs): NewKey {
    return { label, hash: toBytes(key_hash) };
}

export function fromKeyLimits(limits: CandidKeyLimits): KeyLimits {
    return {
        apps: fromOpt(limits.apps),
        nodes: fromOpt(limits.nodes),
        requestsPerMinute: fromOpt(limits.requests_per_minute),
        maxCredits: fromOpt(limits.max_credits)
    };
}

function toKeyLimits({ apps, nodes, requestsPerMinute, maxCredits }: KeyLimits): CandidKeyLimits {
    return {
        apps: toOpt(apps && [...apps]),
        nodes: toOpt(nodes && [...nodes]),
        requests_per_minute: toOpt(requestsPerMinute),
        max_credits: toOpt(maxCredits)
    };
}

export function fromHash(hash: Blob): Uint8Array {
    return toBytes(hash);
}

export function toOrigin(origin: Origin): CandidOrigin {
    return origin === 'Validator' ? { Validator: null } : { ApiUser: null };
}

export function toApiKeyView(key: ApiKey, use: KeyUse): CandidApiKeyView {
    return {
        key_hash: key.hash,
        label: key.label,
        origin: toOrigin(key.origin),
        created_at_ns: key.createdAtNs,
        revoked_at_ns: toOpt(key.revokedAtNs),
        limits: toKeyLimits(key.limits),
        held_credits: use.held,
        spent_credits: use.spent
    };
}

export function toKeyCheck({ owner, label, origin, limits }: ApiKey): CandidKeyCheck {
    return { owner, label, origin: toOrigin(origin), limits: toKeyLimits(limits) };
}
