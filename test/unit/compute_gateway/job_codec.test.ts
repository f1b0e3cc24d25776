import fc from 'fast-check';
import type { StoredJob } from '../../../canisters/compute_gateway/domain/tables';
import { storedJobCodec } from '../../../canisters/compute_gateway/job_codec';
import { CorruptBytes, ValueOutOfRange } from '../../../src/core/codec';
import { maybe, plain } from '../../support/arbitraries';
import { anyJob, u64 } from './support/any_job';

const stored: fc.Arbitrary<StoredJob> = fc.record({
    job: anyJob,
    place: maybe(fc.record({ flow: u64, position: u64 })),
    wakeNs: maybe(u64)
});

test('any job comes back as it was stored', () => {
    fc.assert(
        fc.property(stored, (row) => {
            expect(plain(storedJobCodec.decode(storedJobCodec.encode(row)))).toEqual(plain(row));
        }),
        { numRuns: 500 }
    );
});

test('a row that is too short, too long or of no known state is corrupt', () => {
    const [row] = fc.sample(stored, { numRuns: 1, seed: 1 });
    if (row === undefined) throw new CorruptBytes('a sample', 0);
    const bytes = storedJobCodec.encode(row);
    const longer = Uint8Array.from([...bytes, 0]);
    expect(() => storedJobCodec.decode(longer)).toThrow(CorruptBytes);
    const unknown = bytes.slice();
    unknown[185] = 99;
    expect(() => storedJobCodec.decode(unknown)).toThrow(CorruptBytes);
    expect(() => storedJobCodec.decode(bytes.slice(0, 100))).toThrow(CorruptBytes);
});

test('a hash of another length is no hash', () => {
    const [row] = fc.sample(stored, { numRuns: 1, seed: 1 });
    if (row === undefined) throw new CorruptBytes('a sample', 0);
    const bad = { ...row, job: { ...row.job, ackHash: new Uint8Array(31) } };
    expect(() => storedJobCodec.encode(bad)).toThrow(ValueOutOfRange);
});
