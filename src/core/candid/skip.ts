/**
 * Skipping values that the program does not ask for. A skipped value is checked like a read one, so that a message is either
 * well-formed as a whole or refused. Values of fixed width are passed in one step however many they are: a few types
 * can declare more of them than a message has bytes.
 */
import {
    readBool,
    readFunc,
    readInt,
    readLength,
    readNat,
    readPrincipal,
    readText,
    recursive,
    refuse,
    skipBytes,
    tagged,
    variantReader,
    type Skipper
} from './input';
import type { PrimitiveName } from './opcodes';
import { MAX_DEPTH } from './refusal';
import { resolve, type TypeNode } from './type_node';

const FIXED: Partial<Record<PrimitiveName, number>> = {
    null: 0,
    reserved: 0,
    nat8: 1,
    nat16: 2,
    nat32: 4,
    nat64: 8,
    int8: 1,
    int16: 2,
    int32: 4,
    int64: 8,
    float32: 4,
    float64: 8
};

const CHECKED: Partial<Record<PrimitiveName, Skipper>> = {
    bool: readBool,
    nat: readNat,
    int: readInt,
    text: readText,
    principal: readPrincipal,
    empty: () => refuse('bad_value')
};

/** More bytes than any message has: widths of nested records can exceed every number. */
const WIDEST = 2 ** 40;

/** Makes skippers for the types of one message. */
export class Skippers {
    private readonly skippers = new Map<number, Skipper>();
    private readonly open = new Set<number>();
    private readonly widths = new Map<number, number | undefined>();
    private level = 0;

    /** Bytes of every value of the type, where all take the same and any bytes will do. */
    widthOf(node: TypeNode): number | undefined {
        const type = resolve(node);
        if (type?.kind === 'primitive') return FIXED[type.name];
        if (type?.kind !== 'record') return undefined;
        if (this.widths.has(type.uid)) return this.widths.get(type.uid);
        // A record that contains itself has no width, and no value either.
        this.widths.set(type.uid, undefined);
        const width = this.nested(() => this.sumOfWidths(type.fields.map((field) => field.type)));
        this.widths.set(type.uid, width);
        return width;
    }

    /** Bytes of the smallest value, as far as it is known cheaply: 0 only when no value takes any. */
    minimumOf(node: TypeNode): number {
        return this.widthOf(node) ?? 1;
    }

    skipperOf(node: TypeNode): Skipper {
        const width = this.widthOf(node);
        if (width !== undefined) return () => skipBytes(width);
        const type = resolve(node);
        if (type === undefined) return () => refuse('bad_type_table');
        if (type.kind === 'primitive') return CHECKED[type.name] ?? (() => refuse('bad_type_table'));
        const made = this.skippers.get(type.uid);
        if (made !== undefined) return made;
        if (this.open.has(type.uid)) return recursive(() => this.skippers.get(type.uid) ?? (() => refuse('too_deep')));
        this.open.add(type.uid);
        const skipper = this.nested(() => this.make(type));
        this.skippers.set(type.uid, skipper);
        return skipper;
    }

    /** Skips several values, one after the other. */
    skipperOfAll(types: readonly TypeNode[]): Skipper {
        return sequence(this.steps(types));
    }

    private make(type: Exclude<TypeNode, { kind: 'reference' | 'primitive' }>): Skipper {
        switch (type.kind) {
            case 'opt':
                return tagged(() => undefined, this.skipperOf(type.inner));
            case 'vec':
                return this.vecSkipper(type.element);
            case 'record':
                return this.skipperOfAll(type.fields.map((field) => field.type));
            case 'variant':
                return variantReader(type.fields.map((field) => this.skipperOf(field.type)));
            case 'func':
                return readFunc;
            case 'service':
                return readPrincipal;
            case 'future':
                return skipFuture;
        }
    }

    /** Neighbours of fixed width become one step, and none where they take no byte. */
    private steps(types: readonly TypeNode[]): readonly Skipper[] {
        const steps: Skipper[] = [];
        let pending = 0;
        const flush = (): void => {
            const width = pending;
            if (width > 0) steps.push(() => skipBytes(width));
            pending = 0;
        };
        for (const type of types) {
            const width = this.widthOf(type);
            if (width !== undefined) {
                pending += width;
                continue;
            }
            flush();
            steps.push(this.skipperOf(type));
        }
        flush();
        return steps;
    }

    private vecSkipper(element: TypeNode): Skipper {
        const width = this.widthOf(element);
        if (width !== undefined) return () => skipBytes(readLength() * width);
        const skip = this.skipperOf(element);
        return () => {
            for (let left = readLength(); left > 0; left--) skip();
        };
    }

    private sumOfWidths(types: readonly TypeNode[]): number | undefined {
        let sum = 0;
        for (const type of types) {
            const width = this.widthOf(type);
            if (width === undefined) return undefined;
            sum = Math.min(sum + width, WIDEST);
        }
        return sum;
    }

    private nested<T>(make: () => T): T {
        this.level += 1;
        if (this.level > MAX_DEPTH) refuse('too_deep');
        const made = make();
        this.level -= 1;
        return made;
    }
}

function sequence(steps: readonly Skipper[]): Skipper {
    const [only] = steps;
    if (only !== undefined && steps.length === 1) return only;
    return () => {
        for (const step of steps) step();
    };
}

/** A value of a later version: its bytes and its references are counted, and references travel outside of the message. */
function skipFuture(): void {
    const length = readLength();
    if (readLength() !== 0) refuse('bad_value');
    skipBytes(length);
}
