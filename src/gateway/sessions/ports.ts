import type { SessionReceipt } from '../../core/compute/session_receipt';
import type { Result } from '../../core/result';
import type { SubmitRefusal } from '../ports';

/** A session that the gateway wants: a node's time for one key and one model, prepaid. */
export interface SessionRequest {
    readonly appId: string;
    /** SHA-256 of the API key: who pays. */
    readonly keyHash: Uint8Array;
    /** Signs the receipts; 32 bytes. */
    readonly publicKey: Uint8Array;
    readonly maxCredits: bigint;
    readonly ttlS: bigint;
}

export interface SessionView {
    readonly sessionId: bigint;
    /** Nobody can use it any more. */
    readonly isClosed: boolean;
    /** Units that all calls may come to. */
    readonly maxUnits: bigint;
    /** The node that holds it, as text. */
    readonly node?: string;
}

/** Sessions as the gateway sees them. Every method throws `PortUnavailable` when the canister cannot be asked. */
export interface SessionPort {
    /** The same public key again is the same session. */
    open(request: SessionRequest): Promise<Result<SessionView, SubmitRefusal>>;
    get(sessionId: bigint): Promise<SessionView | undefined>;
    /**
     * Says what is owed; the rest goes back. Without it, what is settled by then is owed. `StaleReceipt`: the node has had more
     * settled; any other refusal means that the session has ended.
     */
    close(sessionId: bigint, owed: SessionReceipt | undefined): Promise<Result<void, 'StaleReceipt' | 'Refused'>>;
}
