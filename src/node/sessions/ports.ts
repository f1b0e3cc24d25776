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
    settle(
        session: Pick<HeldSession, 'sessionId'>,
        signed: SignedReceipt | undefined,
        isFinal: boolean
    ): Promise<Result<void, Refusal>>;
}

/** The newest signed receipt of a session, with the key that signed it. */
export interface KeptReceipt extends SignedReceipt {
    /** 32 bytes. */
    readonly publicKey: Uint8Array;
}

/** Signed receipts that are not settled for good: they must outlive the process, since nobody signs them again. */
export interface ReceiptStore {
    /** One of each session. */
    all(): readonly KeptReceipt[];
    get(sessionId: bigint): KeptReceipt | undefined;
    /** Takes the place of an earlier one of the session; when it returns, the end of the process does not lose it. */
    keep(kept: KeptReceipt): void;
    /** The session has ended, and nothing can be settled any more. */
    forget(sessionId: bigint): void;
}
