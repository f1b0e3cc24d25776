/**
 * The part of the WebAssembly JavaScript interface that the replica uses. TypeScript ships it only with the DOM library, which
 * does not belong in code that runs in Node; the shapes agree with that library, should both be present.
 */
declare namespace WebAssembly {
    type ExportValue = Function | Global | Memory | Table;
    type Exports = Record<string, ExportValue>;
    type Imports = Record<string, Record<string, Function | Memory>>;

    interface Module {}
    const Module: { prototype: Module; new (bytes: Uint8Array): Module };

    interface Instance {
        readonly exports: Exports;
    }
    const Instance: { prototype: Instance; new (module: Module, imports?: Imports): Instance };

    interface Memory {
        readonly buffer: ArrayBuffer;
        /** A bigint for 64-bit memories. */
        grow(delta: number | bigint): number;
    }
    const Memory: { prototype: Memory; new (descriptor: { initial: number; maximum?: number }): Memory };

    interface Table {
        readonly length: number;
        get(index: number): unknown;
        grow(delta: number, value?: unknown): number;
        set(index: number, value?: unknown): void;
    }
    const Table: { prototype: Table; new (descriptor: { initial: number; element: string }): Table };

    interface Global {
        value: unknown;
    }
    const Global: {
        prototype: Global;
        new (descriptor: { value: string; mutable?: boolean }, value?: unknown): Global;
    };

    interface RuntimeError extends Error {}
    const RuntimeError: { prototype: RuntimeError; new (message?: string): RuntimeError };

    function validate(bytes: Uint8Array): boolean;
}
