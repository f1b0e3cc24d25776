import { Principal } from '@dfinity/principal';
import { closeSync, fdatasync, mkdirSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fromHex, toHex } from '../../core/bytes';
import { parseJson } from '../../core/json';
import type { KeptReceipt, ReceiptStore } from './ports';
import { isSignedBy } from './receipts';

const digits = z.string().regex(/^\d{1,20}$/);

const Slot = z.object({
    canister: z.string(),
    sessionId: digits,
    publicKey: z.string().length(64),
    calls: z.int().nonnegative(),
    units: digits,
    digest: z.string().length(64),
    signature: z.string().length(128)
});

/** A slot is longer than any receipt in JSON. */
const SLOT_BYTES = 1_024;
const NAME = /^\d{1,20}\.receipt$/;
/** How long a power failure can turn time back; the end of the process alone loses nothing. */
const SYNC_MS = 1_000;

interface Held {
    readonly file: number;
    kept: KeptReceipt;
    writes: number;
    sync?: NodeJS.Timeout;
}

/**
 * Receipts as files of a folder, one per session, of two slots that are written by turns: whatever interrupts the writing of
 * one leaves the other. Written synchronously, since a receipt is small and comes some times a second. What is read counts
 * only with its signature.
 */
export class ReceiptFiles implements ReceiptStore {
    private readonly held = new Map<bigint, Held>();

    /** Opens or makes the folder, its owner's alone; one process at a time. */
    constructor(private readonly folder: string) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        for (const name of readdirSync(folder).filter((each) => NAME.test(each))) {
            const kept = newest(readFileSync(join(folder, name)));
            if (kept !== undefined && name === fileOf(kept.receipt.sessionId)) this.open(kept, 'r+');
            else unlinkSync(join(folder, name));
        }
    }

    all(): readonly KeptReceipt[] {
        return [...this.held.values()].map(({ kept }) => kept);
    }

    get(sessionId: bigint): KeptReceipt | undefined {
        return this.held.get(sessionId)?.kept;
    }

    keep(kept: KeptReceipt): void {
        const held = this.held.get(kept.receipt.sessionId) ?? this.open(kept, 'w+');
        held.kept = kept;
        const slot = Buffer.alloc(SLOT_BYTES, ' ');
        slot.write(toSlot(kept));
        slot.write('\n', SLOT_BYTES - 1);
        writeSync(held.file, slot, 0, SLOT_BYTES, (held.writes++ % 2) * SLOT_BYTES);
        held.sync ??= setTimeout(() => this.sync(held), SYNC_MS).unref();
    }

    forget(sessionId: bigint): void {
        const held = this.held.get(sessionId);
        if (held === undefined) return;
        this.held.delete(sessionId);
        clearTimeout(held.sync);
        closeSync(held.file);
        unlinkSync(this.pathOf(sessionId));
    }

    private open(kept: KeptReceipt, flags: 'r+' | 'w+'): Held {
        const { sessionId } = kept.receipt;
        const held: Held = { file: openSync(this.pathOf(sessionId), flags, 0o600), kept, writes: 0 };
        this.held.set(sessionId, held);
        // Both slots, so that the next write leaves one of them whole.
        if (flags === 'r+') for (let slot = 0; slot < 2; slot++) this.keep(kept);
        return held;
    }

    private sync(held: Held): void {
        held.sync = undefined;
        // What cannot be synced is written all the same; the gateway says it again to a node that asks.
        fdatasync(held.file, () => undefined);
    }

    private pathOf(sessionId: bigint): string {
        return join(this.folder, fileOf(sessionId));
    }
}

function fileOf(sessionId: bigint): string {
    return `${sessionId}.receipt`;
}

function toSlot({ receipt, signature, publicKey }: KeptReceipt): string {
    const { gateway, sessionId, calls, units, digest } = receipt;
    const fields: z.output<typeof Slot> = {
        canister: gateway.toText(),
        sessionId: `${sessionId}`,
        publicKey: toHex(publicKey),
        calls,
        units: `${units}`,
        digest: toHex(digest),
        signature: toHex(signature)
    };
    return JSON.stringify(fields);
}

function newest(content: Buffer): KeptReceipt | undefined {
    const slots = [content.subarray(0, SLOT_BYTES), content.subarray(SLOT_BYTES)].flatMap((slot) => fromSlot(slot));
    return slots.sort((a, b) => b.receipt.calls - a.receipt.calls)[0];
}

function fromSlot(slot: Buffer): readonly KeptReceipt[] {
    const parsed = Slot.safeParse(parseJson(slot.toString('utf8').trim()));
    if (!parsed.success) return [];
    const { canister, sessionId, publicKey, calls, units, digest, signature } = parsed.data;
    const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array();
    try {
        const kept = {
            receipt: {
                gateway: Principal.fromText(canister),
                sessionId: BigInt(sessionId),
                calls,
                units: BigInt(units),
                digest: bytes(digest)
            },
            signature: bytes(signature),
            publicKey: bytes(publicKey)
        };
        return isSignedBy(kept.publicKey, kept) ? [kept] : [];
    } catch {
        // No principal, or no key.
        return [];
    }
}
