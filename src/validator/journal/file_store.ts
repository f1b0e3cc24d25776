import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissingFile, replaceDurably, syncFolderOf, writeDurably } from '../../client/durable_file';
import type { JournalStore } from './journal';

/** A journal in a file: each line is forced to the disk before the next step, a half-written last line is left out. */
export function fileStore(path: string): JournalStore {
    let isLinked = false;
    return {
        async read() {
            const text = await readFile(path, 'utf8').catch((failure: unknown) => {
                if (isMissingFile(failure)) return '';
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
            if (!isLinked) await syncFolderOf(path);
            isLinked = true;
        },
        replace: (lines) => replaceDurably(path, lines.map((line) => `${line}\n`).join(''))
    };
}
