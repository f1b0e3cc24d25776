/** Files as this module needs them: append, read by position, all synchronous, because state must not run ahead of them. */
import { closeSync, fsyncSync, openSync, readSync, writevSync } from 'node:fs';
import type { ReadAt } from './records';

/** Only the owner may read a network's keys and state. */
export const privateFile = 0o600;
/** Mode of folders that hold secrets. */
export const privateFolder = 0o700;

/** Appends all parts, however the system splits the writing. */
export function append(file: number, parts: readonly Uint8Array[]): void {
    let rest = parts.filter((part) => part.length > 0);
    while (rest.length > 0) {
        let written = writevSync(file, rest);
        while (rest[0] !== undefined && written >= rest[0].length) {
            written -= rest[0].length;
            rest = rest.slice(1);
        }
        if (written > 0 && rest[0] !== undefined) rest = [rest[0].subarray(written), ...rest.slice(1)];
    }
}

/** Reads an open file by position; each answer is a buffer of its own. */
export function reader(file: number): ReadAt {
    return (position, length) => {
        const buffer = new Uint8Array(length);
        let done = 0;
        while (done < length) {
            const count = readSync(file, buffer, done, length - done, position + done);
            if (count === 0) return buffer.subarray(0, done);
            done += count;
        }
        return buffer;
    };
}

/** Opens the file, hands it on, and closes it in any case. */
export function withFile<T>(path: string, flags: string, use: (file: number) => T): T {
    const file = openSync(path, flags, privateFile);
    try {
        return use(file);
    } finally {
        closeSync(file);
    }
}

/** Makes renames and new files of a folder last. */
export function syncFolder(path: string): void {
    withFile(path, 'r', fsyncSync);
}
