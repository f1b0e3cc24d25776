import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { hashLater } from '../jobs/hash_blocks';
import { env, ledger } from '../wiring';
import {
    Allowance,
    AllowanceArgs,
    ApproveArgs,
    ApproveResult,
    TransferFromArgs,
    TransferFromResult,
    type CandidAllowance,
    type CandidAllowanceArgs,
    type CandidApproveArgs,
    type CandidApproveResult,
    type CandidTransferFromArgs,
    type CandidTransferFromResult
} from './idl';
import {
    fromApproveArgs,
    fromTransferFromArgs,
    queriedAccount,
    toAllowance,
    toApproveResult,
    toTransferFromResult
} from './mappers';

/** ICRC-2. Anyone may call every method, the anonymous principal included, as the standard has it. */
export class Icrc2 {
    /** Role: the owner of the account that it approves from. */
    @update([ApproveArgs], ApproveResult, SERVED_WHILE_PAUSED)
    icrc2_approve(args: CandidApproveArgs): CandidApproveResult {
        const order = fromApproveArgs(env.caller(), args);
        const result = order.ok ? ledger.approve(order.value, env.nowNs()) : order;
        hashLater();
        return toApproveResult(result);
    }

    /** Role: the owner of the account that was approved. */
    @update([TransferFromArgs], TransferFromResult, SERVED_WHILE_PAUSED)
    icrc2_transfer_from(args: CandidTransferFromArgs): CandidTransferFromResult {
        const order = fromTransferFromArgs(env.caller(), args);
        const result = order.ok ? ledger.transferFrom(order.value, env.nowNs()) : order;
        hashLater();
        return toTransferFromResult(result);
    }

    @query([AllowanceArgs], Allowance)
    icrc2_allowance(args: CandidAllowanceArgs): CandidAllowance {
        const from = queriedAccount(args.account);
        const spender = queriedAccount(args.spender);
        if (from === undefined || spender === undefined) return toAllowance();
        return toAllowance(ledger.allowance(from, spender, env.nowNs()));
    }
}
