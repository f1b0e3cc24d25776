/** Checkpoints and journals of one network, numbered: `checkpoint-<n>` is where `journal-<n>` begins. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CoreImage } from '../core';
import type { NetworkInput } from '../state/api';
import { readCheckpoint, writeCheckpoint } from './checkpoint';
import { privateFile, syncFolder } from './files';
import { Journal } from './journal';

/** Journals beyond this are worth a checkpoint. */
const longJournalBytes = 32 * 1024 * 1024;

/** Journal and checkpoints in a folder. */
export class StateStore {
    readonly #folder: string;
    #number: number;
    #journal: Journal | undefined;

    /** `durable`: each record reaches the disk before `record` returns. */
    constructor(
        folder: string,
        readonly durable = false
    ) {
        this.#folder = folder;
        this.#number = 0;
    }

    /**
     * When the network began. Asked once and written down: without a checkpoint the journal's inputs count from it, and a
     * later beginning would have all of them happen at once, since clocks do not go back.
     */
    genesisNs(nowNs: () => bigint): bigint {
        const path = join(this.#folder, 'genesis');
        if (existsSync(path)) return BigInt(readFileSync(path, 'utf8').trim());
        const genesisNs = nowNs();
        const whole = `${path}.new`;
        writeFileSync(whole, `${genesisNs}\n`, { mode: privateFile, flush: this.durable });
        renameSync(whole, path);
        return genesisNs;
    }

    /** The newest whole checkpoint; undefined for a network that never made one. */
    load(): CoreImage | undefined {
        for (const number of this.#numbers('checkpoint')) {
            const image = readCheckpoint(this.#path('checkpoint', number), hashOf);
            if (image === undefined) continue;
            this.#number = number;
            return image;
        }
        return undefined;
    }

    /** Hands the inputs since the checkpoint to `replay`, and is ready to record the next ones. */
    resume(replay: (input: NetworkInput) => void): void {
        this.#journal = this.#open(this.#number, replay);
        this.#removeOthers();
    }

    record(input: NetworkInput): void {
        this.#journal?.append(input);
    }

    /** Whether the journal is long enough for a checkpoint. */
    get isLong(): boolean {
        return (this.#journal?.bytes ?? 0) > longJournalBytes;
    }

    /** Writes the image down, and begins a new journal. Nothing is done when nothing was recorded since the last one. */
    checkpoint(image: () => CoreImage): void {
        if (this.#journal === undefined || this.#journal.bytes === 0) return;
        const next = this.#number + 1;
        writeCheckpoint(this.#path('checkpoint', next), image());
        this.#journal.close();
        this.#number = next;
        this.#journal = this.#open(next, () => undefined);
        this.#removeOthers();
    }

    close(): void {
        this.#journal?.close();
        this.#journal = undefined;
    }

    #open(number: number, replay: (input: NetworkInput) => void): Journal {
        const journal = Journal.open(this.#path('journal', number), replay, this.durable);
        // The file's own entry, and that of the checkpoint or the beginning that it goes on from.
        if (this.durable) syncFolder(this.#folder);
        return journal;
    }

    #path(name: 'checkpoint' | 'journal', number: number): string {
        return join(this.#folder, `${name}-${number}`);
    }

    /** Newest first. */
    #numbers(name: string): readonly number[] {
        const pattern = new RegExp(`^${name}-(\\d+)$`);
        const numbers = readdirSync(this.#folder).map((file) => Number(pattern.exec(file)?.[1] ?? Number.NaN));
        return numbers.filter(Number.isInteger).sort((a, b) => b - a);
    }

    /** Older pairs, torn newer ones, and what a killed process was writing. */
    #removeOthers(): void {
        const kept = new Set([`checkpoint-${this.#number}`, `journal-${this.#number}`]);
        for (const file of readdirSync(this.#folder)) {
            if (/^(checkpoint|journal)-\d+(\.new)?$/.test(file) && !kept.has(file)) rmSync(join(this.#folder, file));
        }
    }
}

function hashOf(module: Uint8Array): string {
    return createHash('sha256').update(module).digest('hex');
}
