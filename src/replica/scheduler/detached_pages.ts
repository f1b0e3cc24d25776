/** The pages of a canister on their way to another thread. */
import type { DetachedState, Placed } from '../execution';

/** Some pages of a canister; the message that needs them follows. */
export interface PagesMessage {
    readonly kind: 'pages';
    readonly memory: 'heap' | 'stable';
    readonly written: readonly Placed[];
}

/** The pages that came before. */
export interface Pages {
    readonly heap: readonly Placed[];
    readonly stable: readonly Placed[];
}

/** What a state is sent with, after its pages. */
export const noPages: Pages = { heap: [], stable: [] };

const pageBytes = 65_536;
/** 16 MiB, some milliseconds. */
const pagesPerMessage = 256;

/** The messages that the pages are sent by, each with copies of its own. */
export function* pageMessages(state: DetachedState): Generator<PagesMessage> {
    for (const memory of ['heap', 'stable'] as const) {
        const { written } = state[memory];
        for (let at = 0; at < written.length; at += pagesPerMessage) {
            const copies = written
                .slice(at, at + pagesPerMessage)
                .map(([offset, bytes]) => [offset, bytes.slice()] as const);
            yield { kind: 'pages', memory, written: copies };
        }
    }
}

/** The state with these pages. */
export function filled(state: DetachedState, { heap, stable }: Pages): DetachedState {
    return {
        ...state,
        heap: { ...state.heap, written: heap },
        stable: { ...state.stable, written: stable }
    };
}

/** What the pages take. */
export function heldBytes({ heap, stable }: DetachedState): number {
    return (heap.written.length + stable.written.length) * pageBytes;
}

/** Gathers pages in the thread that they are sent to. */
export class ArrivedPages {
    private arrived: { heap: Placed[]; stable: Placed[] } = { heap: [], stable: [] };

    add({ memory, written }: PagesMessage): void {
        for (const placed of written) this.arrived[memory].push(placed);
    }

    /** All that came since this was asked last. */
    take(): Pages {
        const pages = this.arrived;
        this.arrived = { heap: [], stable: [] };
        return pages;
    }
}
