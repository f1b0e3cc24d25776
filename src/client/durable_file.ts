import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o600;

/** Writes or appends, and forces it to the disk; a file that is made is its owner's alone. */
export async function writeDurably(path: string, flags: 'a' | 'w', content: string | Uint8Array): Promise<void> {
    const file = await open(path, flags, OWNER_ONLY);
    try {
        await file.writeFile(content);
        await file.sync();
    } finally {
        await file.close();
    }
}

/** Puts the whole content in a file's place, or leaves the file as it was, whenever the machine stops. */
export async function replaceDurably(path: string, content: string | Uint8Array): Promise<void> {
    const temporary = `${path}.new`;
    await writeDurably(temporary, 'w', content);
    await rename(temporary, path);
    await syncFolderOf(path);
}

/** Forces a file's name to the disk; where folders cannot be opened (Windows), the file system sees to it. */
export async function syncFolderOf(path: string): Promise<void> {
    if (process.platform === 'win32') return;
    const folder = await open(dirname(path), 'r');
    try {
        await folder.sync();
    } finally {
        await folder.close();
    }
}

export function isMissingFile(failure: unknown): boolean {
    return typeof failure === 'object' && failure !== null && 'code' in failure && failure.code === 'ENOENT';
}
