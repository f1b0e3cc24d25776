import type { Ic0Name } from '../../wasm/ic0';

/**
 * Instructions that a System API call costs besides the wasm `call` itself (replica.md d.1, checked against the replica's
 * table of overheads with wasm-native stable memory, where sizes are free and growth costs 100).
 */
const DEFAULT_OVERHEAD = 500n;
const OVERHEADS: Partial<Readonly<Record<Ic0Name, bigint>>> = {
    call_new: 1_500n,
    call_perform: 5_000n,
    is_controller: 1_000n,
    performance_counter: 200n,
    debug_print: 100n,
    cost_http_request_v2: 10_000n,
    stable_size: 0n,
    stable64_size: 0n,
    stable_grow: 100n,
    stable64_grow: 100n,
    stable_read: 20n,
    stable64_read: 20n,
    stable_write: 20n,
    stable64_write: 20n
};

/** Bytes that leave the sandbox (replies, rejects, call arguments, logs) count this many times. */
export const TRANSMISSION_FACTOR = 50n;
/** Price of a 4 KiB page of stable memory that an execution writes to for the first time. */
export const DIRTY_PAGE = 1_000n;

interface ByteCharge {
    /** Positions of the arguments that hold sizes. */
    readonly sizes: readonly number[];
    readonly factor: bigint;
}

const copied = (...sizes: number[]): ByteCharge => ({ sizes, factor: 1n });
const transmitted = (size: number): ByteCharge => ({ sizes: [size], factor: TRANSMISSION_FACTOR });

const BYTE_CHARGES: Partial<Readonly<Record<Ic0Name, ByteCharge>>> = {
    msg_arg_data_copy: copied(2),
    msg_caller_copy: copied(2),
    msg_caller_info_data_copy: copied(2),
    msg_caller_info_signer_copy: copied(2),
    msg_reject_msg_copy: copied(2),
    msg_method_name_copy: copied(2),
    canister_self_copy: copied(2),
    subnet_self_copy: copied(2),
    root_key_copy: copied(2),
    data_certificate_copy: copied(2),
    certified_data_set: copied(1),
    is_controller: copied(1),
    call_new: copied(1, 3),
    cost_http_request_v2: copied(1),
    cost_sign_with_ecdsa: copied(1),
    cost_sign_with_schnorr: copied(1),
    cost_vetkd_derive_key: copied(1),
    env_var_name_copy: copied(3),
    env_var_value_copy: copied(4),
    trap: copied(1),
    stable_read: copied(2),
    stable64_read: copied(2),
    stable_write: copied(2),
    stable64_write: copied(2),
    msg_reply_data_append: transmitted(1),
    msg_reject: transmitted(1),
    call_data_append: transmitted(1)
};

/** Price of one call of `name` with already decoded arguments. */
export function chargeOf(name: Ic0Name): (args: readonly (number | bigint)[]) => bigint {
    const overhead = OVERHEADS[name] ?? DEFAULT_OVERHEAD;
    const bytes = BYTE_CHARGES[name];
    if (bytes === undefined) return () => overhead;
    const { sizes, factor } = bytes;
    return (args) => sizes.reduce((sum, at) => sum + factor * BigInt(args[at] ?? 0), overhead);
}
