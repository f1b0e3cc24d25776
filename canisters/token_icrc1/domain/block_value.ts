import { unreachable } from '../../../src/core/assert';
import type { Account } from '../../../src/core/account';
import { accountValue, type Icrc3Entry, type Icrc3Value } from '../../../src/core/icrc3/value';
import type { Block } from './journal';
import type { Requested, Transaction } from './transaction';

/** Operation of a transaction in ICRC-3's `tx.op`. */
export const OPERATIONS = { mint: 'mint', burn: 'burn', transfer: 'xfer', approve: 'approve' } as const;

/** `btype` and `tx.mthd` of ICRC-107. The older kinds carry no `btype`, because the official index knows them by `op`. */
export const FEE_COLLECTOR_TYPE = '107feecol';
export const FEE_COLLECTOR_METHOD = '107set_fee_collector';

/** The ICRC-3 form of a block, keys in the official ledger's order: by name. */
export function blockValue(block: Block, parentHash: Uint8Array | undefined): Icrc3Value {
    const isFeeCollector = block.transaction.kind === 'fee_collector';
    return mapOf({
        btype: isFeeCollector ? { Text: FEE_COLLECTOR_TYPE } : undefined,
        fee: natOf(block.fee),
        phash: blobOf(parentHash),
        ts: { Nat: block.tsNs },
        tx: transactionValue(block.transaction)
    });
}

function transactionValue(transaction: Transaction): Icrc3Value {
    switch (transaction.kind) {
        case 'mint':
        case 'burn':
        case 'transfer':
        case 'approve':
            return operationValue(transaction);
        case 'fee_collector':
            return mapOf({
                caller: { Blob: transaction.caller.toUint8Array() },
                fee_collector: transaction.feeCollector && accountValue(transaction.feeCollector),
                mthd: { Text: FEE_COLLECTOR_METHOD },
                ts: { Nat: transaction.createdAtNs }
            });
        default:
            return unreachable(transaction);
    }
}

/** Any operation: all but amount and what {@link Requested} has depends on its kind. */
interface Operation extends Requested {
    readonly kind: keyof typeof OPERATIONS;
    readonly from?: Account;
    readonly to?: Account;
    readonly spender?: Account;
    readonly fee?: bigint;
    readonly expectedAllowance?: bigint;
    readonly expiresAtNs?: bigint;
}

function operationValue(operation: Operation): Icrc3Value {
    return mapOf({
        amt: { Nat: operation.amount },
        expected_allowance: natOf(operation.expectedAllowance),
        expires_at: natOf(operation.expiresAtNs),
        fee: natOf(operation.fee),
        from: operation.from && accountValue(operation.from),
        memo: blobOf(operation.memo),
        op: { Text: OPERATIONS[operation.kind] },
        spender: operation.spender && accountValue(operation.spender),
        to: operation.to && accountValue(operation.to),
        ts: natOf(operation.createdAtNs)
    });
}

/** A map of the entries that are there. */
function mapOf(fields: Readonly<Record<string, Icrc3Value | undefined>>): Icrc3Value {
    const entries: Icrc3Entry[] = [];
    for (const key in fields) {
        const value = fields[key];
        if (value !== undefined) entries.push([key, value]);
    }
    return { Map: entries };
}

function natOf(value: bigint | undefined): Icrc3Value | undefined {
    return value === undefined ? undefined : { Nat: value };
}

function blobOf(value: Uint8Array | undefined): Icrc3Value | undefined {
    return value && { Blob: value };
}
