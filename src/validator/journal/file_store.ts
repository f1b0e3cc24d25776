import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JournalStore } from './journal';

const OWNER_ONLY = 0o600;

/** A journal in a file: each line is forced to the disk before the next step, a half-written last line is left out. */
export function fileStore(path: string): JournalStore {
    let isLinked = false;
    return {
        async read() {
            const text = await readFile(path, 'utf8').catch((failure: unknown) => {
                if (isMissing(failure)) return '';
                throw failure;
            });
            // Half a line from a crash must not swallow the one that is written next.
            if (text !== '' && !text.endsWith('\n')) await writeDurably(path, 'a', '\n');
            return text.split('\n').slice(0, -1);
        },
        async append(line) {
            await mkdir(dirname(path), { recursive: true });
            await writeDurably(path, 'a', `${line}\n`);
            // A new file is only there after a power failure when its folder is on the disk too.
            if (!isLinked) await syncFolder(path);
            isLinked = true;
        },
        async replace(lines) {
            const temporary = `${path}.new`;
            await writeDurably(temporary, 'w', lines.map((line) => `${line}\n`).join(''));
            await rename(temporary, path);
            await syncFolder(path);
        }
    };
}

async function writeDurably(path: string, flags: 'a' | 'w', text: string): Promise<void> {
    const file = await open(path, flags, OWNER_ONLY);
    try {
        await file.writeFile(text);
        await file.sync();
    } finally {
        await file.close();
    }
}

/** Forces a file's name to the disk; where folders cannot be opened (Windows), the file system sees to it. */
async function syncFolder(path: string): Promise<void> {
    if (process.platform === 'win32') return;
    const folder = await open(dirname(path), 'r');
    try {
        await folder.sync();
    } finally {
        await folder.close();
    }
}

function isMissing(failure: unknown): boolean {
    return typeof failure === 'object' && failure !== null && 'code' in failure && failure.code === 'ENOENT';
}
