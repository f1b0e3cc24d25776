import type { ByteReader } from './byte_reader';
import { type ByteWriter, leb } from './byte_writer';
import { InvalidWasm } from './errors';
import {
    Action,
    FC,
    FcOp,
    FD,
    MEMORY64_ACCESS,
    Operand,
    OP_MEMORY_SIZE,
    OP_TABLE_SET,
    PLAIN,
    SEGMENT_DROPS,
    TABLE_MUTATIONS
} from './opcodes';
import { skipOperand } from './operands';
import { type RangeFunctions, TrackedAccess } from './tracked_access';
import { SIZE_CODE } from './write_map';

/** Largest function that the replica accepts, in instructions (replica.md b.1). */
export const MAX_FUNCTION_INSTRUCTIONS = 1_000_000;

/** Lengths of the injected sequences, in instructions, for the compilation cost. */
const PLAIN_CHARGE = 4;
const REENTRANT_CHECK = 6;

/** Indices of what the rewriter appended to the module. */
export interface Injected {
    readonly counterGlobal: number;
    readonly decrementFunction: number;
    readonly growFunction: number;
    readonly mutationsGlobal: number;
    readonly is64: boolean;
    /** Present in modules with a write map. */
    readonly range?: RangeFunctions;
}

/** Instructions behind 0xFC that read or write the memory. */
const MEMORY_BULK: ReadonlySet<number> = new Set([FcOp.memoryInit, FcOp.memoryCopy, FcOp.memoryFill]);

/**
 * Rewrites function bodies so that they subtract what they use from the counter (replica.md d.1).
 * Cuts each function into straight-line blocks and puts `counter -= cost` at the head of each block; at re-entrant heads (the
 * function's entry, behind `loop`) it also tests for a negative counter and stops with `unreachable`.
 */
export class Meter {
    /** Instructions of all functions, the injected ones included. */
    instructions = 0;
    mutatesTables = false;

    private readonly charge: readonly number[];
    private readonly subtract: readonly number[];
    private readonly check: readonly number[];
    private readonly growCall: readonly number[];
    private readonly countMutation: readonly number[];
    private readonly decrementPointer: readonly number[];
    private readonly decrementI32: readonly number[];
    private readonly accessWeight: number;
    private readonly tracked: TrackedAccess | undefined;

    // The block under construction.
    private blockStart = 0;
    private cost = 0;
    private reentrant = false;
    /** Source ranges to replace inside the block: position, length, bytes. */
    private readonly patches: { at: number; skip: number; code: readonly number[] }[] = [];

    constructor(
        private readonly out: ByteWriter,
        injected: Injected
    ) {
        const counter = leb(injected.counterGlobal);
        const decrement = [0x10, ...leb(injected.decrementFunction)];
        this.charge = [0x23, ...counter, 0x42];
        this.subtract = [0x7d, 0x24, ...counter];
        this.check = [0x23, ...counter, 0x42, 0x00, 0x53, 0x04, 0x40, 0x00, 0x0b];
        this.growCall = [0x10, ...leb(injected.growFunction)];
        this.decrementI32 = [0xad, ...decrement, 0xa7];
        this.decrementPointer = injected.is64 ? decrement : this.decrementI32;
        const mutations = leb(injected.mutationsGlobal);
        this.countMutation = [0x23, ...mutations, 0x42, 0x01, 0x7c, 0x24, ...mutations];
        this.accessWeight = injected.is64 ? MEMORY64_ACCESS : 1;
        this.tracked = injected.range && new TrackedAccess(out, injected.range);
    }

    /** Rewrites one body (locals, then code) of a function with `parameters`; `index` counts the defined ones, for the error text. */
    body(reader: ByteReader, index: number, parameters: number): void {
        if (this.tracked === undefined) this.copyLocals(reader);
        else this.tracked.locals(reader, parameters);
        this.startBlock(reader.pos, 1, true);
        let count = 0;
        while (!reader.done) {
            this.instruction(reader);
            count += 1;
        }
        this.flush(reader.pos);
        if (count > MAX_FUNCTION_INSTRUCTIONS) throw functionTooLarge(index, count);
        this.instructions += count;
    }

    private copyLocals(reader: ByteReader): void {
        const from = reader.pos;
        for (let groups = reader.u32(); groups > 0; groups -= 1) {
            reader.skipLeb();
            reader.skip(1);
        }
        this.out.range(reader.bytes, from, reader.pos);
    }

