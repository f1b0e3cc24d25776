import type { Principal } from '@dfinity/principal';
import { beginsAsCandid } from '../../../src/core/candid/magic';
import type { GatewayTables } from './tables';

/** Bytes of an argument besides the payloads in it. */
const MARGIN_BYTES = 4_096;
/** Methods that bring a payload, and how many of them. */
const INPUTS: Readonly<Record<string, bigint>> = { submit_job: 1n, use_socket: 1n, submit_group: 16n };
const OUTPUTS: Readonly<Record<string, bigint>> = { complete_job: 1n, complete_jobs: 16n };
/** Methods that only nodes with an offer have a use for. */
const WORKERS: ReadonlySet<string> = new Set([
    'claim_jobs',
    'heartbeat',
    'complete_job',
    'complete_jobs',
    'fail_job',
    'goodbye',
    'settle_session'
]);
/** Bytes that a list of names and numbers may take: 64 leases, 32 apps. */
const MAX_SMALL_BYTES = 16_384;

/** A message from outside the network, before it is executed. */
export interface Ingress {
    readonly method: string;
    readonly argument: Uint8Array;
    readonly caller: Principal;
    /** Whether the method may change state. */
    readonly isUpdate: boolean;
}

/**
 * Whether a message of a user is worth its cost. Nobody's updates, those of strangers that only a node could mean, those that
 * are larger than any limit, and what is no Candid are not: the method would refuse them as well, after the canister
 * has paid for them. Who may read may also ask for a certified answer.
 */
export function isWorthwhile(tables: GatewayTables, { method, argument, caller, isUpdate }: Ingress): boolean {
    if ((caller.isAnonymous() && isUpdate) || !beginsAsCandid(argument)) return false;
    if (WORKERS.has(method) && !tables.attachments.has(caller)) return false;
    return argument.length <= maxArgumentBytes(tables, method);
}

function maxArgumentBytes(tables: GatewayTables, method: string): number {
    const { maxInputBytes, maxOutputBytes } = tables.limits.get();
    const inputs = (INPUTS[method] ?? 0n) * maxInputBytes;
    const outputs = (OUTPUTS[method] ?? 0n) * maxOutputBytes;
    return inputs + outputs === 0n ? MAX_SMALL_BYTES : Number(inputs + outputs) + MARGIN_BYTES;
}
