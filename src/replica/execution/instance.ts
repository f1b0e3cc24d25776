import type { ModuleCode } from '../wasm';
import { Reserved } from '../wasm';
import { FunctionTable, isFunction, type CanisterFunction } from './function_table';
import { WriteMap } from './write_map';
import type { DetachedMemory, Placed } from './detached_state';
import type { Machine } from './system_api/execution';
import type { StableMemory } from './stable_memory';

/** A module's export is not of the kind that the rewriter made it: a bug of the rewriter. */
class ExportMissing extends Error {
    override readonly name = 'ExportMissing';

    constructor(readonly exportName: string) {
        super(`instrumented module has no usable export ${JSON.stringify(exportName)}`);
    }
}

/** A mutable i64. */
interface I64Global extends WebAssembly.Global {
    value: bigint;
}

function isI64(global: WebAssembly.Global): global is I64Global {
    return typeof global.value === 'bigint';
}

const NO_LIMIT = -1n;
const PAGE_BYTES = 65_536;
const zeroPage = Buffer.alloc(PAGE_BYTES);

function isZero(page: Uint8Array): boolean {
    return zeroPage.equals(page);
}

/** One WebAssembly instance and the handles by which the sandbox reads and resets it. */
export class Instance implements Machine {
    readonly pointerBytes: 4 | 8;
    readonly globals: readonly WebAssembly.Global[];
    readonly tables: readonly FunctionTable[];
    readonly memory: WebAssembly.Memory | undefined;
    private readonly exports: WebAssembly.Exports;
    private readonly counter: I64Global;
    private readonly memoryLimit: I64Global;
    private readonly memoryPeak: I64Global;
    private readonly mutations: I64Global;
    private view: Uint8Array | undefined;
    private readonly hiddenBytes: number;
    /** Undefined in modules that do not record what they write. */
    readonly writes: WriteMap | undefined;

    constructor(
        private readonly module: ModuleCode,
        imports: WebAssembly.Imports,
        readonly stable: StableMemory
    ) {
        const { layout } = module;
        this.exports = new WebAssembly.Instance(module.compiled, imports).exports;
        this.pointerBytes = layout.pointerBytes;
        this.counter = this.i64(Reserved.counter);
        this.memoryLimit = this.i64(Reserved.memoryLimit);
        this.memoryPeak = this.i64(Reserved.memoryPeak);
        this.mutations = this.i64(Reserved.mutations);
        this.globals = layout.mutableGlobals.map((index) => this.global(Reserved.global(index)));
        this.tables = Array.from({ length: layout.tableCount }, (_, index) => this.table(index));
        this.memory = layout.hasMemory ? this.exported(Reserved.memory, WebAssembly.Memory) : undefined;
        this.hiddenBytes = layout.hiddenBytes;
        this.writes = this.memory && layout.hiddenBytes > 0 ? new WriteMap(this.memory) : undefined;
    }

    private exported<T>(name: string, kind: new (...args: never[]) => T): T {
        const value: unknown = this.exports[name];
        if (value instanceof kind) return value;
        throw new ExportMissing(name);
    }

    private i64(name: string): I64Global {
        const global = this.global(name);
        if (isI64(global)) return global;
        throw new ExportMissing(name);
    }

    private global(name: string): WebAssembly.Global {
        return this.exported(name, WebAssembly.Global);
    }

    private table(index: number): FunctionTable {
        return new FunctionTable(this.exported(Reserved.table(index), WebAssembly.Table));
    }

    get remaining(): bigint {
        return this.counter.value;
    }

    set remaining(instructions: bigint) {
        this.counter.value = instructions;
    }

    /** Counts table changes and dropped segments since instantiation. */
    get mutationCount(): bigint {
        return this.mutations.value;
    }

    /** The canister's memory, without the write map in front of it. Who writes to it says so to `writes`. */
    heap(): Uint8Array | undefined {
        if (this.memory === undefined) return undefined;
        const { buffer } = this.memory;
        // A grown memory has a new buffer.
        if (this.view?.buffer !== buffer) this.view = new Uint8Array(buffer, this.hiddenBytes);
        return this.view;
    }