    private instruction(reader: ByteReader): void {
        const at = reader.pos;
        const op = reader.u8();
        const shape = PLAIN.operand[op] ?? Operand.unknown;
        if (shape === Operand.prefixFc) return this.bulk(reader, at);
        if (shape === Operand.prefixFd) return this.simd(reader, at);
        if (shape === Operand.memory) return this.access(reader, at, op);
        if (op === OP_TABLE_SET) this.tableMutation(at);
        this.cost += PLAIN.weight[op] ?? 1;
        skipOperand(reader, shape);
        if (op === OP_MEMORY_SIZE && this.tracked !== undefined) this.replace(at, reader.pos, SIZE_CODE);
        const action = PLAIN.action[op];
        if (action !== Action.none) this.act(action, at, reader.pos);
    }

    private access(reader: ByteReader, at: number, op: number): void {
        this.cost += this.accessWeight;
        if (this.tracked === undefined) return skipOperand(reader, Operand.memory);
        const code = this.tracked.plain(reader, op);
        this.replace(at, reader.pos, code);
    }

    private act(action: number | undefined, at: number, next: number): void {
        if (action === Action.grow) {
            this.replace(at, next, this.growCall);
            this.instructions += 3;
            return;
        }
        this.flush(next);
        this.startBlock(next, 0, action === Action.loop);
    }

    private bulk(reader: ByteReader, at: number): void {
        const op = reader.u32();
        this.cost += FC.weight[op] ?? 1;
        skipOperand(reader, FC.operand[op] ?? Operand.unknown);
        const action = FC.action[op];
        if (action === Action.dynamicPointer) this.insert(at, this.decrementPointer);
        else if (action === Action.dynamicI32) this.insert(at, this.decrementI32);
        if (TABLE_MUTATIONS.has(op)) this.tableMutation(at);
        if (SEGMENT_DROPS.has(op)) this.insert(at, this.countMutation);
        if (this.tracked !== undefined && MEMORY_BULK.has(op)) {
            this.replace(at, reader.pos, this.tracked.bulk(op, reader.bytes.subarray(at, reader.pos)));
        }
    }

    private tableMutation(at: number): void {
        this.mutatesTables = true;
        this.insert(at, this.countMutation);
    }

    private simd(reader: ByteReader, at: number): void {
        const op = reader.u32();
        const shape = FD.operand[op] ?? Operand.unknown;
        const isAccess = shape === Operand.memory || shape === Operand.memoryLane;
        this.cost += isAccess ? this.accessWeight : (FD.weight[op] ?? 1);
        if (!isAccess || this.tracked === undefined) return skipOperand(reader, shape);
        const code = this.tracked.simd(reader, op, shape);
        this.replace(at, reader.pos, code);
    }

    private insert(at: number, code: readonly number[]): void {
        this.patches.push({ at, skip: 0, code });
        this.instructions += 3;
    }

    /** What the write map needs is not counted: the replica finds written pages by other means. */
    private replace(at: number, next: number, code: readonly number[]): void {
        this.patches.push({ at, skip: next - at, code });
    }

    private startBlock(at: number, cost: number, reentrant: boolean): void {
        this.blockStart = at;
        this.cost = cost;
        this.reentrant = reentrant;
    }

    /** Writes the charge for the block, then the block. */
    private flush(end: number): void {
        const { out } = this;
        if (this.reentrant || this.cost > 0) {
            out.bytes(this.charge);
            out.s64(this.cost);
            out.bytes(this.subtract);
            this.instructions += PLAIN_CHARGE;
        }
        if (this.reentrant) {
            out.bytes(this.check);
            this.instructions += REENTRANT_CHECK;
        }
        this.copyBlock(end);
    }

    private copyBlock(end: number): void {
        let from = this.blockStart;
        for (const { at, skip, code } of this.patches) {
            this.out.range(this.source, from, at);
            this.out.bytes(code);
            from = at + skip;
        }
        this.patches.length = 0;
        this.out.range(this.source, from, end);
    }

    /** The module being rewritten. */
    source: Uint8Array = new Uint8Array(0);
}

function functionTooLarge(index: number, size: number): InvalidWasm {
    return new InvalidWasm(
        `Wasm module contains a function at index ${index} of size ${size} that exceeds the maximum allowed size of ` +
            `${MAX_FUNCTION_INSTRUCTIONS}.`
    );
}
