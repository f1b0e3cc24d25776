import { type ModuleCode, InvalidWasm } from '../wasm';
import { viewOfPages, type DetachedChanges, type ExecutionResult, type DetachedState } from './detached_state';
import { captureTables, HeapImage, restoreTables, type TableImage } from './heap_image';
import { globalValue, type GlobalValue, type HeapState } from './heap_state';
import { Instance } from './instance';
import { StableMemory } from './stable_memory';
import { Execution } from './system_api/execution';
import { systemApi } from './system_api/imports';
import { heapGrowthTrap } from './system_api/memory_growth';
import {
    functionNotFound,
    HostTrap,
    instructionLimitExceeded,
    methodNotFound,
    outOfMemoryCode,
    trapOfEngineError,
    trapped
} from './traps';
import type { WriteMap } from './write_map';
import type { EntryPoint, ExecutionInput, ExecutionOutput, Sandbox, Trap } from './types';

const WASM_PAGE_BYTES = 65_536n;

/** A method of a sandbox was called out of order: a bug of the scheduler. */
class SandboxMisuse extends Error {
    override readonly name = 'SandboxMisuse';

    constructor(readonly rule: string) {
        super(`sandbox misused: ${rule}`);
    }
}

function outputOf(x: Execution, instructions: bigint, trap: Trap | undefined): ExecutionOutput {
    const common = { instructions, logs: x.logs.records() };
    if (trap !== undefined) {
        return { ...common, trap, calls: [], cyclesAccepted: 0n, cyclesBurned: 0n, accepted: false };
    }
    return {
        ...common,
        response: x.response,
        calls: x.calls,
        cyclesAccepted: x.cyclesAccepted,
        cyclesBurned: x.cyclesBurned,
        ...(x.cyclesMinted > 0n && { cyclesMinted: x.cyclesMinted }),
        certifiedData: x.certifiedData,
        globalTimerNs: x.globalTimerNs,
        accepted: x.accepted,
        ...(x.input.roomBytes !== undefined && { roomTaken: x.roomTaken })
    };
}

/** A sandbox whose module runs on V8. See `Sandbox` for the protocol. */
class WasmSandbox implements Sandbox {
    readonly exportedMethods: ReadonlySet<string>;
    private readonly imports: WebAssembly.Imports;
    private readonly image: HeapImage;
    private current: Execution | undefined;
    private live: Instance | undefined;
    private isOpen = false;
    /** The image equals the live instance, so neither `begin` nor further queries need to copy the heap. */
    private isImageCurrent = false;
    /** What `detach` said last, while it holds. */
    private detached: { readonly state: DetachedState | undefined; readonly stableVersion: number } | undefined;

    constructor(
        private readonly module: ModuleCode,
        readonly stable: StableMemory
    ) {
        this.exportedMethods = module.exportedFunctions;
        this.imports = systemApi(module.imports, () => this.running(), module.layout.pointerBytes);
        this.image = new HeapImage(module.layout.mutatesTables);
        this.live = this.instantiate();
    }

    private instantiate(): Instance {
        return new Instance(this.module, this.imports, this.stable);
    }

    private running(): Execution {
        if (this.current === undefined) throw new SandboxMisuse('System API call outside of an execution');
        return this.current;
    }

    private get instance(): Instance {
        if (this.live === undefined) throw new SandboxMisuse('used after dispose');
        return this.live;
    }

    begin(): void {
        if (this.isOpen) throw new SandboxMisuse('brackets do not nest');
        const { instance } = this;
        this.isOpen = true;
        this.stable.begin(this);
        if (!this.isImageCurrent) this.image.capture(instance);
        this.isImageCurrent = true;
    }

    commit(): void {
        this.close();
        this.stable.commit(this);
        this.isImageCurrent = false;
        this.detached = undefined;
    }

    rollback(): void {
        this.close();
        this.stable.rollback(this);
        if (this.image.fits(this.instance)) return this.image.restore(this.instance);
        this.live = this.instantiate();
        this.image.restoreFresh(this.live);
    }

