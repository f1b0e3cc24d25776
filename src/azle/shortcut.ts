import { trap } from 'azle';

/** What Azle 0.33 keeps of a canister class while it is instantiated; internal to it, so nothing here is relied on. */
interface ClassMeta {
    readonly callbacks?: { [index: string]: (() => Promise<void>) | undefined };
    readonly canisterMethodsIndex?: number;
}

const DONE = Promise.resolve();

/**
 * Lets the network call a manual method directly. Azle's own callback goes through two async functions, which cost a
 * synchronous method 110 000 instructions per message. It must be called right after Azle has registered the method;
 * where Azle keeps its callbacks elsewhere, its own stays and serves.
 */
export function shortcut(canister: object, run: () => void | Promise<void>): void {
    const { _azleCanisterClassMeta: meta } = canister.constructor as { _azleCanisterClassMeta?: ClassMeta };
    const index = String((meta?.canisterMethodsIndex ?? 0) - 1);
    if (meta?.callbacks?.[index] === undefined) return;
    meta.callbacks[index] = () => {
        try {
            const running = run();
            return running === undefined ? DONE : running.catch(uncaught);
        } catch (thrown) {
            return uncaught(thrown);
        }
    };
}

/** Traps in Azle's words. In a cleanup callback nothing may trap: the message that led to it has already failed. */
export function uncaught(thrown: unknown): Promise<void> {
    if (isCleanup(thrown)) return DONE;
    const error = thrown instanceof Error ? thrown : new UncaughtValue(thrown);
    return trap(`Uncaught ${error.name}: ${error.message}\n${error.stack}`);
}

class UncaughtValue extends Error {
    constructor(readonly value: unknown) {
        super(String(value));
        this.name = 'UncaughtValue';
    }
}

function isCleanup(thrown: unknown): boolean {
    return typeof thrown === 'object' && thrown !== null && 'type' in thrown && thrown.type === 'CleanupCallback';
}
