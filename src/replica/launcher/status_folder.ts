/** The folder by which a launcher tells that its network is up, and by whose emptiness it is known to be down. */
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `status.json` of the launcher's specification. */
export interface LauncherStatus {
    readonly v: '1';
    readonly gateway_port: number;
    /** Hexadecimal, DER. */
    readonly root_key: string;
    readonly instance_id: number;
    readonly config_port: number;
    readonly default_effective_canister_id: string;
    readonly supported_features: readonly string[];
}

/** Written in one step, so that no reader sees half of it. */
export async function writeStatus(folder: string, status: LauncherStatus): Promise<void> {
    await mkdir(folder, { recursive: true });
    const staging = join(folder, `.status.json.${process.pid}`);
    await writeFile(staging, `${JSON.stringify(status)}\n`);
    await rename(staging, join(folder, 'status.json'));
}

/** Empties the folder and removes it where that is possible: it may be a mount point. */
export async function removeStatus(folder: string): Promise<void> {
    const names = await readdir(folder).catch(() => []);
    await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })));
    await rmdir(folder).catch(() => undefined);
}
