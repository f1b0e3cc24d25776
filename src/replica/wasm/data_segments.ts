import { ByteReader } from './byte_reader';
import { ByteWriter } from './byte_writer';
import { malformed } from './errors';
import { Op, OP_END } from './opcodes';
import type { Section } from './parse';
import { movedOffset } from './write_map';

const PASSIVE = 1;
const ACTIVE_WITH_INDEX = 2;

/** The data section's payload with every active segment behind the write map. */
export function moveDataSegments(bytes: Uint8Array, section: Section): Uint8Array {
    const reader = new ByteReader(bytes, section.start, section.end);
    const out = new ByteWriter(section.end - section.start + 1024);
    const count = reader.u32();
    out.u32(count);
    for (let i = 0; i < count; i += 1) {
        const kind = reader.u32();
        out.u32(kind);
        if (kind === ACTIVE_WITH_INDEX) out.u32(reader.u32());
        if (kind !== PASSIVE) moveOffset(reader, out);
        const from = reader.pos;
        reader.skip(reader.u32());
        out.range(bytes, from, reader.pos);
    }
    return out.written();
}

/** The offset is a constant: globals that a module may use there are imported ones, which canisters have none of. */
function moveOffset(reader: ByteReader, out: ByteWriter): void {
    if (reader.u8() !== Op.i32Const) throw malformed('constant expression required', reader.pos);
    const offset = reader.s32() >>> 0;
    if (reader.u8() !== OP_END) throw malformed('constant expression required', reader.pos);
    out.u8(Op.i32Const);
    out.s64(movedOffset(offset) | 0);
    out.u8(OP_END);
}
