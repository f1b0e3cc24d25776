/**
 * What this validator has said, written down before it is sent: after a crash it may say the same again, never something
 * else about the same height and round.
 */
export interface Statement {
    readonly kind: 'propose' | 'vote';
    readonly height: bigint;
    readonly round: number;
    /** Hexadecimal. */
    readonly hash: string;
    readonly yes: boolean;
}

/** Where the journal is kept. */
export interface JournalStore {
    /** Everything that was appended completely. */
    read(): Promise<readonly string[]>;
    /** Resolves when the line is on the disk. */
    append(line: string): Promise<void>;
    /** Replaces the whole content, at once or not at all. */
    replace(lines: readonly string[]): Promise<void>;
}

/** Heights behind the newest that are kept: nobody asks for votes on older ones. */
const KEPT_HEIGHTS = 64n;
/** Lines at which the journal is written anew. */
const COMPACT_AT = 4_096;

/** The statements of one log, told apart by the chain's id. */
export class Journal {
    private readonly statements = new Map<string, Statement>();
    private lines = 0;
    private last: Promise<void> = Promise.resolve();

    private constructor(
        private readonly store: JournalStore,
        /** Hexadecimal chain id: what was said about another log, or before a new installation, does not bind. */
        private readonly chain: string
    ) {}

    static async open(store: JournalStore, chain: string): Promise<Journal> {
        const journal = new Journal(store, chain);
        for (const line of await store.read()) {
            journal.lines += 1;
            const statement = parseLine(line, chain);
            if (statement !== undefined) journal.statements.set(keyOf(statement), statement);
        }
        return journal;
    }

    /** Whether the statement may be sent; it is on the disk when this resolves to true. One statement after the other. */
    allow(statement: Statement): Promise<boolean> {
        const decided = this.last.then(() => this.decide(statement));
        this.last = decided.then(
            () => undefined,
            () => undefined
        );
        return decided;
    }

    private async decide(statement: Statement): Promise<boolean> {
        const said = this.statements.get(keyOf(statement));
        if (said !== undefined) return said.hash === statement.hash && said.yes === statement.yes;
        await this.store.append(formatLine(statement, this.chain));
        this.statements.set(keyOf(statement), statement);
        this.lines += 1;
        if (this.lines >= COMPACT_AT) await this.compact(statement.height);
        return true;
    }

    private async compact(height: bigint): Promise<void> {
        for (const [key, statement] of this.statements) {
            if (statement.height + KEPT_HEIGHTS < height) this.statements.delete(key);
        }
        const kept = [...this.statements.values()].map((statement) => formatLine(statement, this.chain));
        await this.store.replace(kept);
        this.lines = kept.length;
    }
}

function keyOf({ kind, height, round }: Statement): string {
    return `${kind} ${height} ${round}`;
}

function formatLine({ kind, height, round, hash, yes }: Statement, chain: string): string {
    return [chain, kind, height, round, hash, yes ? 'yes' : 'no'].join(' ');
}

const LINE = /^([0-9a-f]+) (propose|vote) (\d+) (\d+) ([0-9a-f]{64}) (yes|no)$/;

/** The statement of a line; undefined when it is about another log, or was not written to its end. */
function parseLine(line: string, chain: string): Statement | undefined {
    const [, lineChain, kind, height, round, hash, verdict] = LINE.exec(line) ?? [];
    if (lineChain !== chain || height === undefined || hash === undefined) return undefined;
    return {
        kind: kind === 'propose' ? 'propose' : 'vote',
        height: BigInt(height),
        round: Number(round),
        hash,
        yes: verdict === 'yes'
    };
}
