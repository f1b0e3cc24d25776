import { unreachable } from '../../../src/core/assert';
import { fromCandidAccount, type Account, type CandidAccount } from '../../../src/core/account';
import { err, ok, toCandidResult, type Result } from '../../../src/core/result';
import type { Principal } from '@dfinity/principal';
import { NO_ALLOWANCE, type Allowance } from '../domain/allowances';
import {
    INVALID,
    invalid,
    type ApproveRefusal,
    type CommonRefusal,
    type Invalid,
    type TransferFromRefusal,
    type TransferRefusal
} from '../domain/errors';
import type { MetadataEntry, MetadataValue } from '../domain/metadata';
import type { ApproveOrder, TransferFromOrder, TransferOrder } from '../domain/orders';
import type {
    Blob,
    CandidAllowance,
    CandidApproveArgs,
    CandidApproveError,
    CandidApproveResult,
    CandidCommonError,
    CandidMetadataEntry,
    CandidMetadataValue,
    CandidTransferArg,
    CandidTransferError,
    CandidTransferFromArgs,
    CandidTransferFromError,
    CandidTransferFromResult,
    CandidTransferResult,
    Opt
} from './idl';

const MALFORMED = err(invalid('subaccount_length'));

/** The caller's account with the subaccount that it names. */
function accountOf(owner: Principal, subaccount: Opt<Blob>): Result<Account, Invalid> {
    return fromAccount({ owner, subaccount });
}

function fromAccount(account: CandidAccount): Result<Account, Invalid> {
    const read = fromCandidAccount(account);
    return read.ok ? read : MALFORMED;
}

function bytesOf(blob: Opt<Blob>): Uint8Array | undefined {
    return blob[0] === undefined ? undefined : Uint8Array.from(blob[0]);
}

/** Candid's `opt`. */
export function toOpt<T>(value: T | undefined): Opt<T> {
    return value === undefined ? [] : [value];
}

/** The order of an `icrc1_transfer` call; refuses subaccounts that are not 32 bytes long. */
export function fromTransferArg(caller: Principal, arg: CandidTransferArg): Result<TransferOrder, Invalid> {
    const from = accountOf(caller, arg.from_subaccount);
    const to = fromAccount(arg.to);
    if (!from.ok || !to.ok) return MALFORMED;
    return ok({
        from: from.value,
        to: to.value,
        amount: arg.amount,
        fee: arg.fee[0],
        memo: bytesOf(arg.memo),
        createdAtNs: arg.created_at_time[0]
    });
}

/** The order of an `icrc2_transfer_from` call; refuses subaccounts that are not 32 bytes long. */
export function fromTransferFromArgs(
    caller: Principal,
    args: CandidTransferFromArgs
): Result<TransferFromOrder, Invalid> {
    const spender = accountOf(caller, args.spender_subaccount);
    const from = fromAccount(args.from);
    const to = fromAccount(args.to);
    if (!spender.ok || !from.ok || !to.ok) return MALFORMED;
    return ok({
        spender: spender.value,
        from: from.value,
        to: to.value,
        amount: args.amount,
        fee: args.fee[0],
        memo: bytesOf(args.memo),
        createdAtNs: args.created_at_time[0]
    });
}

/** The order of an `icrc2_approve` call; refuses subaccounts that are not 32 bytes long. */
export function fromApproveArgs(caller: Principal, args: CandidApproveArgs): Result<ApproveOrder, Invalid> {
    const from = accountOf(caller, args.from_subaccount);
    const spender = fromAccount(args.spender);
    if (!from.ok || !spender.ok) return MALFORMED;
    return ok({
        from: from.value,
        spender: spender.value,
        amount: args.amount,
        expectedAllowance: args.expected_allowance[0],
        expiresAtNs: args.expires_at[0],
        fee: args.fee[0],
        memo: bytesOf(args.memo),
        createdAtNs: args.created_at_time[0]
    });
}

