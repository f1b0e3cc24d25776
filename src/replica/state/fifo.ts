/** First in, first out, with constant cost per operation. */
export class Fifo<T> {
    private items: T[] = [];
    private head = 0;

    get length(): number {
        return this.items.length - this.head;
    }

    push(item: T): void {
        this.items.push(item);
    }

    /** In front of all that waits, in their order. */
    putBack(items: readonly T[]): void {
        if (items.length === 0) return;
        this.items = [...items, ...this.items.slice(this.head)];
        this.head = 0;
    }

    shift(): T | undefined {
        const item = this.items[this.head];
        if (item === undefined) return undefined;
        this.head += 1;
        if (this.head > 1024 && this.head * 2 > this.items.length) {
            this.items = this.items.slice(this.head);
            this.head = 0;
        }
        return item;
    }

    /** In order of arrival. */
    *[Symbol.iterator](): Iterator<T> {
        for (let index = this.head; index < this.items.length; index += 1) {
            const item = this.items[index];
            if (item !== undefined) yield item;
        }
    }
}
