import { createHmac, randomBytes } from 'node:crypto';
import { ackHash } from '../../core/compute/direct_delivery';

/**
 * Secrets that acknowledge results, one per submission: the same for the same submission, so that concurrent repetitions
 * of it agree, and unknown to everybody else. They change with the process; what a node hands to another one it keeps.
 */
export class Acks {
    private readonly key = randomBytes(32);

    /** The secret of a submission; 32 bytes. */
    secretOf(keyHash: Uint8Array, idempotencyKey: string): Uint8Array {
        const mac = createHmac('sha256', this.key).update(keyHash).update(idempotencyKey);
        return Uint8Array.from(mac.digest());
    }

    /** What the canister is told beforehand. */
    hashOf(keyHash: Uint8Array, idempotencyKey: string): Uint8Array {
        return ackHash(this.secretOf(keyHash, idempotencyKey));
    }
}
