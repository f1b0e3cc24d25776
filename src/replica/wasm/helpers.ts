import { ByteWriter } from './byte_writer';
import { Op } from './opcodes';
import { ValueType } from './parse';
import { HIDDEN_PAGES } from './write_map';

/** Indices of the globals that the helpers use. */
export interface HelperGlobals {
    readonly counter: number;
    readonly memoryLimit: number;
    readonly memoryPeak: number;
}

/** LEB128 of the smallest i64. */
const I64_MIN = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];

function functionBody(localType: number, write: (out: ByteWriter) => void): Uint8Array {
    const out = new ByteWriter(128);
    const size = out.openSize();
    out.bytes([1, 1, localType]);
    write(out);
    out.u8(Op.end);
    out.closeSize(size);
    return out.written();
}

/**
 * `(i64) -> i64`: subtracts its argument (unsigned) from the counter, stopping at the smallest i64 on underflow, traps when the
 * counter is negative, and returns the argument. Used before bulk operations.
 */
export function decrementBody(globals: HelperGlobals): Uint8Array {
    return functionBody(ValueType.i64, (out) => {
        const global = (op: number): void => (out.u8(op), out.u32(globals.counter));
        global(Op.globalGet);
        out.bytes([Op.localGet, 0, Op.i64Sub, Op.localTee, 1]);
        global(Op.globalGet);
        out.bytes([Op.i64GtS, Op.if, ValueType.i64, Op.i64Const, ...I64_MIN, Op.else, Op.localGet, 1, Op.end]);
        global(Op.globalSet);
        global(Op.globalGet);
        out.bytes([Op.i64Const, 0, Op.i64LtS, Op.if, Op.voidBlock, Op.unreachable, Op.end, Op.localGet, 0]);
    });
}

/**
 * `(pages) -> pages`: `memory.grow` that traps when a successful growth passes the limit, as the replica's check behind each
 * `memory.grow` does; the size that was reached is left in the peak global for the error text. Pages of the write map do not count.
 */
export function growBody(globals: HelperGlobals, is64: boolean, hasWriteMap: boolean): Uint8Array {
    const [pointer, constant, equal] = is64
        ? [ValueType.i64, Op.i64Const, Op.i64Eq]
        : [ValueType.i32, Op.i32Const, Op.i32Eq];
    return functionBody(pointer, (out) => {
        const total = (): void => {
            const widen = is64 ? [] : [Op.i64ExtendI32U];
            out.bytes([Op.localGet, 0, ...widen, Op.localGet, 1, ...widen, Op.i64Add]);
        };
        out.bytes([Op.localGet, 0, Op.memoryGrow, 0, Op.localTee, 1, constant, 0x7f, equal]);
        out.bytes([Op.if, Op.voidBlock, constant, 0x7f, Op.return, Op.end]);
        if (hasWriteMap) out.bytes([Op.localGet, 1, constant, HIDDEN_PAGES, Op.i32Sub, Op.localSet, 1]);
        total();
        out.u8(Op.globalGet);
        out.u32(globals.memoryLimit);
        out.bytes([Op.i64GtU, Op.if, Op.voidBlock]);
        total();
        out.u8(Op.globalSet);
        out.u32(globals.memoryPeak);
        out.bytes([Op.unreachable, Op.end, Op.localGet, 1]);
    });
}