/** ICRC-1 `TransferError` for each refusal. */
export function toTransferResult(result: Result<bigint, TransferRefusal>): CandidTransferResult {
    return toCandidResult(result, same, toTransferError);
}

/** ICRC-2 `TransferFromError` for each refusal. */
export function toTransferFromResult(result: Result<bigint, TransferFromRefusal>): CandidTransferFromResult {
    return toCandidResult(result, same, toTransferFromError);
}

/** ICRC-2 `ApproveError` for each refusal. */
export function toApproveResult(result: Result<bigint, ApproveRefusal>): CandidApproveResult {
    return toCandidResult(result, same, toApproveError);
}

function same(index: bigint): bigint {
    return index;
}

function toTransferError(refusal: TransferRefusal): CandidTransferError {
    if (refusal.kind === 'bad_burn') return { BadBurn: { min_burn_amount: refusal.minBurnAmount } };
    return toCommonError(refusal);
}

function toTransferFromError(refusal: TransferFromRefusal): CandidTransferFromError {
    if (refusal.kind === 'insufficient_allowance') return { InsufficientAllowance: { allowance: refusal.allowance } };
    return toTransferError(refusal);
}

function toApproveError(refusal: ApproveRefusal): CandidApproveError {
    if (refusal.kind === 'expired') return { Expired: { ledger_time: refusal.ledgerTimeNs } };
    if (refusal.kind === 'allowance_changed') {
        return { AllowanceChanged: { current_allowance: refusal.currentAllowance } };
    }
    return toCommonError(refusal);
}

function toCommonError(refusal: CommonRefusal): CandidCommonError {
    switch (refusal.kind) {
        case 'invalid': {
            const { code, message } = INVALID[refusal.reason];
            return { GenericError: { error_code: code, message } };
        }
        case 'bad_fee':
            return { BadFee: { expected_fee: refusal.expectedFee } };
        case 'insufficient_funds':
            return { InsufficientFunds: { balance: refusal.balance } };
        case 'too_old':
            return { TooOld: null };
        case 'created_in_future':
            return { CreatedInFuture: { ledger_time: refusal.ledgerTimeNs } };
        case 'duplicate':
            return { Duplicate: { duplicate_of: refusal.duplicateOf } };
        case 'temporarily_unavailable':
            return { TemporarilyUnavailable: null };
        default:
            return unreachable(refusal);
    }
}

/** The account of a query; undefined when it is malformed: nobody can hold or approve anything there. */
export function queriedAccount(account: CandidAccount): Account | undefined {
    const read = fromAccount(account);
    return read.ok ? read.value : undefined;
}

/** ICRC-2 `Allowance`; without an argument, none. */
export function toAllowance(allowance: Allowance = NO_ALLOWANCE): CandidAllowance {
    return { allowance: allowance.amount, expires_at: toOpt(allowance.expiresAtNs) };
}

/** Metadata entries as ICRC-1 has them on the wire. */
export function toMetadata(entries: readonly MetadataEntry[]): CandidMetadataEntry[] {
    return entries.map(({ key, value }) => [key, toMetadataValue(value)]);
}

function toMetadataValue(entry: MetadataValue): CandidMetadataValue {
    switch (entry.kind) {
        case 'nat':
            return { Nat: entry.value };
        case 'int':
            return { Int: entry.value };
        case 'text':
            return { Text: entry.value };
        case 'blob':
            return { Blob: entry.value };
        default:
            return unreachable(entry);
    }
}

/** Metadata entries of an install or upgrade argument. */
export function fromMetadata(entries: readonly CandidMetadataEntry[]): readonly MetadataEntry[] {
    return entries.map(([key, value]) => ({ key, value: fromMetadataValue(value) }));
}

function fromMetadataValue(value: CandidMetadataValue): MetadataValue {
    if ('Nat' in value) return { kind: 'nat', value: value.Nat };
    if ('Int' in value) return { kind: 'int', value: value.Int };
    if ('Text' in value) return { kind: 'text', value: value.Text };
    return { kind: 'blob', value: Uint8Array.from(value.Blob) };
}