    private close(): void {
        if (!this.isOpen) throw new SandboxMisuse('no bracket is open');
        this.isOpen = false;
    }

    execute(input: ExecutionInput): ExecutionOutput {
        if (!this.isOpen) throw new SandboxMisuse('execute outside of a bracket');
        const { instance } = this;
        instance.remaining = input.instructionLimit;
        const x = new Execution(input, instance);
        x.limitHeap();
        this.current = x;
        try {
            const trap = this.run(input.entry) ?? undefined;
            return outputOf(x, this.instructionsUsed(input), trap);
        } catch (error) {
            return outputOf(x, this.instructionsUsed(input), this.trapOf(error, x));
        } finally {
            this.current = undefined;
        }
    }

    /** Runs the entry point; returns a trap when there is none. */
    private run(entry: EntryPoint): Trap | undefined {
        if ('export' in entry) {
            const method = this.instance.function(entry.export);
            if (method === undefined) return methodNotFound(entry.export);
            method();
            return undefined;
        }
        const { table, env } = entry.closure;
        const callback = this.instance.tableFunction(table);
        if (callback === undefined) return functionNotFound(table);
        if (callback.length !== 1) return trapped('unknown');
        callback(this.instance.pointerBytes === 8 ? env : Number(env));
        return undefined;
    }

    private instructionsUsed({ instructionLimit }: ExecutionInput): bigint {
        const { remaining } = this.instance;
        return remaining < 0n ? instructionLimit : instructionLimit - remaining;
    }

    private trapOf(error: unknown, x: Execution): Trap {
        const trap = trapOfEngineError(error);
        if (trap === undefined) throw error;
        const { rejectedGrowth, remaining } = this.instance;
        if (rejectedGrowth > 0n) return heapGrowthTrap(x, rejectedGrowth);
        // The rewriter stops with `unreachable` when the counter is negative.
        const isOutOfInstructions = remaining < 0n && trap.message === trapped('unreachable').message;
        return isOutOfInstructions ? instructionLimitExceeded(x.input.instructionLimit) : trap;
    }

    heapBytes(): number {
        return this.instance.heapBytes();
    }

    stableBytes(): number {
        return this.stable.bytes;
    }

    private forgetImage(): void {
        this.isImageCurrent = false;
        this.detached = undefined;
        this.image.forget();
    }

    /** Copies the heap of another sandbox over this one's: enhanced orthogonal persistence. */
    takeHeapFrom(old: WasmSandbox): void {
        const heap = old.instance.heap();
        if (heap === undefined) return;
        this.instance.ensureHeap(heap.length);
        this.instance.heap()?.set(heap);
        this.forgetImage();
    }

    /** Copies of heap and mutable globals; no bracket may be open. */
    save(): HeapState {
        if (this.isOpen) throw new SandboxMisuse('saved inside of a bracket');
        const { instance } = this;
        const heap = new StableMemory();
        heap.grow(instance.heapBytes() / Number(WASM_PAGE_BYTES));
        instance.forEachPage((page, bytes) => heap.write(page * Number(WASM_PAGE_BYTES), bytes));
        return { heap, globals: this.globalValues(instance.globals.map((global) => global.value)) };
    }

    private globalValues(values: readonly unknown[]): readonly GlobalValue[] {
        return this.module.layout.globalTypes.flatMap((type, i) => globalValue(type, values[i]) ?? []);
    }

    /** Replaces heap and mutable globals of a fresh sandbox; false when they are not those of its module. */
    load({ heap, globals }: HeapState): boolean {
        const { instance } = this;
        const { globalTypes } = this.module.layout;
        const fits = globals.length === globalTypes.length && globals.every(({ type }, i) => type === globalTypes[i]);
        if (!fits || !instance.setHeap(heap)) return false;
        globals.forEach(({ value }, i) => instance.setGlobal(i, value));
        this.forgetImage();
        return true;
    }

