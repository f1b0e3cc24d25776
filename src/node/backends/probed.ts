import type { BackendLoad } from '../ports';
import type { BackendServer } from './server';

/** What a look at a server tells. */
export interface ServerState {
    /** It answers and has the model. */
    readonly isUp: boolean;
    /** Requests that it runs at a time, where it tells. */
    readonly slots?: number;
    /** Requests that wait in its own queue, where it tells. */
    readonly waiting?: number;
}

/** Room of a server, by our own count and by what it says itself; looks again when the last look is too old. */
export class Probed {
    private state: ServerState = { isUp: false };
    private lookedAtMs = -Infinity;
    private looking: Promise<void> | undefined;

    constructor(
        private readonly server: BackendServer,
        private readonly maxAgeMs: number,
        private readonly look: () => Promise<ServerState>,
        private readonly nowMs: () => number = () => performance.now()
    ) {}

    /** A server with a queue of its own is given nothing more: what waits there would wait elsewhere for less. */
    async room(): Promise<number> {
        if (this.server.room === 0) return 0;
        if (this.nowMs() - this.lookedAtMs >= this.maxAgeMs) await (this.looking ??= this.lookAgain());
        const { isUp, slots, waiting = 0 } = this.state;
        if (!isUp || waiting > 0) return 0;
        const taken = this.server.options.slots - this.server.room;
        return Math.max(0, Math.min(this.server.room, slots === undefined ? Infinity : slots - taken));
    }

    /** As it was when it was last looked at. A server that the circuit breaker rests is down. */
    load(): BackendLoad {
        const { isUp, slots, waiting = 0 } = this.state;
        const { options, isResting } = this.server;
        return { isUp: isUp && !isResting, slots: Math.min(options.slots, slots ?? options.slots), waiting };
    }

    private async lookAgain(): Promise<void> {
        try {
            this.state = await this.look();
        } catch {
            this.state = { isUp: false };
        } finally {
            this.lookedAtMs = this.nowMs();
            this.looking = undefined;
        }
    }
}
