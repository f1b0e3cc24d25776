import { createHash } from 'node:crypto';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { isMissingFile, replaceDurably } from '../../client/durable_file';
import { lockFile, type ProcessLock } from '../../client/process_lock';

interface Pending {
    readonly line: string;
    readonly resolve: () => void;
    readonly reject: (reason: unknown) => void;
}

/** What of a file a journal uses. */
export type JournalHandle = Pick<FileHandle, 'appendFile' | 'datasync' | 'close'>;

const CHECK_LENGTH = 16;

/**
 * An append-only file of JSON records, one per line behind a checksum. A record is durable (fsync) when `append` resolves;
 * records that come together share one fsync. A line that a crash has torn is left out when the file is read again.
 */
export class JournalFile {
    private queue: Pending[] = [];
    private tail: Promise<void> = Promise.resolve();
    /** The file may end within a line. */
    private isTorn = false;

    private constructor(
        private readonly path: string,
        private handle: JournalHandle,
        private readonly lock: ProcessLock,
        private readonly openFile: (path: string) => Promise<JournalHandle>
    ) {}

    /**
     * Opens or makes the file, readable by its owner only, and reads what is in it.
     * @throws `AlreadyRunning` while another process writes to it
     */
    static async open(
        path: string,
        openFile: (path: string) => Promise<JournalHandle> = openToAppend
    ): Promise<{ readonly journal: JournalFile; readonly records: readonly unknown[] }> {
        const lock = await lockFile(path);
        const text = await readFile(path, 'utf8').catch((failure: unknown) => {
            if (isMissingFile(failure)) return '';
            throw failure;
        });
        const journal = new JournalFile(path, await openFile(path), lock, openFile);
        journal.isTorn = text !== '' && !text.endsWith('\n');
        return { journal, records: text.split('\n').flatMap(parseLine) };
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
        await this.lock.release();
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
        const lines = batch.map(({ line }) => line).join('');
        // What was torn must not swallow the next record.
        const start = this.isTorn ? '\n' : '';
        this.isTorn = true;
        await this.handle.appendFile(start + lines);
        this.isTorn = false;
        await this.handle.datasync();
    }

    private async replace(content: string): Promise<void> {
        await replaceDurably(this.path, content);
        await this.handle.close();
        this.handle = await this.openFile(this.path);
        this.isTorn = false;
    }
}

function openToAppend(path: string): Promise<FileHandle> {
    return open(path, 'a', 0o600);
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
