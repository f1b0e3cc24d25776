import type { ByteReader } from './byte_reader';
import { type ByteWriter, leb } from './byte_writer';
import { FcOp, Op, Operand } from './opcodes';
import { ValueType } from './parse';
import { markCode, movedOffset } from './write_map';

/** The address, and one for each type of values. */
const EXTRA_LOCALS = 6;

const STORED_TYPES: ReadonlyMap<number, number> = new Map([
    ...[0x36, 0x3a, 0x3b].map((op) => [op, ValueType.i32] as const),
    ...[0x37, 0x3c, 0x3d, 0x3e].map((op) => [op, ValueType.i64] as const),
    [0x38, ValueType.f32],
    [0x39, ValueType.f64]
]);
/** v128.store and the stores of one lane, behind 0xFD. */
const SIMD_STORES: ReadonlySet<number> = new Set([0x0b, 0x58, 0x59, 0x5a, 0x5b]);

/** Accesses below these have their code kept for the next one like it. */
const CACHED_OFFSET = 2 ** 20;
const CACHED_LOCAL = 2 ** 12;

/** Indices of the functions whose bodies `rangeBody` makes. */
export interface RangeFunctions {
    readonly read: number;
    readonly write: number;
}

/** Rewrites the memory accesses of a module with a write map, function by function. See write_map.ts. */
export class TrackedAccess {
    /** Index of the local for addresses; those for values follow in the order of their first use. */
    private address = 0;
    private groupsAt = 0;
    private readonly valueTypes: number[] = [];
    private readonly cache = new Map<number, readonly number[]>();
    private readonly callRead: readonly number[];
    private readonly callWrite: readonly number[];

    constructor(
        private readonly out: ByteWriter,
        functions: RangeFunctions
    ) {
        this.callRead = [Op.call, ...leb(functions.read)];
        this.callWrite = [Op.call, ...leb(functions.write)];
    }

    /** Copies a body's locals, where the reader stands, and leaves room for those that rewritten stores need. */
    locals(reader: ByteReader, parameters: number): void {
        const groups = reader.u32();
        this.address = parameters;
        const from = reader.pos;
        for (let rest = groups; rest > 0; rest -= 1) {
            this.address += reader.u32();
            reader.skip(1);
        }
        this.out.u32(groups + EXTRA_LOCALS);
        this.out.range(reader.bytes, from, reader.pos);
        this.groupsAt = this.out.length;
        this.valueTypes.length = 0;
        // Groups of no locals, until one is needed.
        for (let i = 0; i < EXTRA_LOCALS; i += 1) this.out.bytes([0, ValueType.i32]);
    }

    /** Index of the local for values of a type. */
    private valueLocal(type: number): number {
        let place = this.valueTypes.indexOf(type);
        if (place < 0) {
            if (this.valueTypes.length === 0) this.out.overwrite(this.groupsAt, [1, ValueType.i32]);
            place = this.valueTypes.push(type) - 1;
            this.out.overwrite(this.groupsAt + 2 * (place + 1), [1, type]);
        }
        return this.address + 1 + place;
    }

    /** Code for a plain load or store; the reader stands at its operands. */
    plain(reader: ByteReader, op: number): readonly number[] {
        const align = reader.u32();
        const offset = reader.u32();
        const type = STORED_TYPES.get(op);
        const value = type === undefined ? 0 : this.valueLocal(type);
        if (offset >= CACHED_OFFSET || align >= 8 || this.address >= CACHED_LOCAL) {
            return this.code([op], value, align, offset);
        }
        const locals = type === undefined ? 0 : this.address * 8 + (value - this.address);
        const key = ((offset * CACHED_LOCAL * 8 + locals) * 8 + align) * 256 + op;
        const known = this.cache.get(key);
        if (known !== undefined) return known;
        const code = this.code([op], value, align, offset);
        this.cache.set(key, code);
        return code;
    }

    /** As `plain`, for an access behind the SIMD prefix. */
    simd(reader: ByteReader, op: number, shape: number): readonly number[] {
        const align = reader.u32();
        const offset = reader.u32();
        const value = SIMD_STORES.has(op) ? this.valueLocal(ValueType.v128) : 0;
        const code = this.code([Op.prefixFd, ...leb(op)], value, align, offset);
        return shape === Operand.memoryLane ? [...code, reader.u8()] : code;
    }

    /** `value` is 0 for loads: only their offset changes. */
    private code(op: readonly number[], value: number, align: number, offset: number): readonly number[] {
        const access = [...op, ...leb(align), ...leb(movedOffset(offset))];
        if (value === 0) return access;
        const mark = [Op.localSet, ...leb(value), Op.localTee, ...leb(this.address), ...markCode(offset)];
        return [...mark, Op.localGet, ...leb(this.address), Op.localGet, ...leb(value), ...access];
    }

    /** memory.init, memory.copy and memory.fill; `instruction` is the original one. */
    bulk(op: number, instruction: Uint8Array): readonly number[] {
        // Operands: target, then a source or a value, then the size.
        const middle = leb(this.valueLocal(ValueType.i32));
        const size = leb(this.address);
        const moveTarget = [Op.localSet, ...size, Op.localSet, ...middle, Op.localGet, ...size, ...this.callWrite];
        const moveSource = op === FcOp.memoryCopy ? [Op.localGet, ...size, ...this.callRead] : [];
        return [...moveTarget, Op.localGet, ...middle, ...moveSource, Op.localGet, ...size, ...instruction];
    }
}
