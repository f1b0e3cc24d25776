export interface GatheringLimits<Item> {
    /** How long an item may wait for others. */
    readonly waitMs: number;
    /** Items that one call takes. */
    readonly maxItems: number;
    /** Sum of the items' sizes that one call takes; a larger item goes alone. */
    readonly maxSize: number;
    sizeOf(item: Item): number;
}

interface Waiting<Item, Answer> {
    readonly item: Item;
    readonly resolve: (answer: Answer) => void;
    readonly reject: (failure: unknown) => void;
}

/** Makes one call of what several ask for at about the same time. A call that fails fails for all of them. */
export class Gathering<Item, Answer> {
    private waiting: Waiting<Item, Answer>[] = [];
    private size = 0;
    private timer: NodeJS.Timeout | undefined;

    constructor(
        /** As many answers as items, in their order. */
        private readonly call: (items: readonly Item[]) => Promise<readonly Answer[]>,
        private readonly limits: GatheringLimits<Item>
    ) {}

    ask(item: Item): Promise<Answer> {
        const { waitMs, maxItems, maxSize, sizeOf } = this.limits;
        const size = sizeOf(item);
        if (this.size + size > maxSize) this.send();
        return new Promise((resolve, reject) => {
            this.waiting.push({ item, resolve, reject });
            this.size += size;
            if (this.waiting.length >= maxItems || this.size >= maxSize) this.send();
            else this.timer ??= setTimeout(() => this.send(), waitMs);
        });
    }

    private send(): void {
        clearTimeout(this.timer);
        this.timer = undefined;
        const asked = this.waiting;
        this.waiting = [];
        this.size = 0;
        if (asked.length === 0) return;
        this.call(asked.map(({ item }) => item)).then(
            (answers) => asked.forEach(({ resolve }, index) => resolve(answers[index] as Answer)),
            (failure: unknown) => asked.forEach(({ reject }) => reject(failure))
        );
    }
}
