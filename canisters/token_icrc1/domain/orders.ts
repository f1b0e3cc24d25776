import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';

/** `icrc1_transfer`, as the caller gave it: fields that were left out stay out. */
export interface TransferOrder {
    readonly from: Account;
    readonly to: Account;
    /** Base units; any size. */
    readonly amount: bigint;
    readonly fee?: bigint;
    readonly memo?: Uint8Array;
    readonly createdAtNs?: bigint;
}

/** `icrc2_transfer_from`: somebody else moves the tokens of `from`. */
export interface TransferFromOrder extends TransferOrder {
    readonly spender: Account;
}

/** `icrc2_approve` */
export interface ApproveOrder {
    readonly from: Account;
    readonly spender: Account;
    /** Base units; any size. */
    readonly amount: bigint;
    readonly expectedAllowance?: bigint;
    readonly expiresAtNs?: bigint;
    readonly fee?: bigint;
    readonly memo?: Uint8Array;
    readonly createdAtNs?: bigint;
}

/** `icrc107_set_fee_collector`; without a collector, fees are burned. */
export interface FeeCollectorOrder {
    readonly caller: Principal;
    readonly feeCollector?: Account;
    readonly createdAtNs: bigint;
}
