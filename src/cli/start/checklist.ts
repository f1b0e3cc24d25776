/** Prints one line per step of a long story, with the time that it took. */
export class Checklist {
    private readonly startedAt = Date.now();

    constructor(private readonly print: (line: string) => void = console.log) {}

    /** Runs a step; `note` adds a detail to its line. A failing step is marked and its error goes on to the caller. */
    async step<T>(title: string, work: (note: (detail: string) => void) => Promise<T>): Promise<T> {
        const from = Date.now();
        let detail = '';
        try {
            const result = await work((text) => {
                detail = text;
            });
            this.print(line('✔', title, detail, Date.now() - from));
            return result;
        } catch (failure) {
            this.print(line('✘', title, detail, Date.now() - from));
            throw failure;
        }
    }

    elapsedMs(): number {
        return Date.now() - this.startedAt;
    }
}

const TITLE_WIDTH = 44;

function line(mark: string, title: string, detail: string, ms: number): string {
    const time = `${(ms / 1000).toFixed(2)} s`.padStart(8);
    return `${mark} ${title.padEnd(TITLE_WIDTH)} ${time}  ${detail}`.trimEnd();
}
