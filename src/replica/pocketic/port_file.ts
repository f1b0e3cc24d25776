/** The file by which a PocketIC server tells its port, and by which a second one learns that it is not needed. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';

const probeTimeoutMs = 1000;

/** Whether a living server stands behind an existing port file. A file of a crashed one counts for nothing. */
export async function isServed(path: string): Promise<boolean> {
    const port = await readPort(path);
    if (port === undefined) {
        return false;
    }
    try {
        const response = await fetch(`http://127.0.0.1:${port}/status`, {
            signal: AbortSignal.timeout(probeTimeoutMs)
        });
        return response.ok;
    } catch {
        // Nobody answers there.
        return false;
    }
}

/** Writes `port` and a newline in one step, so that no reader sees half of it. */
export async function writePortFile(path: string, port: number): Promise<void> {
    const staging = `${path}.${process.pid}`;
    await writeFile(staging, `${port}\n`, { mode: 0o600 });
    await rename(staging, path);
}

/** Removes the file if it still names this port. */
export async function removePortFile(path: string, port: number): Promise<void> {
    if ((await readPort(path)) === port) {
        await rm(path, { force: true });
    }
}

async function readPort(path: string): Promise<number | undefined> {
    try {
        const port = Number.parseInt(await readFile(path, 'utf8'), 10);
        return Number.isInteger(port) ? port : undefined;
    } catch {
        // Not there, or not readable.
        return undefined;
    }
}
