import type { Writable } from 'node:stream';

/**
 * JSON values as lines of an HTTP body that stays open. Those of one turn of the event loop go out in one piece, since a
 * system call costs more than a line; a peer that leaves more than `maxUnsentBytes` unread loses the connection.
 */
export class LineWriter {
    private waiting = '';
    private turn: NodeJS.Immediate | undefined;

    constructor(
        private readonly body: Pick<Writable, 'write' | 'destroy' | 'destroyed' | 'writableEnded' | 'writableLength'>,
        private readonly maxUnsentBytes: number
    ) {}

    /** Nothing happens when the body has ended. */
    write(value: object): void {
        this.waiting += `${JSON.stringify(value)}\n`;
        this.turn ??= setImmediate(() => this.flush());
    }

    /** An empty line: the sender is there. */
    beat(): void {
        this.waiting += '\n';
        this.flush();
    }

    /** Hands over what waits; to be called before the body is ended. */
    flush(): void {
        clearImmediate(this.turn);
        this.turn = undefined;
        const { waiting, body } = this;
        this.waiting = '';
        if (waiting === '' || body.destroyed || body.writableEnded) return;
        body.write(waiting);
        if (body.writableLength > this.maxUnsentBytes) body.destroy();
    }
}
