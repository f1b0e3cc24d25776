/** A Redis of its own: on a socket in a folder of its own, without persistence, gone afterwards. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Program } from './program';

/** Why there can be none here. */
export async function missingRedis(): Promise<string | undefined> {
    const version = await promisify(execFile)('redis-server', ['--version']).catch(() => undefined);
    return version === undefined ? 'no redis-server on this machine' : undefined;
}

/** Runs the work with the path of the server's socket. */
export async function withRedis<T>(work: (socket: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'emc-redis-'));
    const socket = join(folder, 'redis.sock');
    const options = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '', '--appendonly', 'no'];
    const redis = new Program('redis', options, /[Rr]eady to accept connections/, 'redis-server');
    try {
        await redis.start();
        return await work(socket);
    } finally {
        await redis.stop();
        await rm(folder, { recursive: true, force: true });
    }
}
