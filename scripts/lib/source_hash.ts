import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { projectRoot } from './project';

/** Hash of files and of everything below folders, by their paths relative to the project's root. Generated Candid does not count. */
export async function hashSources(paths: readonly string[]): Promise<string> {
    const hash = createHash('sha256');
    for (const path of paths) {
        for (const file of await filesBelow(join(projectRoot(), path))) {
            if (file.endsWith('.did') || file.includes(`${sep}.azle${sep}`)) continue;
            hash.update(relative(projectRoot(), file)).update('\0');
            hash.update(await readFile(file)).update('\0');
        }
    }
    return hash.digest('hex');
}

async function filesBelow(path: string): Promise<readonly string[]> {
    const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => undefined);
    if (entries === undefined) return [path];
    return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
        .sort();
}
