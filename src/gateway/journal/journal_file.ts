import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Another living process writes to this journal. */
export class JournalInUse extends Error {
    constructor(
        readonly path: string,
        readonly pid: number
    ) {
        super(`${path} is used by process ${pid}`);
        this.name = 'JournalInUse';
    }
}

interface Pending {
    readonly line: string;
    readonly resolve: () => void;
    readonly reject: (reason: unknown) => void;
}

const CHECK_LENGTH = 16;

/**
 * An append-only file of JSON records, one per line behind a checksum. A record is durable (fsync) when `append` resolves;
 * records that come together share one fsync. A line that a crash has torn is left out when the file is read again.
 */
export class JournalFile {
    private queue: Pending[] = [];
    private tail: Promise<void> = Promise.resolve();

    private constructor(
        private readonly path: string,
        private handle: FileHandle
    ) {}

    /** Opens or makes the file, readable by its owner only, and reads what is in it. @throws {@link JournalInUse} */
    static async open(path: string): Promise<{ readonly journal: JournalFile; readonly records: readonly unknown[] }> {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await lock(path);
        const text = await readFile(path, 'utf8').catch(() => '');
        const handle = await open(path, 'a', 0o600);
        // A torn last line must not swallow the next record.
        if (text !== '' && !text.endsWith('\n')) await handle.write('\n');
        return { journal: new JournalFile(path, handle), records: text.split('\n').flatMap(parseLine) };
    }

    /** Resolves when the record is on the disk. */
    append(record: object): Promise<void> {
        return new Promise((resolve, reject) => {
            this.queue.push({ line: toLine(record), resolve, reject });
            if (this.queue.length === 1) this.next((batch) => this.write(batch));
        });
    }

    /**
     * Replaces everything by a snapshot. It is taken when its turn has come, so that it holds whatever was appended until
     * then; later records follow it.
     */
    rewrite(snapshot: () => readonly object[]): Promise<void> {
        return this.next(() => this.replace(snapshot().map(toLine).join('')));
    }

    async close(): Promise<void> {
        await this.tail;
        await this.handle.close();
        await unlink(`${this.path}.lock`).catch(() => undefined);
    }

    /** One piece of work after the other; each makes all that is queued by then durable. */
    private next(work: (batch: readonly Pending[]) => Promise<void>): Promise<void> {
        const done = this.tail.then(async () => {
            const batch = this.queue.splice(0);
            try {
                await work(batch);
                for (const { resolve } of batch) resolve();
            } catch (failure) {
                for (const { reject } of batch) reject(failure);
                if (batch.length === 0) throw failure;
            }
        });
        this.tail = done.catch(() => undefined);
        return done;
    }

    private async write(batch: readonly Pending[]): Promise<void> {
        if (batch.length === 0) return;
        await this.handle.write(batch.map(({ line }) => line).join(''));
        await this.handle.datasync();
    }

    private async replace(content: string): Promise<void> {
        const temporary = `${this.path}.new`;
        const handle = await open(temporary, 'w', 0o600);
        await handle.write(content);
        await handle.sync();
        await handle.close();
        await rename(temporary, this.path);
        await syncFolder(dirname(this.path));
        await this.handle.close();
        this.handle = await open(this.path, 'a', 0o600);
    }
}

function toLine(record: object): string {
    const json = JSON.stringify(record);
    return `${checkOf(json)} ${json}\n`;
}

function parseLine(line: string): readonly unknown[] {
    const json = line.slice(CHECK_LENGTH + 1);
    return line.length > CHECK_LENGTH && checkOf(json) === line.slice(0, CHECK_LENGTH) ? [JSON.parse(json)] : [];
}

function checkOf(json: string): string {
    return createHash('sha256').update(json).digest('hex').slice(0, CHECK_LENGTH);
}

/** A folder's own entry must be on the disk as well. Not every system lets folders be opened. */
async function syncFolder(path: string): Promise<void> {
    const folder = await open(path, 'r').catch(() => undefined);
    await folder?.sync().catch(() => undefined);
    await folder?.close();
}

/** The lock of a process that has died is taken over. */
async function lock(path: string): Promise<void> {
    const file = `${path}.lock`;
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (pid > 0 && pid !== process.pid && isAlive(pid)) throw new JournalInUse(path, pid);
    await writeFile(file, `${process.pid}`, { mode: 0o600 });
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
}
