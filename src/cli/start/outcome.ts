/** A step of the story was refused by a canister or a service; `refusal` is its typed answer. */
export class StepRefused extends Error {
    constructor(
        readonly what: string,
        readonly refusal: unknown
    ) {
        super(`${what}: ${toJson(refusal)}`);
        this.name = 'StepRefused';
    }
}

/** What a local network on a slow machine needs at most for what happens by itself; usually it is seconds. */
export const PATIENCE_SECONDS = 600;

/** Something that should have happened by itself did not, within the time that a local network needs at most. */
export class WaitedInVain extends Error {
    constructor(
        readonly what: string,
        readonly seconds: number
    ) {
        super(`${what} did not happen within ${seconds} s`);
        this.name = 'WaitedInVain';
    }
}

/** The value of a Candid result. @throws {@link StepRefused} with the canister's error. */
export function expectOk<T>(what: string, result: { Ok: T } | { Err: unknown }): T {
    if ('Ok' in result) return result.Ok;
    throw new StepRefused(what, result.Err);
}

const POLL_MS = 100;

/** Asks until there is an answer. @throws {@link WaitedInVain} */
export async function waitFor<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + seconds * 1_000;
    for (;;) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        if (Date.now() > deadline) throw new WaitedInVain(what, seconds);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
}

/** JSON of Candid values: natural numbers as bare digits however large, principals as text, bytes as their number. */
export function toJson(value: unknown): string {
    const marked = JSON.stringify(value, (_key, item: unknown) => {
        if (typeof item === 'bigint') return `${DIGITS}${item}`;
        if (item instanceof Uint8Array) return `${item.length} bytes`;
        return hasText(item) ? item.toText() : item;
    });
    return marked.replace(new RegExp(`"${DIGITS}(-?\\d+)"`, 'g'), '$1');
}

/** Marks a string as digits that lose their quotes again: JSON has no limit on numbers, JSON.stringify has. */
const DIGITS = '\u2060digits:';

function hasText(value: unknown): value is { toText(): string } {
    return typeof value === 'object' && value !== null && 'toText' in value;
}
