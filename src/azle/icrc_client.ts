/** The ledger's methods that canisters call, and its answers in the words of src/core/transfer_intents.ts. */
import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { toCandidAccount, type Account, type CandidAccount } from '../core/account';
import { err, ok, type Result } from '../core/result';
import type { LedgerAnswer, LedgerRefusal, LedgerTransfer } from '../core/transfer_intents';
import { callRemote, remoteMethod, type CallFailure } from './c2c';

const CandidAccountType = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });

const COMMON_ERRORS = {
    BadFee: IDL.Record({ expected_fee: IDL.Nat }),
    BadBurn: IDL.Record({ min_burn_amount: IDL.Nat }),
    InsufficientFunds: IDL.Record({ balance: IDL.Nat }),
    TooOld: IDL.Null,
    CreatedInFuture: IDL.Record({ ledger_time: IDL.Nat64 }),
    Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
    TemporarilyUnavailable: IDL.Null,
    GenericError: IDL.Record({ error_code: IDL.Nat, message: IDL.Text })
};

type TransferError =
    | { BadFee: { expected_fee: bigint } }
    | { BadBurn: { min_burn_amount: bigint } }
    | { InsufficientFunds: { balance: bigint } }
    | { InsufficientAllowance: { allowance: bigint } }
    | { TooOld: null }
    | { CreatedInFuture: { ledger_time: bigint } }
    | { Duplicate: { duplicate_of: bigint } }
    | { TemporarilyUnavailable: null }
    | { GenericError: { error_code: bigint; message: string } };

type TransferResult = { Ok: bigint } | { Err: TransferError };

const icrc1Transfer = remoteMethod<[object], TransferResult>(
    'icrc1_transfer',
    [
        IDL.Record({
            from_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)),
            to: CandidAccountType,
            amount: IDL.Nat,
            fee: IDL.Opt(IDL.Nat),
            memo: IDL.Opt(IDL.Vec(IDL.Nat8)),
            created_at_time: IDL.Opt(IDL.Nat64)
        })
    ],
    IDL.Variant({ Ok: IDL.Nat, Err: IDL.Variant(COMMON_ERRORS) })
);

const icrc2TransferFrom = remoteMethod<[object], TransferResult>(
    'icrc2_transfer_from',
    [
        IDL.Record({
            spender_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)),
            from: CandidAccountType,
            to: CandidAccountType,
            amount: IDL.Nat,
            fee: IDL.Opt(IDL.Nat),
            memo: IDL.Opt(IDL.Vec(IDL.Nat8)),
            created_at_time: IDL.Opt(IDL.Nat64)
        })
    ],
    IDL.Variant({
        Ok: IDL.Nat,
        Err: IDL.Variant({ ...COMMON_ERRORS, InsufficientAllowance: IDL.Record({ allowance: IDL.Nat }) })
    })
);

const icrc1BalanceOf = remoteMethod<[CandidAccount], bigint>('icrc1_balance_of', [CandidAccountType], IDL.Nat);

const icrc1MintingAccount = remoteMethod<[], [] | [CandidAccount]>(
    'icrc1_minting_account',
    [],
    IDL.Opt(CandidAccountType)
);

/** Asks the ledger for one transfer: ICRC-1 `icrc1_transfer` for a push, ICRC-2 `icrc2_transfer_from` for a pull. */
export async function sendTransfer(ledger: Principal, transfer: LedgerTransfer): Promise<LedgerAnswer> {
    const common = {
        to: toCandidAccount(transfer.to),
        amount: transfer.amountE8s,
        fee: transfer.feeE8s === 0n ? [] : [transfer.feeE8s],
        memo: [transfer.memo],
        created_at_time: [transfer.createdAtNs]
    };
    const answer =
        transfer.kind === 'push'
            ? await callRemote(ledger, icrc1Transfer, [
                  { ...common, from_subaccount: toCandidAccount(transfer.from).subaccount }
              ])
            : await callRemote(ledger, icrc2TransferFrom, [
                  { ...common, spender_subaccount: [], from: toCandidAccount(transfer.from) }
              ]);
    return answer.ok ? fromTransferResult(answer.value) : fromFailure(answer.error);
}

/** Balance of an account, or why it could not be asked. */
export async function ledgerBalance(ledger: Principal, account: Account): Promise<Result<bigint, CallFailure>> {
    return callRemote(ledger, icrc1BalanceOf, [toCandidAccount(account)]);
}

/** The minting account, where a transfer is a burn; undefined when the ledger has none. */
export async function ledgerMintingAccount(ledger: Principal): Promise<Result<Account | undefined, CallFailure>> {
    const answer = await callRemote(ledger, icrc1MintingAccount, []);
    if (!answer.ok) return err(answer.error);
    const [account] = answer.value;
    if (account === undefined) return ok(undefined);
    const [subaccount] = account.subaccount;
    return ok({ owner: account.owner, ...(subaccount && { subaccount: Uint8Array.from(subaccount) }) });
}

function fromFailure(failure: CallFailure): LedgerAnswer {
    return { kind: failure.outcome, message: failure.message };
}

function fromTransferResult(result: TransferResult): LedgerAnswer {
    if ('Ok' in result) return { kind: 'block', index: result.Ok };
    if ('Duplicate' in result.Err) return { kind: 'block', index: result.Err.Duplicate.duplicate_of };
    return { kind: 'refused', refusal: fromTransferError(result.Err) };
}

function fromTransferError(error: Exclude<TransferError, { Duplicate: unknown }>): LedgerRefusal {
    if ('InsufficientFunds' in error)
        return { kind: 'insufficient_funds', balanceE8s: error.InsufficientFunds.balance };
    if ('InsufficientAllowance' in error) {
        return { kind: 'insufficient_allowance', allowanceE8s: error.InsufficientAllowance.allowance };
    }
    if ('BadFee' in error) return { kind: 'bad_fee', expectedE8s: error.BadFee.expected_fee };
    if ('BadBurn' in error) return { kind: 'bad_burn', minimumE8s: error.BadBurn.min_burn_amount };
    if ('TooOld' in error) return { kind: 'too_old' };
    if ('CreatedInFuture' in error) return { kind: 'created_in_future' };
    if ('TemporarilyUnavailable' in error) return { kind: 'temporarily_unavailable' };
    return { kind: 'generic', message: error.GenericError.message };
}
