/** Calls to the EMC ledger (ICRC-1 and ICRC-2 names and fields). */
import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { callRemote, remoteMethod, type CallFailure } from '../../../src/azle/c2c';
import { effectiveSubaccount, toCandidAccount, type Account, type CandidAccount } from '../../../src/core/account';
import { err, type Result } from '../../../src/core/result';
import type { LedgerAnswer, LedgerRefusal, LedgerTransfer } from '../../../src/core/transfer_intents';
import type { Obstacle } from '../jobs/settlement_peers';

type Opt<T> = [] | [T];

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

type LedgerError =
    | { BadFee: { expected_fee: bigint } }
    | { BadBurn: { min_burn_amount: bigint } }
    | { InsufficientFunds: { balance: bigint } }
    | { InsufficientAllowance: { allowance: bigint } }
    | { TooOld: null }
    | { CreatedInFuture: { ledger_time: bigint } }
    | { Duplicate: { duplicate_of: bigint } }
    | { TemporarilyUnavailable: null }
    | { GenericError: { error_code: bigint; message: string } };

type LedgerReply = { Ok: bigint } | { Err: LedgerError };

interface TransferArg {
    from_subaccount: Opt<Uint8Array>;
    to: CandidAccount;
    amount: bigint;
    fee: Opt<bigint>;
    memo: Opt<Uint8Array>;
    created_at_time: Opt<bigint>;
}

interface TransferFromArgs extends Omit<TransferArg, 'from_subaccount'> {
    spender_subaccount: Opt<Uint8Array>;
    from: CandidAccount;
}

const COMMON_ARGS = {
    to: CandidAccountType,
    amount: IDL.Nat,
    fee: IDL.Opt(IDL.Nat),
    memo: IDL.Opt(IDL.Vec(IDL.Nat8)),
    created_at_time: IDL.Opt(IDL.Nat64)
};

const icrc1Transfer = remoteMethod<[TransferArg], LedgerReply>(
    'icrc1_transfer',
    [IDL.Record({ ...COMMON_ARGS, from_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) })],
    IDL.Variant({ Ok: IDL.Nat, Err: IDL.Variant(COMMON_ERRORS) })
);

const icrc2TransferFrom = remoteMethod<[TransferFromArgs], LedgerReply>(
    'icrc2_transfer_from',
    [IDL.Record({ ...COMMON_ARGS, from: CandidAccountType, spender_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) })],
    IDL.Variant({
        Ok: IDL.Nat,
        Err: IDL.Variant({ ...COMMON_ERRORS, InsufficientAllowance: IDL.Record({ allowance: IDL.Nat }) })
    })
);

const icrc1BalanceOf = remoteMethod<[CandidAccount], bigint>('icrc1_balance_of', [CandidAccountType], IDL.Nat);

/** Asks the ledger for exactly this transfer; `Duplicate` is the success of an earlier attempt. */
export async function sendTransfer(ledger: Principal, transfer: LedgerTransfer): Promise<LedgerAnswer> {
    const common = {
        to: toCandidAccount(transfer.to),
        amount: transfer.amountE8s,
        fee: [transfer.feeE8s] satisfies Opt<bigint>,
        memo: [transfer.memo] satisfies Opt<Uint8Array>,
        created_at_time: [transfer.createdAtNs] satisfies Opt<bigint>
    };
    const reply =
        transfer.kind === 'push'
            ? await callRemote(ledger, icrc1Transfer, [
                  { ...common, from_subaccount: [effectiveSubaccount(transfer.from)] }
              ])
            : await callRemote(ledger, icrc2TransferFrom, [
                  { ...common, from: toCandidAccount(transfer.from), spender_subaccount: [] }
              ]);
    return toAnswer(reply);
}

export async function balanceOf(ledger: Principal, account: Account): Promise<Result<bigint, Obstacle>> {
    const reply = await callRemote(ledger, icrc1BalanceOf, [toCandidAccount(account)]);
    return reply.ok ? reply : err(`ledger: ${reply.error.message}`);
}

function toAnswer(reply: Result<LedgerReply, CallFailure>): LedgerAnswer {
    if (!reply.ok) return { kind: reply.error.outcome, message: reply.error.message };
    if ('Ok' in reply.value) return { kind: 'block', index: reply.value.Ok };
    const error = reply.value.Err;
    if ('Duplicate' in error) return { kind: 'block', index: error.Duplicate.duplicate_of };
    return { kind: 'refused', refusal: toRefusal(error) };
}

function toRefusal(error: Exclude<LedgerError, { Duplicate: unknown }>): LedgerRefusal {
    if ('BadFee' in error) return { kind: 'bad_fee', expectedE8s: error.BadFee.expected_fee };
    if ('BadBurn' in error) return { kind: 'bad_burn', minimumE8s: error.BadBurn.min_burn_amount };
    if ('InsufficientFunds' in error) {
        return { kind: 'insufficient_funds', balanceE8s: error.InsufficientFunds.balance };
    }
    if ('InsufficientAllowance' in error) {
        return { kind: 'insufficient_allowance', allowanceE8s: error.InsufficientAllowance.allowance };
    }
    if ('TooOld' in error) return { kind: 'too_old' };
    if ('CreatedInFuture' in error) return { kind: 'created_in_future' };
    if ('TemporarilyUnavailable' in error) return { kind: 'temporarily_unavailable' };
    return { kind: 'generic', message: error.GenericError.message };
}
