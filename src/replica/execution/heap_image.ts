import { Reserved } from '../wasm';
import type { Instance } from './instance';
import { SparseCopy } from './sparse_copy';

/** Contents of a table by function index; null for empty places. */
export type TableImage = readonly (number | null)[];

/** All tables of an instance whose module changes tables. */
export function captureTables(instance: Instance): readonly TableImage[] {
    const indices = instance.functionIndices();
    return instance.tables.map((table) =>
        Array.from({ length: table.length }, (_, place) => indices.get(table.get(place)) ?? null)
    );
}

/** Puts the functions of the images into an instance of the same module. */
export function restoreTables(instance: Instance, images: readonly TableImage[]): void {
    images.forEach((image, i) => {
        const table = instance.tables[i];
        if (table === undefined) return;
        table.growTo(image.length);
        image.forEach((index, place) => {
            table.set(place, index === null ? null : (instance.function(Reserved.function(index)) ?? null));
        });
    });
}

/** The committed state of an instance: heap, mutable globals and tables. */
export class HeapImage {
    private readonly heap = new SparseCopy();
    private heapBytes = 0;
    private globals: readonly unknown[] = [];
    private tables: readonly TableImage[] | undefined;
    private mutationCount = -1n;
    /** The image differs from the instance at most where the instance's write map says so. */
    private isTracked = false;

    constructor(private readonly mutatesTables: boolean) {}

    capture(instance: Instance): void {
        this.captureHeap(instance);
        this.globals = instance.globals.map((global) => global.value);
        const { mutationCount } = instance;
        if (this.mutatesTables && mutationCount !== this.mutationCount) this.tables = captureTables(instance);
        this.mutationCount = mutationCount;
    }

    private captureHeap(instance: Instance): void {
        const heap = instance.heap();
        if (heap === undefined) return;
        // What a growth added is zero, but for what was written since.
        this.heapBytes = heap.length;
        if (this.isTracked) instance.writes?.take((from, to) => this.heap.take(heap, from, to));
        else {
            this.heap.takeAll(heap);
            this.track(instance);
        }
    }

    /** Image and instance are equal from here on, but for what the write map records. */
    private track({ writes }: Instance): void {
        writes?.clear();
        this.isTracked = writes !== undefined;
    }

    /** The heap was replaced from outside: the next capture has to be a whole one. */
    forget(): void {
        this.isTracked = false;
    }

    /** The tables were changed from outside, which no instance counts. */
    forgetTables(): void {
        this.mutationCount = -1n;
    }

    /** What the image holds now. */
    share(): {
        readonly heapBytes: number;
        readonly pages: ReturnType<SparseCopy['share']>;
        readonly globals: readonly unknown[];
        readonly tables: readonly TableImage[] | undefined;
    } {
        return {
            heapBytes: this.heapBytes,
            pages: this.heap.share(),
            globals: this.globals,
            tables: this.tables
        };
    }

    /** Pages of 64 KiB that the image holds. */
    get heldPages(): number {
        return this.heap.heldPages;
    }

    /** A growth, a changed table or a dropped segment cannot be undone in place. */
    fits(instance: Instance): boolean {
        return instance.heapBytes() === this.heapBytes && instance.mutationCount === this.mutationCount;
    }

    /** Writes the image into an instance that `fits`. */
    restore(instance: Instance): void {
        const heap = instance.heap();
        if (heap !== undefined) {
            if (this.isTracked) instance.writes?.take((from, to) => this.heap.give(heap, from, to));
            else this.heap.giveAll(heap);
        }
        this.restoreGlobals(instance);
    }

    private restoreGlobals(instance: Instance): void {
        instance.globals.forEach((global, i) => {
            global.value = this.globals[i];
        });
    }

    /**
     * Writes the image into a fresh instance of the same module. Segments that were dropped are there again, which the module can
     * hardly notice and the replica does not avoid either: it instantiates for each message.
     */
    restoreFresh(instance: Instance): void {
        instance.ensureHeap(this.heapBytes);
        const heap = instance.heap();
        if (heap !== undefined) this.heap.giveAll(heap);
        this.restoreGlobals(instance);
        this.track(instance);
        if (this.tables !== undefined) restoreTables(instance, this.tables);
        // It counts its mutations from its own start.
        this.mutationCount = instance.mutationCount;
    }
}
