import { IDL } from 'azle';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { unreachable } from '../../../src/core/assert';
import { fromCandidAccount, toCandidAccount, type CandidAccount } from '../../../src/core/account';
import type { CandidResult } from '../../../src/core/result';
import type { FeeCollectorRefusal } from '../domain/errors';
import { hashLater } from '../jobs/hash_blocks';
import { books, env, governance, ledger } from '../wiring';
import { Account, type Opt } from './idl';
import { toOpt } from './mappers';

const SetFeeCollectorArgs = IDL.Record({ fee_collector: IDL.Opt(Account), created_at_time: IDL.Nat64 });
interface CandidSetFeeCollectorArgs {
    fee_collector: Opt<CandidAccount>;
    created_at_time: bigint;
}

const GenericError = IDL.Record({ error_code: IDL.Nat, message: IDL.Text });
const SetFeeCollectorResult = IDL.Variant({
    Ok: IDL.Nat,
    Err: IDL.Variant({
        AccessDenied: IDL.Text,
        InvalidAccount: IDL.Text,
        Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
        GenericError
    })
});
type CandidSetFeeCollectorError =
    | { AccessDenied: string }
    | { InvalidAccount: string }
    | { Duplicate: { duplicate_of: bigint } }
    | { GenericError: { error_code: bigint; message: string } };
type CandidSetFeeCollectorResult = CandidResult<bigint, CandidSetFeeCollectorError>;

const GetFeeCollectorResult = IDL.Variant({ Ok: IDL.Opt(Account), Err: IDL.Variant({ GenericError }) });
type CandidGetFeeCollectorResult = CandidResult<Opt<CandidAccount>, never>;

const ACCESS_DENIED = { AccessDenied: 'only governance or a controller sets the fee collector' };
const INVALID_ACCOUNT = { InvalidAccount: 'fees cannot go to the minting account or the anonymous principal' };

/** ICRC-107: who takes the fees. */
export class Icrc107 {
    /** Role: governance or a controller. Applies from the answered block on; without a collector, fees are burned. */
    @update([SetFeeCollectorArgs], SetFeeCollectorResult, SERVED_WHILE_PAUSED)
    icrc107_set_fee_collector(args: CandidSetFeeCollectorArgs): CandidSetFeeCollectorResult {
        const caller = env.caller();
        if (!governance.isHeldBy(caller) && !env.isController(caller)) return { Err: ACCESS_DENIED };
        const [given] = args.fee_collector;
        const account = given && fromCandidAccount(given);
        if (account?.ok === false) return { Err: { InvalidAccount: 'a subaccount has 32 bytes' } };
        const order = { caller, feeCollector: account?.value, createdAtNs: args.created_at_time };
        const result = ledger.setFeeCollector(order, env.nowNs());
        hashLater();
        return result.ok ? { Ok: result.value } : { Err: toError(result.error) };
    }

    @query([], GetFeeCollectorResult)
    icrc107_get_fee_collector(): CandidGetFeeCollectorResult {
        const { feeCollector } = books.token.settings();
        return { Ok: toOpt(feeCollector && toCandidAccount(feeCollector)) };
    }
}

function toError(refusal: FeeCollectorRefusal): CandidSetFeeCollectorError {
    switch (refusal.kind) {
        case 'invalid_account':
            return INVALID_ACCOUNT;
        case 'duplicate':
            return { Duplicate: { duplicate_of: refusal.duplicateOf } };
        case 'too_old':
            return { GenericError: { error_code: 101n, message: 'created_at_time is too old' } };
        case 'created_in_future':
            return { GenericError: { error_code: 102n, message: 'created_at_time is in the future' } };
        case 'temporarily_unavailable':
            return { GenericError: { error_code: 103n, message: 'too many transactions are remembered' } };
        default:
            return unreachable(refusal);
    }
}
