/**
 * Operand shapes, metering actions and instruction weights of WebAssembly opcodes.
 * Weights: the replica's instrumentation table (replica.md d.1), for 32-bit memories; loads and stores cost
 * `MEMORY64_ACCESS` with 64-bit ones.
 */

/** What follows an opcode byte. */
export const Operand = {
    none: 0,
    /** One LEB128: an index, an integer constant, a block type or a heap type. */
    leb: 1,
    leb2: 2,
    /** Alignment, then offset. */
    memory: 3,
    /** As `memory`, then a lane byte. */
    memoryLane: 4,
    branchTable: 5,
    typedSelect: 6,
    bytes1: 7,
    bytes4: 8,
    bytes8: 9,
    bytes16: 10,
    prefixFc: 11,
    prefixFd: 12,
    unknown: 13
} as const;

/** What the rewriter does at an opcode. */
export const Action = {
    none: 0,
    /** The block ends behind this opcode. */
    split: 1,
    /** The block ends here and the next one is re-entrant (`loop`). */
    loop: 2,
    /** Calls the checked growth function instead. */
    grow: 3,
    /** Subtracts the i32 (or pointer-sized) size operand on top of the stack first. */
    dynamicPointer: 4,
    /** Subtracts an operand that is an i32 even with 64-bit memories. */
    dynamicI32: 5
} as const;

/** What each instruction costs and carries. */
export interface OpcodeTable {
    readonly operand: Uint8Array;
    readonly action: Uint8Array;
    readonly weight: Uint16Array;
}

/** Weight of loads and stores on 64-bit memories. */
export const MEMORY64_ACCESS = 2;

type Row = readonly [first: number, last: number, weight: number, operand?: number, action?: number];

function table(rows: readonly Row[]): OpcodeTable {
    const operand = new Uint8Array(256).fill(Operand.unknown);
    const action = new Uint8Array(256);
    const weight = new Uint16Array(256).fill(1);
    for (const [first, last, cost, shape = Operand.none, act = Action.none] of rows) {
        operand.fill(shape, first, last + 1);
        action.fill(act, first, last + 1);
        weight.fill(cost, first, last + 1);
    }
    return { operand, action, weight };
}

/** One-byte opcodes. */
export const PLAIN = table([
    [0x00, 0x00, 1, Operand.none, Action.split], // unreachable
    [0x01, 0x01, 1], // nop
    [0x02, 0x02, 0, Operand.leb], // block
    [0x03, 0x03, 0, Operand.leb, Action.loop],
    [0x04, 0x04, 2, Operand.leb, Action.split], // if
    [0x05, 0x05, 0, Operand.none, Action.split], // else
    [0x0b, 0x0b, 0, Operand.none, Action.split], // end
    [0x0c, 0x0d, 2, Operand.leb, Action.split], // br, br_if
    [0x0e, 0x0e, 2, Operand.branchTable, Action.split],
    [0x0f, 0x0f, 1, Operand.none, Action.split], // return
    [0x10, 0x10, 5, Operand.leb], // call
    [0x11, 0x11, 10, Operand.leb2], // call_indirect
    [0x12, 0x12, 3, Operand.leb, Action.split], // return_call
    [0x13, 0x13, 60, Operand.leb2, Action.split], // return_call_indirect
    [0x1a, 0x1b, 1], // drop, select
    [0x1c, 0x1c, 1, Operand.typedSelect],
    [0x20, 0x22, 1, Operand.leb], // local.*
    [0x23, 0x24, 2, Operand.leb], // global.*
    [0x25, 0x26, 5, Operand.leb], // table.get, table.set
    [0x28, 0x3e, 1, Operand.memory],
    [0x3f, 0x3f, 20, Operand.leb], // memory.size
    [0x40, 0x40, 300, Operand.leb, Action.grow], // memory.grow
    [0x41, 0x42, 1, Operand.leb], // i32.const, i64.const
    [0x43, 0x43, 1, Operand.bytes4],
    [0x44, 0x44, 1, Operand.bytes8],
    [0x45, 0x5a, 1], // integer comparisons
    [0x5b, 0x66, 3], // float comparisons
    [0x67, 0x6c, 1],
    [0x6d, 0x70, 10], // i32 division, remainder
    [0x71, 0x7e, 1],
    [0x7f, 0x82, 10], // i64 division, remainder
    [0x83, 0x8a, 1],
    [0x8b, 0x8c, 1], // f32 abs, neg
    [0x8d, 0x90, 2],
    [0x91, 0x91, 5], // f32.sqrt
    [0x92, 0x94, 2],
    [0x95, 0x95, 3], // f32.div
    [0x96, 0x97, 18],
    [0x98, 0x98, 2],
    [0x99, 0x9a, 1], // f64 abs, neg
    [0x9b, 0x9e, 2],
    [0x9f, 0x9f, 8], // f64.sqrt
    [0xa0, 0xa2, 2],
    [0xa3, 0xa3, 5], // f64.div
    [0xa4, 0xa5, 18],
    [0xa6, 0xa6, 3],
    [0xa7, 0xa7, 1], // i32.wrap_i64
    [0xa8, 0xab, 20], // i32.trunc
    [0xac, 0xad, 1],
    [0xae, 0xb1, 20], // i64.trunc
    [0xb2, 0xb2, 3], // conversions: signed 3, unsigned 16
    [0xb3, 0xb3, 16],
    [0xb4, 0xb4, 3],
    [0xb5, 0xb5, 16],
    [0xb6, 0xb6, 1],
    [0xb7, 0xb7, 3],
    [0xb8, 0xb8, 16],
    [0xb9, 0xb9, 3],
    [0xba, 0xba, 16],
    [0xbb, 0xc4, 1],
    [0xd0, 0xd0, 1, Operand.leb], // ref.null
    [0xd1, 0xd1, 5], // ref.is_null
    [0xd2, 0xd2, 130, Operand.leb], // ref.func
    [0xfc, 0xfc, 0, Operand.prefixFc],
    [0xfd, 0xfd, 0, Operand.prefixFd]
]);

