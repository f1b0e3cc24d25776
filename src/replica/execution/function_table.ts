/** A function of a WebAssembly instance. */
export type CanisterFunction = (...args: (number | bigint)[]) => unknown;

/** Whether a table entry or an export can be called. */
export function isFunction(value: unknown): value is CanisterFunction {
    return typeof value === 'function';
}

/** What the JavaScript interface of WebAssembly says of a table whose places are counted in `Index`. */
interface Places<Index extends number | bigint> {
    readonly length: Index;
    get(place: Index): unknown;
    set(place: Index, value: unknown): void;
    grow(by: Index, value: unknown): Index;
}

/**
 * A table by numbers, whichever way its module counts: the places of a table with 64-bit indices (memory64 proposal,
 * Motoko's enhanced orthogonal persistence) are BigInt in JavaScript, which TypeScript's declaration does not know.
 */
export class FunctionTable {
    private readonly wide: Places<bigint> | undefined;

    constructor(private readonly table: WebAssembly.Table) {
        this.wide = isWide(table) ? table : undefined;
    }

    get length(): number {
        return Number(this.table.length);
    }

    get(place: number): unknown {
        return this.wide === undefined ? this.table.get(place) : this.wide.get(BigInt(place));
    }

    set(place: number, value: CanisterFunction | null): void {
        if (this.wide === undefined) this.table.set(place, value);
        else this.wide.set(BigInt(place), value);
    }

    growTo(length: number): void {
        const missing = length - this.length;
        if (missing <= 0) return;
        if (this.wide === undefined) this.table.grow(missing, null);
        else this.wide.grow(BigInt(missing), null);
    }

    /** The function at a place, undefined for an empty or missing one. */
    function(place: number): CanisterFunction | undefined {
        if (place >= this.length) return undefined;
        const value = this.get(place);
        return isFunction(value) ? value : undefined;
    }
}

function isWide(table: { readonly length: unknown }): table is Places<bigint> {
    return typeof table.length === 'bigint';
}
