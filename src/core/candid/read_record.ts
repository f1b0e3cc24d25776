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

function smallRecord(fields: readonly FieldReader[]): RecordReader {
    const [a, b, c, d, e, f, g, h] = fields;
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

function record1({ label: a, read: x }: F): RecordReader {
    return () => ({ [a]: x() });
}

function record2({ label: a, read: x }: F, { label: b, read: y }: F): RecordReader {
    return () => ({ [a]: x(), [b]: y() });
}

function record3({ label: a, read: x }: F, { label: b, read: y }: F, { label: c, read: z }: F): RecordReader {
    return () => ({ [a]: x(), [b]: y(), [c]: z() });
}

function record4(f1: F, f2: F, f3: F, { label: d, read: w }: F): RecordReader {
    const [a, b, c, x, y, z] = [f1.label, f2.label, f3.label, f1.read, f2.read, f3.read];
    return () => ({ [a]: x(), [b]: y(), [c]: z(), [d]: w() });
}

function record5(f1: F, f2: F, f3: F, { label: d, read: w }: F, { label: e, read: v }: F): RecordReader {
    const [a, b, c, x, y, z] = [f1.label, f2.label, f3.label, f1.read, f2.read, f3.read];
    return () => ({ [a]: x(), [b]: y(), [c]: z(), [d]: w(), [e]: v() });
}

function record6(f1: F, f2: F, f3: F, f4: F, { label: e, read: v }: F, { label: f, read: u }: F): RecordReader {
    const [a, b, c, d] = [f1.label, f2.label, f3.label, f4.label];
    const [x, y, z, w] = [f1.read, f2.read, f3.read, f4.read];
    return () => ({ [a]: x(), [b]: y(), [c]: z(), [d]: w(), [e]: v(), [f]: u() });
}

function record7(f1: F, f2: F, f3: F, f4: F, f5: F, f6: F, { label: g, read: t }: F): RecordReader {
    const [a, b, c, d, e, f] = [f1.label, f2.label, f3.label, f4.label, f5.label, f6.label];
    const [x, y, z, w, v, u] = [f1.read, f2.read, f3.read, f4.read, f5.read, f6.read];
    return () => ({ [a]: x(), [b]: y(), [c]: z(), [d]: w(), [e]: v(), [f]: u(), [g]: t() });
}

function record8(f1: F, f2: F, f3: F, f4: F, f5: F, f6: F, f7: F, { label: h, read: s }: F): RecordReader {
    const [a, b, c, d, e, f, g] = [f1.label, f2.label, f3.label, f4.label, f5.label, f6.label, f7.label];
    const [x, y, z, w, v, u, t] = [f1.read, f2.read, f3.read, f4.read, f5.read, f6.read, f7.read];
    return () => ({ [a]: x(), [b]: y(), [c]: z(), [d]: w(), [e]: v(), [f]: u(), [g]: t(), [h]: s() });
}

/** Reads the components into an array; also the arguments of a message. */
export function tupleReader(components: readonly Reader[]): () => unknown[] {
    const [a, b, c, ...more] = components;
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
