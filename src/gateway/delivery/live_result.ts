import { toHex } from '../../core/bytes';
import { createHash } from 'node:crypto';
import type { DeliveryFrame } from '../../core/compute/direct_delivery';
import { err, ok, type Result } from '../../core/result';

/** A result that a node has handed over. */
export interface DirectResult {
    readonly output: Uint8Array;
    readonly details?: Uint8Array;
}

/** Why a delivery is not taken further. */
export type IntakeProblem = 'superseded' | 'diverged' | 'too_large' | 'malformed' | 'wrong_hash';

export interface IntakeLimits {
    readonly maxBytes: number;
}

/**
 * The result of one job as it arrives, from one attempt after the other. What listeners have heard can only be continued:
 * an attempt that says something else has come too late.
 */
export class LiveResult {
    private heard = '';
    private latest = 0;
    private result: DirectResult | undefined;
    private readonly listeners = new Set<(text: string) => void>();
    private readonly end = new Occasion();
    private readonly leave = new Occasion();
    private readonly conflict = new Occasion();

    /** Aborted when the result is complete. */
    get settled(): AbortSignal {
        return this.end.signal;
    }

    /** Aborted when nobody waits any more. */
    get abandoned(): AbortSignal {
        return this.leave.signal;
    }

    /** Aborted when an attempt cannot continue what was heard: listeners will get no end. */
    get diverged(): AbortSignal {
        return this.conflict.signal;
    }

    get finished(): DirectResult | undefined {
        return this.result;
    }

    /** Hears all text from the beginning; answers how to stop. */
    listen(listener: (text: string) => void): () => void {
        this.listeners.add(listener);
        if (this.heard !== '') listener(this.heard);
        return () => this.listeners.delete(listener);
    }

    /** Nobody waits any more. */
    abandon(): void {
        this.leave.come();
    }

    /** Opens the intake of an attempt; a newer attempt ends the older ones. */
    intake(attempt: number, limits: IntakeLimits): Intake | undefined {
        if (attempt < this.latest || this.result !== undefined) return undefined;
        this.latest = attempt;
        return new Intake(this, attempt, limits);
    }

    isLatest(attempt: number): boolean {
        return attempt === this.latest;
    }

    /**
     * Takes over the text of an attempt so far, whose last piece is new; the rest was taken before. Whether it fits to what was
     * heard. Only the piece is looked at: a text has as many pieces as tokens.
     */
    advance(text: string, piece: string): boolean {
        if (this.listeners.size === 0) {
            this.heard = text;
            return true;
        }
        const from = text.length - piece.length;
        const known = Math.max(0, Math.min(this.heard.length - from, piece.length));
        if (known > 0 && !piece.startsWith(this.heard.slice(from, from + known))) {
            this.conflict.come();
            return false;
        }
        if (known < piece.length) {
            this.heard = text;
            for (const listener of this.listeners) listener(piece.slice(known));
        }
        return true;
    }

    /** Takes a complete result, whichever way it came. Whether it fits to what was heard. */
    finish(result: DirectResult, text: string): boolean {
        if (this.result !== undefined) return true;
        if (this.listeners.size > 0 && text.length < this.heard.length) this.conflict.come();
        else if (this.advance(text, text)) this.result = result;
        if (this.result !== undefined) this.end.come();
        return this.result !== undefined;
    }
}

/** Something that happens once. Its signal is made for whoever asks: a session's call has none, and each costs microseconds. */
class Occasion {
    private hasCome = false;
    private controller: AbortController | undefined;

    get signal(): AbortSignal {
        this.controller ??= new AbortController();
        if (this.hasCome) this.controller.abort(this);
        return this.controller.signal;
    }

    come(): void {
        this.hasCome = true;
        this.controller?.abort(this);
    }
}

/** One attempt's delivery, line by line. */
export class Intake {
    private text = '';
    private readonly pieces: Buffer[] = [];
    private length = 0;

    constructor(
        private readonly live: LiveResult,
        private readonly attempt: number,
        private readonly limits: IntakeLimits
    ) {}

    /** Takes one line; the last one completes the result. */
    take(frame: DeliveryFrame): Result<'more' | 'complete', IntakeProblem> {
        if (!this.live.isLatest(this.attempt)) return err('superseded');
        switch (frame.kind) {
            case 'text':
                return this.takeText(frame.text);
            case 'bytes':
                return this.takeBytes(Buffer.from(frame.base64, 'base64'));
            case 'end':
                return this.complete(frame.outputHash, frame.details);
        }
    }

    private takeText(text: string): Result<'more', IntakeProblem> {
        if (this.pieces.length > 0) return err('malformed');
        this.length += Buffer.byteLength(text);
        if (this.length > this.limits.maxBytes) return err('too_large');
        this.text += text;
        return this.live.advance(this.text, text) ? ok('more') : err('diverged');
    }

    private takeBytes(piece: Buffer): Result<'more', IntakeProblem> {
        this.length += piece.length;
        if (this.length > this.limits.maxBytes) return err('too_large');
        this.pieces.push(piece);
        return ok('more');
    }

    private complete(outputHash: string, details: string): Result<'complete', IntakeProblem> {
        const output = Uint8Array.from(Buffer.concat([Buffer.from(this.text, 'utf8'), ...this.pieces]));
        const hash = toHex(Uint8Array.from(createHash('sha256').update(output).digest()));
        if (hash !== outputHash) return err('wrong_hash');
        const result = { output, details: details === '' ? undefined : new TextEncoder().encode(details) };
        return this.live.finish(result, this.text) ? ok('complete') : err('diverged');
    }
}
