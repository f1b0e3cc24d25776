import { createHmac, randomBytes } from 'node:crypto';
import { toHex } from '../../core/bytes';
import { ackHash } from '../../core/compute/direct_delivery';

/**
 * Secrets that acknowledge results, one per submission: the same for the same submission, so that concurrent repetitions
 * of it agree, and unknown to everybody else. They change with the process, since a client may use a key anew after a day;
 * those that an earlier process has given its word by are restored.
 */
export class Acks {
    private readonly key = randomBytes(32);
    private readonly restored = new Map<string, Uint8Array>();

    /** The secret of a submission; 32 bytes. */
    secretOf(keyHash: Uint8Array, idempotencyKey: string): Uint8Array {
        const restored = this.restored.get(nameOf(keyHash, idempotencyKey));
        if (restored !== undefined) return restored;
        const mac = createHmac('sha256', this.key).update(keyHash).update(idempotencyKey);
        return Uint8Array.from(mac.digest());
    }

    /** What the canister is told beforehand. */
    hashOf(keyHash: Uint8Array, idempotencyKey: string): Uint8Array {
        return ackHash(this.secretOf(keyHash, idempotencyKey));
    }

    /** A submission of an earlier process is open still; the answer ends that. */
    restore(keyHash: Uint8Array, idempotencyKey: string, secret: Uint8Array): () => void {
        const name = nameOf(keyHash, idempotencyKey);
        this.restored.set(name, secret);
        return () => this.restored.delete(name);
    }
}

function nameOf(keyHash: Uint8Array, idempotencyKey: string): string {
    return `${toHex(keyHash)} ${idempotencyKey}`;
}
