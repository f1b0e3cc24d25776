import { createPublicKey, verify } from 'node:crypto';
import { Principal } from '@dfinity/principal';
import { fromHex } from '../../core/bytes';
import { lineProofBytes, PROOF_MAX_AGE_MS } from '../../core/compute/session_wire';

const PROOF = /^Node ([0-9a-f]{88})\.(\d{1,15})\.([0-9a-f]{128})$/;

/** Takes the proofs with which nodes open lines, each once: see `LineProof`. */
export class LineGate {
    /** Signatures that were taken, with the time at which they are too old anyway; oldest first. */
    private readonly taken = new Map<string, number>();

    constructor(
        private readonly canister: Principal,
        private readonly gatewayUrl: () => string,
        private readonly nowMs: () => number = Date.now
    ) {}

    /** The node that proves itself, as text; undefined when it does not. */
    nodeOf(sessionId: bigint, authorization = ''): string | undefined {
        const [, key = '', at = '', signature = ''] = PROOF.exec(authorization) ?? [];
        const der = fromHex(key) ?? new Uint8Array();
        const atMs = Number(at);
        const isFresh = at !== '' && Math.abs(this.nowMs() - atMs) <= PROOF_MAX_AGE_MS;
        if (!isFresh || this.taken.has(signature) || !this.isSigned(sessionId, der, at, signature)) return undefined;
        this.remember(signature, atMs + 2 * PROOF_MAX_AGE_MS);
        return Principal.selfAuthenticating(der).toText();
    }

    private isSigned(sessionId: bigint, der: Uint8Array, at: string, signature: string): boolean {
        const proof = { canister: this.canister, sessionId, gatewayUrl: this.gatewayUrl(), atMs: BigInt(at) };
        try {
            const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
            const isEd25519 = key.asymmetricKeyType === 'ed25519';
            return isEd25519 && verify(null, lineProofBytes(proof), key, Buffer.from(signature, 'hex'));
        } catch {
            return false;
        }
    }

    private remember(signature: string, untilMs: number): void {
        for (const [old, oldUntilMs] of this.taken) {
            if (oldUntilMs > this.nowMs()) break;
            this.taken.delete(old);
        }
        this.taken.set(signature, untilMs);
    }
}
