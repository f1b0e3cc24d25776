import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { PRIORITIES, type Job, type JobState, type Payer } from '../../../canisters/compute_gateway/domain/job';
import type { StoredJob } from '../../../canisters/compute_gateway/domain/tables';
import { storedJobCodec } from '../../../canisters/compute_gateway/job_codec';
import { CorruptBytes, ValueOutOfRange } from '../../../src/core/codec';

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 2n });
const u32 = fc.nat(0xffff_ffff);
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const someone = fc.uint8Array({ minLength: 0, maxLength: 29 }).map((bytes) => Principal.fromUint8Array(bytes));
const text = fc.string({ maxLength: 40, unit: 'grapheme' });
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

const state: fc.Arbitrary<JobState> = fc.oneof(
    fc.constantFrom<JobState>({ kind: 'Opening' }, { kind: 'Queued' }, { kind: 'Leased' }, { kind: 'Cancelling' }),
    fc.record({ kind: fc.constant('Waiting' as const), untilNs: u64 }),
    fc.record({
        kind: fc.constantFrom('TimedOut' as const, 'Expired' as const),
        finishedAtNs: u64
    }),
    fc.record({ kind: fc.constant('Cancelled' as const), finishedAtNs: u64, units: u64, creditsUsed: u64 }),
    fc.record({ kind: fc.constant('Failed' as const), finishedAtNs: u64, code: text }),
    fc.record({
        kind: fc.constant('Completed' as const),
        finishedAtNs: u64,
        units: u64,
        creditsUsed: u64,
        outputHash: hash
    })
);

const job: fc.Arbitrary<Job> = fc.tuple(someone, someone, fc.nat(5)).chain(([first, second, same]) =>
    fc.record({
        id: u64,
        appId: text,
        payer: fc.oneof<fc.Arbitrary<Payer>[]>(
            fc.constant({ kind: 'Principal', who: first }),
            hash.map((keyHash) => ({ kind: 'ApiKey', keyHash }))
        ),
        submitter: fc.constant(same < 3 ? first : second),
        owner: fc.constantFrom(undefined, first, second),
        priority: fc.constantFrom(...PRIORITIES),
        sessionKey: maybe(text),
        group: maybe(u64),
        redriveOf: maybe(u64),
        idempotencyKey: maybe(text),
        ackHash: maybe(hash),
        socket: maybe(u64),
        isByReference: fc.boolean(),
        receiptForm: fc.constantFrom(1 as const, 2 as const),
        maxCredits: u64,
        maxUnits: u64,
        unitPriceCredits: u64,
        leaseNs: u64,
        createdAtNs: u64,
        expiresAtNs: u64,
        nodes: maybe(fc.array(someone, { maxLength: 50 })),
        queuedAtNs: u64,
        isAged: fc.boolean(),
        attempt: u32,
        failures: u32,
        excluded: fc.array(someone, { maxLength: 5 }),
        lease: maybe(
            fc.record({ node: someone, token: u64, attempt: u32, grantedAtNs: u64, deadlineNs: u64, units: u64 })
        ),
        state
    })
);

const stored: fc.Arbitrary<StoredJob> = fc.record({
    job,
    place: maybe(fc.record({ flow: u64, position: u64 })),
    wakeNs: maybe(u64)
});

/** Principals compare by their text. */
function plain(row: StoredJob): unknown {
    return JSON.parse(
        JSON.stringify(row, (_key, value: unknown) => {
            if (value instanceof Uint8Array) return [...value];
            return typeof value === 'bigint' ? `${value}` : value;
        })
    );
}

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
