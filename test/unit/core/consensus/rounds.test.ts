import fc from 'fast-check';
import {
    positionAt,
    proposerIndex,
    quorumOf,
    roundDeadlineNs,
    type RoundPosition
} from '../../../../src/core/consensus/rounds';

const seconds = (count: number): bigint => BigInt(count) * 1_000_000_000n;
const params = { timeoutNs: seconds(10), maxDoublings: 5 };
const start: RoundPosition = { round: 0, startedNs: 0n, proposedNs: undefined };

test('AS-38: quorum of N', () => {
    expect([4, 7, 12, 13].map(quorumOf)).toEqual([3, 5, 9, 9]);
});

test('a silent proposer is skipped after 10 s · 2^round', () => {
    const roundAt = (s: number): number => positionAt(params, start, seconds(s)).round;
    expect([0, 9, 10, 29, 30, 69, 70, 149, 150, 309, 310, 629, 630].map(roundAt)).toEqual([
        0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6
    ]);
});

test('rounds do not grow without end: after five doublings each lasts 320 s', () => {
    const at = positionAt(params, start, seconds(310 + 320 * 1_000));
    expect(at).toEqual({ round: 5 + 1_000, startedNs: seconds(310 + 320_000), proposedNs: undefined });
});

test('a proposal has the time of its round for its votes, counted from when it came', () => {
    const proposed = { ...start, proposedNs: seconds(9) };
    expect(positionAt(params, proposed, seconds(18)).round).toBe(0);
    expect(positionAt(params, proposed, seconds(19))).toEqual({
        round: 1,
        startedNs: seconds(19),
        proposedNs: undefined
    });
});

test('property: looking in between changes nothing, and the position contains the instant', () => {
    fc.assert(
        fc.property(fc.nat(100_000), fc.nat(100_000), (first, second) => {
            const [early, late] = [Math.min(first, second), Math.max(first, second)].map(
                (ms) => BigInt(ms) * 10_000_000n
            );
            const direct = positionAt(params, start, late!);
            expect(positionAt(params, positionAt(params, start, early!), late!)).toEqual(direct);
            expect(direct.startedNs <= late!).toBe(true);
            expect(late! < roundDeadlineNs(params, direct)).toBe(true);
        })
    );
});

test('every validator comes to its turn within N rounds', () => {
    for (const n of [4, 7, 13]) {
        const turns = Array.from({ length: n }, (_, round) => proposerIndex(5, round, n));
        expect(new Set(turns).size).toBe(n);
    }
});