    /** Tables as they are now; undefined for modules that cannot change theirs. */
    saveTables(): readonly TableImage[] | undefined {
        return this.module.layout.mutatesTables ? captureTables(this.instance) : undefined;
    }

    loadTables(tables: readonly TableImage[] | undefined): void {
        if (tables !== undefined) restoreTables(this.instance, tables);
        this.forgetImage();
    }

    /**
     * Everything that it takes to execute elsewhere, as of now whatever happens here; undefined for modules with globals that cannot be
     * copied. The same object until something changes. No bracket may be open.
     */
    detach(): DetachedState | undefined {
        const stableVersion = this.stable.version;
        if (this.detached?.stableVersion !== stableVersion) this.detached = { state: this.capture(), stableVersion };
        return this.detached.state;
    }

    private capture(): DetachedState | undefined {
        // The image of an opened bracket knows which pages hold anything.
        this.begin();
        const { heapBytes, pages, globals, tables } = this.image.share();
        this.rollback();
        const values = this.globalValues(globals);
        if (values.length < globals.length) return undefined;
        const { compiled, layout, imports, exportedFunctions } = this.module;
        return {
            code: { compiled, layout, imports, exportedFunctions },
            heap: viewOfPages(heapBytes / Number(WASM_PAGE_BYTES), pages),
            globals: values,
            tables,
            stable: viewOfPages(this.stable.pages, this.stable.share())
        };
    }

    /** Executes in a sandbox that is thrown away then: nothing is kept for a rollback. */
    executeOnce(input: ExecutionInput): ExecutionResult {
        this.isOpen = true;
        this.stable.begin(this);
        this.instance.writes?.clear();
        const output = this.execute(input);
        const isKept = output.trap === undefined && input.context !== 'RQ';
        return { kind: 'execution', output, ...(isKept && { changes: this.changes(this.instance.writes) }) };
    }

    /** All of the heap, and the changes of the stable memory since its bracket was opened. */
    wholeChanges(): DetachedChanges {
        return this.changes(undefined);
    }

    private changes(since: WriteMap | undefined): DetachedChanges {
        const { instance } = this;
        return {
            heap: instance.writtenHeap(since),
            isWholeHeap: since === undefined,
            globals: this.globalValues(instance.globals.map((global) => global.value)),
            tables: this.saveTables(),
            stable: this.stable.changes()
        };
    }

    /** Takes over, in an open bracket, what an execution on a copy of this state has changed; false when there is no room. */
    adopt({ heap, isWholeHeap, globals, tables, stable }: DetachedChanges): boolean {
        if (!this.isOpen) throw new SandboxMisuse('changes adopted outside of a bracket');
        const { instance } = this;
        if (!instance.adoptHeap(heap, isWholeHeap)) return false;
        globals.forEach(({ value }, i) => instance.setGlobal(i, value));
        if (tables !== undefined) {
            restoreTables(instance, tables);
            this.image.forgetTables();
        }
        this.stable.grow(stable.pages - this.stable.pages);
        for (const [offset, bytes] of stable.written) this.stable.write(offset, bytes);
        return true;
    }

    dispose(): void {
        this.stable.rollback(this);
        this.live = undefined;
    }
}

export type { WasmSandbox };

/**
 * Instantiates a module on the given stable memory. The start function has not run: see `installModule`.
 * Throws `InvalidWasm` when a data or element segment does not fit, `HostTrap` when the machine has no memory for it.
 */
export function createSandbox(module: ModuleCode, stable: StableMemory = new StableMemory()): WasmSandbox {
    try {
        return new WasmSandbox(module, stable);
    } catch (error) {
        const trap = trapOfEngineError(error);
        if (trap === undefined || !(error instanceof Error)) throw error;
        if (trap.code === outOfMemoryCode) throw new HostTrap(trap);
        throw new InvalidWasm(`Failed to instantiate module: ${error.message}`);
    }
}