    markWritten(at: number, size: number): void {
        this.writes?.mark(at, size);
    }

    heapBytes(): number {
        return this.memory === undefined ? 0 : this.memory.buffer.byteLength - this.hiddenBytes;
    }

    /** Lets the memory grow up to `pages` (none for undefined) without a trap. */
    limitMemory(pages: bigint | undefined): void {
        this.memoryLimit.value = pages ?? NO_LIMIT;
        this.memoryPeak.value = 0n;
    }

    /** Pages that a growth above the limit would have reached; 0 when there was none. */
    get rejectedGrowth(): bigint {
        return this.memoryPeak.value;
    }

    /** Grows the memory to at least `bytes`. */
    ensureHeap(bytes: number): void {
        const missing = Math.ceil((bytes - this.heapBytes()) / 65_536);
        if (missing <= 0 || this.memory === undefined) return;
        this.memory.grow(this.pointerBytes === 8 ? BigInt(missing) : missing);
    }

    /** Visits the pages that hold anything. */
    forEachPage(visit: (page: number, bytes: Uint8Array) => void): void {
        const heap = this.heap();
        if (heap === undefined) return;
        for (let page = 0; page * PAGE_BYTES < heap.length; page += 1) {
            const bytes = heap.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
            if (!isZero(bytes)) visit(page, bytes);
        }
    }

    /** Overwrites the heap, which grows as needed; false when it is too large for that, or for the module's limits. */
    setHeap(content: StableMemory): boolean {
        const before = this.heapBytes();
        if (content.bytes < before || (this.memory === undefined && content.bytes > 0)) return false;
        try {
            this.ensureHeap(content.bytes);
        } catch (error) {
            // The module declares a maximum, or memory has run out.
            if (error instanceof RangeError) return false;
            throw error;
        }
        // What was added is zero already: to write it would make the system find room for it.
        this.heap()?.fill(0, 0, before);
        for (const [page, bytes] of content.writtenPages()) this.heap()?.set(bytes, page * PAGE_BYTES);
        return true;
    }

    /** What was written since the map was cleared; without a map everything, by pages that hold anything. Copies. */
    writtenHeap(since: WriteMap | undefined): DetachedMemory {
        const heap = this.heap() ?? new Uint8Array(0);
        const written: Placed[] = [];
        if (since === undefined) {
            this.forEachPage((page, bytes) => written.push([page * PAGE_BYTES, bytes.slice()]));
        } else since.take((from, to) => written.push([from, heap.slice(from, to)]));
        return { pages: heap.length / PAGE_BYTES, written };
    }

    /** Writes what another instance has written (`isWhole`: all that it holds); false when this one cannot grow as far. */
    adoptHeap({ pages, written }: DetachedMemory, isWhole: boolean): boolean {
        const before = this.heapBytes();
        try {
            this.ensureHeap(pages * PAGE_BYTES);
        } catch (error) {
            if (error instanceof RangeError) return false;
            throw error;
        }
        const heap = this.heap();
        if (isWhole) heap?.fill(0, 0, before);
        for (const [offset, bytes] of written) {
            heap?.set(bytes, offset);
            this.markWritten(offset, bytes.length);
        }
        return true;
    }

    setGlobal(index: number, value: number | bigint): void {
        const global = this.globals[index];
        if (global !== undefined) global.value = value;
    }

    function(name: string): CanisterFunction | undefined {
        const value: unknown = this.exports[name];
        return isFunction(value) ? value : undefined;
    }

    /** The function at a place of table 0, undefined for an empty or missing place. */
    tableFunction(index: number): CanisterFunction | undefined {
        return this.tables[0]?.function(index);
    }

    /** Indices of this instance's functions, in modules that change tables. */
    functionIndices(): ReadonlyMap<unknown, number> {
        const indices = new Map<unknown, number>();
        for (let i = 0; i < this.module.layout.functionCount; i += 1)
            indices.set(this.exports[Reserved.function(i)], i);
        return indices;
    }
}
