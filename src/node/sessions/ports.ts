import type { Principal } from '@dfinity/principal';
import type { SessionReceipt } from '../../core/compute/session_receipt';
import type { Result } from '../../core/result';
import type { Refusal } from '../ports';

/** A session that this node holds. */
export interface HeldSession {
    readonly sessionId: bigint;
    readonly appId: string;
    /** The canister that keeps it. */
    readonly canister: Principal;
    /** Whose signatures count; 32 bytes. */
    readonly publicKey: Uint8Array;
    readonly maxUnits: bigint;
    /** The gateway that calls. */
    readonly replyUrl: string;
}

/** A receipt that the payer has signed. */
export interface SignedReceipt {
    readonly receipt: SessionReceipt;
    /** 64 bytes. */
    readonly signature: Uint8Array;
}

/** Sessions as a node sees them. Every method throws `PortUnavailable` when the canister cannot be asked. */
export interface SessionSource {
    /** The live sessions of this node; a free query. */
    mySessions(): Promise<readonly HeldSession[]>;
    /** Brings the latest receipt; the last one ends the session. Without any, nothing was signed for. */
    settle(session: HeldSession, signed: SignedReceipt | undefined, isFinal: boolean): Promise<Result<void, Refusal>>;
}
