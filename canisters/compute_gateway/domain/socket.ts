import { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';

/**
 * A compute socket (domain.md A.1.8): a token that stands for units of one app, bought in advance. Whoever owns it uses it;
 * each use pays the node that has done the work, when it is done.
 */
export interface Socket {
    /** From 1 on. */
    readonly id: bigint;
    readonly owner: Account;
    readonly appId: string;
    readonly unitPriceCredits: bigint;
    readonly minted: bigint;
    /** Neither used nor reserved; `minted = left + reserved + used` (G3). */
    readonly left: bigint;
    /** Of jobs that have not ended. */
    readonly reserved: bigint;
    readonly mintedAtNs: bigint;
    /** The hub has put the credits into the socket's purse. */
    readonly isFunded: boolean;
    /** Its neighbours among its owner's sockets, in the order in which they came; 0 at the ends. */
    readonly next: bigint;
    readonly previous: bigint;
}

/** A socket whose credits the hub is being asked for. */
export interface PendingMint {
    readonly requestId: bigint;
    readonly minter: Principal;
    readonly to: Account;
    readonly appId: string;
    readonly units: bigint;
    readonly unitPriceCredits: bigint;
}

/** What an account owns: the ends of its list, and how many there are. */
export interface Holding {
    readonly first: bigint;
    readonly last: bigint;
    readonly count: bigint;
}

export interface Approval {
    readonly spender: Account;
    readonly expiresAtNs?: bigint;
    readonly memo?: Uint8Array;
    readonly createdAtNs: bigint;
}

const PURSE_TAG = new TextEncoder().encode('emc-socket');
/** Ends the ids that the network gives to nobody (interface specification, "Reserved ids"). */
const RESERVED = 0x7f;

/** The account at the hub that holds a socket's credits: nobody can call as it. */
export function purseOf(socketId: bigint): Principal {
    const bytes = new Uint8Array(PURSE_TAG.length + 9);
    bytes.set(PURSE_TAG);
    new DataView(bytes.buffer).setBigUint64(PURSE_TAG.length, socketId);
    bytes[bytes.length - 1] = RESERVED;
    return Principal.fromUint8Array(bytes);
}
