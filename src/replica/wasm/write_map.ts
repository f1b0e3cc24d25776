import { ByteWriter, signedLeb } from './byte_writer';
import { FcOp, Op } from './opcodes';
import { type Limits, ValueType } from './parse';

/**
 * The write map: which parts of a canister's memory were written since the map was last cleared, so that a rollback copies back those
 * and not the whole memory. It is a byte for each 4 KiB of a 32-bit address space and lies in front of the canister's own memory:
 * the rewriter moves every address by `HIDDEN_BYTES`, hides these pages from `memory.size` and `memory.grow`, and sets the byte in
 * front of each store. (Engines of today have no second memory, and tell nobody which pages were written.)
 *
 * A mark may stand one granule before the write: stores mark the granule of their address, not of address plus offset, when the
 * offset is smaller than a granule. With the width of the store, a mark covers `MARK_REACH` bytes.
 */
export const GRANULE_BITS = 12;
/** What one byte of the map stands for. */
export const GRANULE_BYTES = 1 << GRANULE_BITS;
/** By which memories grow. */
export const WASM_PAGE_BYTES = 65_536;
/** Of the map of the largest memory. */
export const HIDDEN_BYTES = 2 ** (32 - GRANULE_BITS);
/** The same in pages. */
export const HIDDEN_PAGES = HIDDEN_BYTES / WASM_PAGE_BYTES;
/** Widest store: a v128. */
export const MARK_REACH = 2 * GRANULE_BYTES + 16;

/**
 * One page less than 4 GiB, so that `MAX_OFFSET` is out of bounds whatever the address. A canister can thus have 17 pages less than
 * the 65 536 of the replica.
 */
const MAX_PAGES = 65_535;
const MAX_OFFSET = 0xffff_ffff;

/** Modules with a 64-bit memory, or one that leaves no room for the map, have no write map: they are copied whole. */
export function hasWriteMap(memory: Limits | undefined): boolean {
    return memory !== undefined && !memory.is64 && memory.min + HIDDEN_PAGES <= MAX_PAGES;
}

/** Of a heap with 64-bit addresses: 6 GiB, as the replica has it. Engines would go on. */
export const MAX_PAGES_64 = (6 * 2 ** 30) / WASM_PAGE_BYTES;

/** The payload of a 64-bit memory's section: such a heap grows no further than the replica lets it. */
export function memory64({ min, max }: Limits): Uint8Array {
    const out = new ByteWriter(16);
    out.bytes([1, 0b101]);
    out.u32(min);
    out.u32(Math.min(max ?? MAX_PAGES_64, MAX_PAGES_64));
    return out.written();
}

/** The memory section's payload with the hidden pages. */
export function memoryWithMap({ min, max }: Limits): Uint8Array {
    const out = new ByteWriter(16);
    out.bytes([1, max === undefined ? 0 : 1]);
    out.u32(min + HIDDEN_PAGES);
    if (max !== undefined) out.u32(Math.min(max + HIDDEN_PAGES, MAX_PAGES));
    return out.written();
}

/** The offset of an access behind the map. Offsets that no memory reaches stay out of reach. */
export function movedOffset(offset: number): number {
    return Math.min(offset + HIDDEN_BYTES, MAX_OFFSET);
}

/** `memory.size` of the canister's own pages. */
export const SIZE_CODE: readonly number[] = [Op.memorySize, 0, Op.i32Const, HIDDEN_PAGES, Op.i32Sub];

/** Sets the mark of the granule whose number is on the stack. */
const SET_MARK: readonly number[] = [Op.i32Const, 1, Op.i32Store8, 0, 0];
const TO_GRANULE: readonly number[] = [Op.i32Const, GRANULE_BITS, Op.i32ShrU];

/** Marks the address on top of the stack, moved by a store's offset. An address that wraps belongs to a store that traps. */
export function markCode(offset: number): readonly number[] {
    const moved = offset < GRANULE_BYTES ? [] : [Op.i32Const, ...signedLeb(offset | 0), Op.i32Add];
    return [...moved, ...TO_GRANULE, ...SET_MARK];
}

/**
 * Body of `(address, size) -> address`, in front of bulk operations: traps like they do when the range is out of bounds, marks it when
 * `isWrite`, and returns the address behind the map.
 */
export function rangeBody(isWrite: boolean): Uint8Array {
    const out = new ByteWriter(96);
    const size = out.openSize();
    out.u8(0);
    out.bytes([Op.localGet, 0, Op.i64ExtendI32U, Op.localGet, 1, Op.i64ExtendI32U, Op.i64Add]);
    out.bytes([...SIZE_CODE, Op.i64ExtendI32U, Op.i64Const, 16, Op.i64Shl]);
    out.bytes([Op.i64GtU, Op.if, Op.voidBlock, Op.i32Const, 0x7f, Op.i32Load8U, 0]);
    out.u32(MAX_OFFSET);
    out.bytes([Op.drop, Op.end]);
    if (isWrite) out.bytes(MARK_RANGE);
    out.bytes([Op.localGet, 0, Op.i32Const]);
    out.s64(HIDDEN_BYTES);
    out.bytes([Op.i32Add, Op.end]);
    out.closeSize(size);
    return out.written();
}

const FIRST_GRANULE: readonly number[] = [Op.localGet, 0, ...TO_GRANULE];

/** Fills the map from the granule of local 0, for the bytes that local 1 counts. */
const MARK_RANGE: readonly number[] = [
    ...[Op.localGet, 1, Op.if, Op.voidBlock, ...FIRST_GRANULE, Op.i32Const, 1],
    ...[Op.localGet, 0, Op.localGet, 1, Op.i32Add, Op.i32Const, 1, Op.i32Sub, ...TO_GRANULE],
    ...[...FIRST_GRANULE, Op.i32Sub, Op.i32Const, 1, Op.i32Add],
    ...[Op.prefixFc, FcOp.memoryFill, 0, Op.end]
];

/** `(i32, i32) -> i32` */
export const RANGE_TYPE: Uint8Array = Uint8Array.of(0x60, 2, ValueType.i32, ValueType.i32, 1, ValueType.i32);
