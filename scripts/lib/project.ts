import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The command was started outside a checkout of the project. */
export class NoProject extends Error {
    constructor(readonly startedIn: string) {
        super(`no dfx.json in ${startedIn} or above`);
        this.name = 'NoProject';
    }
}

/** The checkout's root: EMC_ROOT, or the nearest folder above that holds dfx.json. */
export function projectRoot(): string {
    if (process.env.EMC_ROOT !== undefined) return process.env.EMC_ROOT;
    let folder = process.cwd();
    while (!existsSync(join(folder, 'dfx.json'))) {
        const parent = dirname(folder);
        if (parent === folder) throw new NoProject(process.cwd());
        folder = parent;
    }
    return folder;
}

/** Where the user called the command: the launcher begins in the root, wherever that was. */
export function userFolder(): string {
    return process.env.EMC_USER_FOLDER ?? process.cwd();
}

/** Folder of everything that can be made anew: builds, caches, local keys. Not committed. */
export function workFolder(...parts: string[]): string {
    return join(projectRoot(), '.emc', ...parts);
}
