import type { Principal } from '@dfinity/principal';
import { productBytes } from '../../../src/core/poc/product';
import type { StateTables } from './records';
import type { ValidatorSet } from './validators';

/** Methods that only a member of the validator set has a use for. */
const VALIDATORS: ReadonlySet<string> = new Set([
    'request_poc',
    'attest_poc',
    'propose_state',
    'vote_state',
    'submit_commitment',
    'attest_commitment'
]);
/** Methods that only a registered node has a use for. */
const NODES: ReadonlySet<string> = new Set([
    'report_status',
    'propose_wallet',
    'unregister_node',
    'apply_validator',
    'accept_poc',
    'submit_poc',
    'file_impeachment',
    'vote_case',
    'create_pool',
    'join_pool',
    'leave_pool'
]);
/** Longest sensible arguments in bytes, by method; what is not listed has {@link OTHER_BYTES}. */
const LIMITS: Readonly<Record<string, number>> = {
    /** 128 items of some 45 bytes. */
    propose_state: 8_192,
    /** 32 apps of 64 characters, up to three bytes each. */
    report_status: 8_192,
    /** A hundred principals. */
    admit_validators: 4_096
};
const OTHER_BYTES = 2_048;
/** An argument besides the payload in it. */
const MARGIN_BYTES = 256;
/** `DIDL`: what every Candid message begins with. */
const MAGIC = [0x44, 0x49, 0x44, 0x4c];

/** A message from outside the network, before it is executed. */
export interface Ingress {
    readonly method: string;
    readonly argument: Uint8Array;
    readonly caller: Principal;
}

/**
 * Whether a message of a user is worth its cost. Nobody's, those of strangers that only a node or a validator could mean,
 * what is no Candid, and what is larger than any limit are not: the method would refuse them as well, after the canister
 * has paid for them. Calls from other canisters pay for themselves and do not come by here.
 */
export function isWorthwhile(
    tables: Pick<StateTables, 'config' | 'nodes'>,
    validators: ValidatorSet,
    { method, argument, caller }: Ingress
): boolean {
    if (caller.isAnonymous()) return false;
    if (argument.length > maxBytes(tables, method) || MAGIC.some((byte, i) => argument[i] !== byte)) return false;
    if (VALIDATORS.has(method)) return validators.has(caller);
    return !NODES.has(method) || tables.nodes.has(caller);
}

function maxBytes(tables: Pick<StateTables, 'config'>, method: string): number {
    if (method === 'submit_poc') return productBytes(tables.config.get().pocDimension) + MARGIN_BYTES;
    return LIMITS[method] ?? OTHER_BYTES;
}
