import { beginsAsCandid } from '../../../src/core/candid/magic';

/** Longest sensible arguments in bytes, by method; what is not listed has {@link OTHER_BYTES}. */
const LIMITS: Readonly<Record<string, number>> = {
    icrc21_canister_call_consent_message: 2_048,
    icrc3_get_blocks: 4_096,
    set_archive_module: 8_192
};
const OTHER_BYTES = 1_024;
/** A chunk of 1 MiB and its type. */
const UPLOAD_BYTES = (1 << 20) + 64;
/** Memos that the limits allow for. */
const USUAL_MEMO_BYTES = 32;

/** A message from outside the network, before it is executed. */
export interface Ingress {
    readonly method: string;
    readonly argument: Uint8Array;
    readonly isController: boolean;
}

/**
 * Whether a message from outside deserves execution, decided by its size and first bytes alone: a message that nobody can
 * mean must not cost the ledger cycles. Calls from other canisters pay for themselves and do not come by here.
 */
export function acceptsIngress({ method, argument, isController }: Ingress, maxMemoBytes: number): boolean {
    const usual = (LIMITS[method] ?? OTHER_BYTES) + Math.max(0, maxMemoBytes - USUAL_MEMO_BYTES);
    const limit = isController && method === 'upload_archive_chunk' ? UPLOAD_BYTES : usual;
    return argument.length <= limit && beginsAsCandid(argument);
}
