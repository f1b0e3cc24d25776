import { toCandidAccount, type Account, type CandidAccount } from '../../../src/core/account';
import type { ArchivedRange } from '../domain/archives';
import type { HistoryPage } from '../domain/log_reader';
import type { Block } from '../domain/journal';
import { FEE_COLLECTOR_METHOD, FEE_COLLECTOR_TYPE } from '../domain/block_value';
import type { SetFeeCollector, Transaction } from '../domain/transaction';
import { toOpt } from './mappers';
import type { Opt } from './idl';
import type { CandidGetTransactionsResponse, CandidTransaction } from './idl_history';

/** A page of the log in the official ledger's older form. */
export function toGetTransactionsResponse(
    page: HistoryPage,
    archived: readonly ArchivedRange[]
): CandidGetTransactionsResponse {
    return {
        log_length: page.logLength,
        first_index: page.firstIndex,
        transactions: page.blocks.map(toTransaction),
        archived_transactions: archived.map(({ canister, start, end }) => ({
            start,
            length: end - start,
            callback: [canister, 'get_transactions']
        }))
    };
}

type Details = Partial<CandidTransaction>;

/** A block as the older interface and the index show it. */
export function toTransaction(block: Block): CandidTransaction {
    return {
        kind: block.transaction.kind,
        mint: [],
        burn: [],
        transfer: [],
        approve: [],
        fee_collector: [],
        timestamp: block.tsNs,
        ...detailsOf(block.transaction, block.fee)
    };
}

/** `charged`: the fee of the block, where the transaction names none. */
function detailsOf(transaction: Transaction, charged: bigint | undefined): Details {
    if (transaction.kind === 'fee_collector') return feeCollectorDetails(transaction);
    const { amount, memo, createdAtNs } = transaction;
    const common = { amount, memo: toOpt(memo), created_at_time: toOpt(createdAtNs) };
    switch (transaction.kind) {
        case 'mint':
            return { mint: [{ ...common, to: toCandidAccount(transaction.to) }] };
        case 'burn': {
            const { from, spender } = transaction;
            return { burn: [{ ...common, from: toCandidAccount(from), spender: toOptAccount(spender) }] };
        }
        case 'transfer': {
            const { from, to, spender, fee } = transaction;
            const accounts = { from: toCandidAccount(from), to: toCandidAccount(to), spender: toOptAccount(spender) };
            return { transfer: [{ ...common, ...accounts, fee: toOpt(fee ?? charged) }] };
        }
        case 'approve': {
            const { from, spender, fee, expectedAllowance, expiresAtNs } = transaction;
            const accounts = { from: toCandidAccount(from), spender: toCandidAccount(spender) };
            const limits = { expected_allowance: toOpt(expectedAllowance), expires_at: toOpt(expiresAtNs) };
            return { approve: [{ ...common, ...accounts, ...limits, fee: toOpt(fee ?? charged) }] };
        }
    }
}

function feeCollectorDetails({ caller, feeCollector, createdAtNs }: SetFeeCollector): Details {
    const set = { fee_collector: toOptAccount(feeCollector), caller: toOpt(caller), ts: toOpt(createdAtNs) };
    return { kind: FEE_COLLECTOR_TYPE, fee_collector: [{ ...set, mthd: [FEE_COLLECTOR_METHOD] }] };
}

function toOptAccount(account: Account | undefined): Opt<CandidAccount> {
    return account === undefined ? [] : [toCandidAccount(account)];
}
