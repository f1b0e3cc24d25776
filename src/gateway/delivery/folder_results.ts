import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isMissingFile, replaceDurably } from '../../client/durable_file';
import { parseJson } from '../../core/json';
import type { DirectResult } from './live_result';
import type { ResultStore } from './results';

export interface FolderLimits {
    /** Bytes of all outputs. */
    readonly capacityBytes: number;
    /** How long a result is kept. */
    readonly keepMs: number;
}

interface Kept {
    readonly bytes: number;
    readonly atMs: number;
}

/** First line of a file; the output follows it. */
const Head = z.object({ sha256: z.string(), details: z.base64().optional() });
const NAME = /^(\d{1,20})\.result$/;

/** Results as files of a folder, one per job, each forced to the disk: they outlive the process. */
export class FolderResults implements ResultStore {
    private bytes = 0;

    private constructor(
        private readonly folder: string,
        private readonly limits: FolderLimits,
        /** Oldest first. */
        private readonly kept: Map<bigint, Kept>,
        private readonly nowMs: () => number
    ) {
        for (const { bytes } of kept.values()) this.bytes += bytes;
    }

    /** Opens or makes the folder, its owner's alone; one process at a time. */
    static async open(folder: string, limits: FolderLimits, nowMs = Date.now): Promise<FolderResults> {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const found: [bigint, Kept][] = [];
        for (const name of await readdir(folder)) {
            const jobId = NAME.exec(name)?.[1];
            const path = join(folder, name);
            // What a crash has left half written.
            if (jobId === undefined) await remove(path);
            else {
                const { size, mtimeMs } = await stat(path);
                found.push([BigInt(jobId), { bytes: size, atMs: mtimeMs }]);
            }
        }
        found.sort(([, a], [, b]) => a.atMs - b.atMs);
        const store = new FolderResults(folder, limits, new Map(found), nowMs);
        await store.makeRoom();
        return store;
    }

    async put(jobId: bigint, { output, details }: DirectResult): Promise<void> {
        if (this.kept.has(jobId)) return;
        const head = { sha256: sha256Of(output), details: details && Buffer.from(details).toString('base64') };
        const content = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), output]);
        await replaceDurably(this.pathOf(jobId), content);
        this.kept.set(jobId, { bytes: content.length, atMs: this.nowMs() });
        this.bytes += content.length;
        await this.makeRoom();
    }

    /** A file that is not what was written is none. */
    async get(jobId: bigint): Promise<DirectResult | undefined> {
        const kept = this.kept.get(jobId);
        if (kept === undefined || this.isOld(kept)) return undefined;
        const content = await readFile(this.pathOf(jobId)).catch((failure: unknown) => {
            if (isMissingFile(failure)) return Buffer.alloc(0);
            throw failure;
        });
        const end = content.indexOf(10);
        const head = Head.safeParse(parseJson(content.subarray(0, Math.max(0, end)).toString('utf8')));
        const output = Uint8Array.from(content.subarray(end + 1));
        if (!head.success || head.data.sha256 !== sha256Of(output)) return undefined;
        const { details } = head.data;
        return { output, details: details === undefined ? undefined : Uint8Array.from(Buffer.from(details, 'base64')) };
    }

    private async makeRoom(): Promise<void> {
        for (const [jobId, kept] of [...this.kept]) {
            if (this.bytes <= this.limits.capacityBytes && !this.isOld(kept)) return;
            // Another call makes room at the same time.
            if (!this.kept.delete(jobId)) continue;
            this.bytes -= kept.bytes;
            await remove(this.pathOf(jobId));
        }
    }

    private isOld({ atMs }: Kept): boolean {
        return this.nowMs() - atMs > this.limits.keepMs;
    }

    private pathOf(jobId: bigint): string {
        return join(this.folder, `${jobId}.result`);
    }
}

async function remove(path: string): Promise<void> {
    await unlink(path).catch((failure: unknown) => {
        if (!isMissingFile(failure)) throw failure;
    });
}

function sha256Of(bytes: Uint8Array): string {
    return createHash('sha256').update(bytes).digest('hex');
}
