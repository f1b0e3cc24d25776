import type { ByteReader } from './byte_reader';
import { malformed } from './errors';
import { FC, FD, OP_END, Operand, PLAIN } from './opcodes';

function skipBranchTable(reader: ByteReader): void {
    for (let rest = reader.u32() + 1; rest > 0; rest -= 1) reader.skipLeb();
}

/** Moves behind the operands of an instruction with operand shape `shape`. */
export function skipOperand(reader: ByteReader, shape: number): void {
    switch (shape) {
        case Operand.none:
            return;
        case Operand.leb:
            return reader.skipLeb();
        case Operand.memory:
        case Operand.leb2:
            reader.skipLeb();
            return reader.skipLeb();
        case Operand.memoryLane:
            reader.skipLeb();
            reader.skipLeb();
            return reader.skip(1);
        case Operand.branchTable:
            return skipBranchTable(reader);
        case Operand.typedSelect:
            return reader.skip(reader.u32());
        case Operand.bytes1:
            return reader.skip(1);
        case Operand.bytes4:
            return reader.skip(4);
        case Operand.bytes8:
            return reader.skip(8);
        case Operand.bytes16:
            return reader.skip(16);
        default:
            throw malformed('unknown or unsupported instruction', reader.pos);
    }
}

/** Moves behind a constant expression and returns its first opcode. */
export function skipConstantExpression(reader: ByteReader): number {
    const first = reader.u8();
    for (let op = first; op !== OP_END; op = reader.u8()) {
        const shape = PLAIN.operand[op] ?? Operand.unknown;
        if (shape === Operand.prefixFd) skipOperand(reader, FD.operand[reader.u32()] ?? Operand.unknown);
        else if (shape === Operand.prefixFc) skipOperand(reader, FC.operand[reader.u32()] ?? Operand.unknown);
        else skipOperand(reader, shape);
    }
    return first;
}
