import fc from 'fast-check';
import { epochEValueE8, isProven, probeEValueE8, smoothedEValueE8 } from '../../../../src/core/poc/measure';
import { acceptedSpecs, SPEC_V1, specFault, STANDARD_WORK, type PocSpec } from '../../../../src/core/poc/spec';

const spec: PocSpec = {
    ...SPEC_V1,
    activationEpoch: 0n,
    standardWork: STANDARD_WORK.gpu,
    vectorsHash: new Uint8Array(32)
};
const E8 = 100_000_000n;
/** Rounds of class L that are worth E = 1. */
const STANDARD_ROUNDS = 8_192;
const probe = (rounds: number, elapsedMs: bigint) => ({ pocClass: 'L', rounds, elapsedMs }) as const;

test('E: a standard window of work within window and slack is 1', () => {
    for (const ms of [1n, 15_000n, 17_500n]) expect(probeEValueE8(spec, probe(STANDARD_ROUNDS, ms))).toBe(E8);
});

test('E: beyond the slack every millisecond counts; the latest commitment loses a third', () => {
    expect(probeEValueE8(spec, probe(STANDARD_ROUNDS, 25_000n))).toBe(66_666_666n);
    expect(probeEValueE8(spec, probe(STANDARD_ROUNDS, 17_501n))).toBe(99_993_333n);
});

test('E: working through the slack gains a sixth at most', () => {
    const honest = probeEValueE8(spec, probe(15_000, 15_000n));
    const late = probeEValueE8(spec, probe(17_500, 17_500n));
    expect(late * 1000n).toBeLessThanOrEqual(honest * 1167n);
});

test('E: the same work in another class is worth the same', () => {
    const inL = probeEValueE8(spec, probe(64, 15_000n));
    expect(probeEValueE8(spec, { pocClass: 'XS', rounds: 64 * 64, elapsedMs: 15_000n })).toBe(inL);
    expect(probeEValueE8(spec, { pocClass: 'XL', rounds: 16, elapsedMs: 15_000n })).toBe(inL);
});

test('E: 21 small rounds are 2.6 standard tasks of 2^33 (compute.md §4.7)', () => {
    const development = { ...spec, standardWork: 1n << 33n };
    expect(probeEValueE8(development, { pocClass: 'XS', rounds: 21, elapsedMs: 15_200n })).toBe(262_500_000n);
});

test('E of an epoch: the median of three probes or more, whatever the others are', () => {
    expect(epochEValueE8([])).toBeUndefined();
    expect(epochEValueE8([1n, 2n])).toBeUndefined();
    expect(epochEValueE8([5n, 1n, 900n])).toBe(5n);
    expect(epochEValueE8([5n, 1n, 900n, 6n])).toBe(5n);
    fc.assert(
        fc.property(fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 3 }), (probes) => {
            const median = epochEValueE8(probes)!;
            expect(probes.filter((value) => value < median).length * 2).toBeLessThanOrEqual(probes.length);
            expect(probes.filter((value) => value > median).length * 2).toBeLessThanOrEqual(probes.length);
        })
    );
});

test('E across epochs: halfway to the new value', () => {
    expect(smoothedEValueE8(undefined, 100n)).toBe(100n);
    expect(smoothedEValueE8(100n, 200n)).toBe(150n);
});

test('scenario 19: a newcomer needs three probes by three validators within 24 hours', () => {
    const day = 86_400_000n;
    const at = (acceptedAtMs: bigint, validator: string) => ({ acceptedAtMs, validator });
    const three = [at(0n, 'a'), at(1n, 'b'), at(2n, 'c')];
    expect(isProven(three, day)).toBe(true);
    expect(isProven(three.slice(1), day)).toBe(false);
    expect(isProven([at(0n, 'a'), at(1n, 'b'), at(2n, 'b')], day)).toBe(false);
    expect(isProven(three, day + 1n)).toBe(false);
});

test('specifications: version 1 has no fault, and every parameter that could break the check has one', () => {
    expect(specFault(spec)).toBeUndefined();
    expect(specFault({ ...spec, dimension: 2048 })).toBe('shape');
    expect(specFault({ ...spec, dimension: 96 })).toBe('shape');
    expect(specFault({ ...spec, rows: { ...spec.rows, S: 4_097 } })).toBe('shape');
    expect(specFault({ ...spec, rows: { ...spec.rows, XL: 2 ** 21 } })).toBe('shape');
    expect(specFault({ ...spec, commitWithinMs: 17_499n })).toBe('times');
    expect(specFault({ ...spec, windowMs: 0n })).toBe('times');
    expect(specFault({ ...spec, slackMs: -1n })).toBe('times');
    for (const samples of [0, 1, 65, 2.5]) expect(specFault({ ...spec, samples })).toBe('samples');
    expect(specFault({ ...spec, standardWork: 0n })).toBe('standardWork');
    expect(specFault({ ...spec, vectorsHash: new Uint8Array(31) })).toBe('vectorsHash');
});

test('versions: both are accepted during the epoch in which the newer begins', () => {
    const next = { ...spec, version: 2, activationEpoch: 10n };
    const accepted = (epoch: bigint) => acceptedSpecs([spec, next], epoch).map(({ version }) => version);
    expect(accepted(9n)).toEqual([1]);
    expect(accepted(10n)).toEqual([2, 1]);
    expect(accepted(11n)).toEqual([2]);
    expect(acceptedSpecs([next], 9n)).toEqual([]);
});
