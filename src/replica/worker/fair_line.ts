/**
 * A line in which everybody has the same share of what is spent, whatever their number of entries: of those that wait, who has used least is
 * next (start-time fair queueing). Who comes back after a pause starts level with the others.
 */
export class FairLine<T> {
    readonly #lines = new Map<string, { readonly waiting: T[]; used: number }>();
    /** What the one that was served last had used before. */
    #level = 0;
    #length = 0;

    get length(): number {
        return this.#length;
    }

    /** Entries of one key. */
    lengthOf(key: string): number {
        return this.#lines.get(key)?.waiting.length ?? 0;
    }

    push(key: string, entry: T): void {
        // Nobody had to wait for anybody: what was used then is nobody's concern.
        if (this.#length === 0) this.#forget();
        const line = this.#lineOf(key);
        if (line.waiting.length === 0) line.used = Math.max(line.used, this.#level);
        line.waiting.push(entry);
        this.#length += 1;
    }

    /** The next entry, of those whose keys are allowed. */
    shift(isAllowed: (key: string) => boolean = () => true): T | undefined {
        let next: { readonly waiting: T[]; used: number } | undefined;
        for (const [key, line] of this.#lines) {
            if (line.waiting.length === 0 && line.used <= this.#level) this.#lines.delete(key);
            else if (line.waiting.length > 0 && isAllowed(key) && (next === undefined || line.used < next.used))
                next = line;
        }
        const entry = next?.waiting.shift();
        if (next === undefined || entry === undefined) return undefined;
        this.#level = Math.max(this.#level, next.used);
        this.#length -= 1;
        return entry;
    }

    /** Whose line is the longest. */
    longest(): string | undefined {
        const lines = [...this.#lines].sort(([, one], [, other]) => other.waiting.length - one.waiting.length);
        return lines[0]?.[0];
    }

    /** Takes the last entry of the key out. */
    pop(key: string): T | undefined {
        const entry = this.#lines.get(key)?.waiting.pop();
        if (entry !== undefined) this.#length -= 1;
        return entry;
    }

    /** Counts what an entry of the key took. */
    charge(key: string, cost: number): void {
        const line = this.#lineOf(key);
        line.used = Math.max(line.used, this.#level) + cost;
    }

    #forget(): void {
        this.#lines.clear();
        this.#level = 0;
    }

    #lineOf(key: string): { readonly waiting: T[]; used: number } {
        const line = this.#lines.get(key) ?? { waiting: [], used: 0 };
        this.#lines.set(key, line);
        return line;
    }
}