/** Opcodes behind 0xFC: saturating truncation and bulk operations. */
export const FC = table([
    [0, 7, 20],
    [8, 8, 100, Operand.leb2, Action.dynamicI32], // memory.init
    [9, 9, 300, Operand.leb], // data.drop
    [10, 10, 100, Operand.leb2, Action.dynamicPointer], // memory.copy
    [11, 11, 100, Operand.leb, Action.dynamicPointer], // memory.fill
    [12, 12, 100, Operand.leb2, Action.dynamicI32], // table.init
    [13, 13, 300, Operand.leb], // elem.drop
    [14, 14, 100, Operand.leb2, Action.dynamicI32], // table.copy
    [15, 15, 300, Operand.leb], // table.grow
    [16, 16, 100, Operand.leb], // table.size
    [17, 17, 100, Operand.leb, Action.dynamicI32] // table.fill
]);

/** Opcodes behind 0xFD: SIMD without the relaxed instructions. */
export const FD = table([
    [0x00, 0x0b, 1, Operand.memory],
    [0x0c, 0x0c, 1, Operand.bytes16], // v128.const
    [0x0d, 0x0d, 3, Operand.bytes16], // i8x16.shuffle
    [0x0e, 0x14, 1],
    [0x15, 0x22, 1, Operand.bytes1], // lanes
    [0x23, 0x53, 1],
    [0x54, 0x5b, 1, Operand.memoryLane],
    [0x5c, 0x5d, 1, Operand.memory],
    [0x5e, 0xff, 1]
]);

/** SIMD opcodes that cost more than 1. */
const FD_WEIGHTS: readonly (readonly [weight: number, opcodes: readonly number[]])[] = [
    [2, [0x26, 0x28, 0x30, 0x32, 0x3a, 0x3c, 0x67, 0x68, 0x69, 0x6a, 0x6d, 0x74, 0x75, 0x7a, 0x7d, 0x8b, 0x8c, 0x8d]],
    [2, [0x94, 0x9d, 0x9f, 0xab, 0xac, 0xad, 0xb5, 0xbc, 0xbd, 0xbe, 0xbf, 0xcb, 0xcd, 0xe0, 0xe1, 0xe4, 0xe5, 0xe6]],
    [2, [0xec, 0xed, 0xf0, 0xf1, 0xf2, 0xf8, 0xfc]],
    [3, [0x62, 0x6b, 0x6c, 0x7f, 0xcc, 0xfd]],
    [4, [0xd5, 0xe8, 0xe9, 0xf4, 0xf9, 0xfb]],
    [5, [0xe3, 0xf5]],
    [10, [0xe7]],
    [12, [0xf3]],
    [14, [0xef]]
];
for (const [weight, opcodes] of FD_WEIGHTS) for (const opcode of opcodes) FD.weight[opcode] = weight;

/** Opcodes behind 0xFC that change a table, and those that drop a segment. */
export const TABLE_MUTATIONS: ReadonlySet<number> = new Set([12, 14, 15, 17]);
/** `data.drop` and `elem.drop`, behind the prefix 0xfc. */
export const SEGMENT_DROPS: ReadonlySet<number> = new Set([9, 13]);
export const OP_TABLE_SET = 0x26;
export const OP_MEMORY_SIZE = 0x3f;
export const OP_END = 0x0b;

/** Instructions that the rewriter itself writes. */
export const Op = {
    unreachable: 0x00,
    if: 0x04,
    else: 0x05,
    end: 0x0b,
    return: 0x0f,
    call: 0x10,
    drop: 0x1a,
    localGet: 0x20,
    localSet: 0x21,
    localTee: 0x22,
    globalGet: 0x23,
    globalSet: 0x24,
    i32Load8U: 0x2d,
    i32Store8: 0x3a,
    memorySize: 0x3f,
    memoryGrow: 0x40,
    i32Const: 0x41,
    i64Const: 0x42,
    i32Eq: 0x46,
    i64Eq: 0x51,
    i64LtS: 0x53,
    i64GtS: 0x55,
    i64GtU: 0x56,
    i32Add: 0x6a,
    i32Sub: 0x6b,
    i32ShrU: 0x76,
    i64Add: 0x7c,
    i64Sub: 0x7d,
    i64Shl: 0x86,
    i64ExtendI32U: 0xad,
    prefixFc: 0xfc,
    prefixFd: 0xfd,
    /** Not an instruction: the type of a block without results. */
    voidBlock: 0x40
} as const;

/** Behind 0xFC. */
export const FcOp = { memoryInit: 8, memoryCopy: 10, memoryFill: 11 } as const;
