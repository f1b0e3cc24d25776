/**
 * Readers of records and tuples. The number of fields is written out up to eight: a loop costs 1 300 instructions per turn,
 * and an object literal is filled at half the price of an empty object.
 */
import type { Reader } from './input';

/** One field: the label under which the value is kept, and how it is read. */
export interface FieldReader {
    readonly label: string;
    readonly read: Reader;
}

type RecordValue = { [label: string]: unknown };
type RecordReader = () => RecordValue;

const WRITTEN_OUT = 8;

/** Reads the fields in the order given. */
export function recordReader(fields: readonly FieldReader[]): RecordReader {
    const head = smallRecord(fields.slice(0, WRITTEN_OUT));
    const tail = fields.slice(WRITTEN_OUT);
    if (tail.length === 0) return head;
    return () => {
        const value = head();
        for (const { label, read } of tail) value[label] = read();
        return value;
    };
}

/** No array patterns here or below: QuickJS runs them through an iterator. */
function smallRecord(fields: readonly FieldReader[]): RecordReader {
    const a = fields[0];
    const b = fields[1];
    const c = fields[2];
    const d = fields[3];
    const e = fields[4];
    const f = fields[5];
    const g = fields[6];
    const h = fields[7];
    if (a === undefined) return () => ({});
    if (b === undefined) return record1(a);
    if (c === undefined) return record2(a, b);
    if (d === undefined) return record3(a, b, c);
    if (e === undefined) return record4(a, b, c, d);
    if (f === undefined) return record5(a, b, c, d, e);
    if (g === undefined) return record6(a, b, c, d, e, f);
    if (h === undefined) return record7(a, b, c, d, e, f, g);
    return record8(a, b, c, d, e, f, g, h);
}

type F = FieldReader;

function record1({ label: a, read: readA }: F): RecordReader {
    return () => ({ [a]: readA() });
}

function record2({ label: a, read: readA }: F, { label: b, read: readB }: F): RecordReader {
    return () => ({ [a]: readA(), [b]: readB() });
}

function record3(
    { label: a, read: readA }: F,
    { label: b, read: readB }: F,
    { label: c, read: readC }: F
): RecordReader {
    return () => ({ [a]: readA(), [b]: readB(), [c]: readC() });
}

function record4(
    { label: a, read: readA }: F,
    { label: b, read: readB }: F,
    { label: c, read: readC }: F,
    { label: d, read: readD }: F
): RecordReader {
    return () => ({ [a]: readA(), [b]: readB(), [c]: readC(), [d]: readD() });
}

function record5(
    { label: a, read: readA }: F,
    { label: b, read: readB }: F,
    { label: c, read: readC }: F,
    { label: d, read: readD }: F,
    { label: e, read: readE }: F
): RecordReader {
    return () => ({ [a]: readA(), [b]: readB(), [c]: readC(), [d]: readD(), [e]: readE() });
}

function record6(
    { label: a, read: readA }: F,
    { label: b, read: readB }: F,
    { label: c, read: readC }: F,
    { label: d, read: readD }: F,
    { label: e, read: readE }: F,
    { label: f, read: readF }: F
): RecordReader {
    return () => ({ [a]: readA(), [b]: readB(), [c]: readC(), [d]: readD(), [e]: readE(), [f]: readF() });
}

function record7(
    { label: a, read: readA }: F,
    { label: b, read: readB }: F,
    { label: c, read: readC }: F,
    { label: d, read: readD }: F,
    { label: e, read: readE }: F,
    { label: f, read: readF }: F,
    { label: g, read: readG }: F
): RecordReader {
    return () => ({ [a]: readA(), [b]: readB(), [c]: readC(), [d]: readD(), [e]: readE(), [f]: readF(), [g]: readG() });
}

function record8(
    { label: a, read: readA }: F,
    { label: b, read: readB }: F,
    { label: c, read: readC }: F,
    { label: d, read: readD }: F,
    { label: e, read: readE }: F,
    { label: f, read: readF }: F,
    { label: g, read: readG }: F,
    { label: h, read: readH }: F
): RecordReader {
    return () => ({
        [a]: readA(),
        [b]: readB(),
        [c]: readC(),
        [d]: readD(),
        [e]: readE(),
        [f]: readF(),
        [g]: readG(),
        [h]: readH()
    });
}

/** Reads the components into an array; also the arguments of a message. */
export function tupleReader(components: readonly Reader[]): () => unknown[] {
    const a = components[0];
    const b = components[1];
    const c = components[2];
    const more = components.slice(3);
    if (a === undefined) return () => [];
    if (b === undefined) return () => [a()];
    if (c === undefined) return () => [a(), b()];
    if (more.length === 0) return () => [a(), b(), c()];
    return () => {
        const values = [a(), b(), c()];
        for (const read of more) values.push(read());
        return values;
    };
}
