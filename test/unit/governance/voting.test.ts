import * as fc from 'fast-check';
import { powerBefore, stakePower, type Checkpoint } from '../../../src/core/governance/power';
import { castPower, exceeds, NO_VOTES, passes, withVote } from '../../../src/core/governance/tally';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';

const { governance } = S2_2100M;

test('power grows with the amount, and with the term up to twice the amount', () => {
    const powers = [7n, 360n, 1_080n, 3_600n].map((days) => stakePower(governance, 1_080_000n, days));
    expect(powers).toEqual([1_087_000n, 1_440_000n, 2_160_000n, 2_160_000n]);
});

test('A.1.13: more than half of the votes pass a grant of s2, half of them do not', () => {
    const rule = governance.rules.grant;
    expect(passes(rule, { yes: 51n, no: 50n, abstain: 0n }, 1_000n)).toBe(true);
    expect(passes(rule, { yes: 50n, no: 50n, abstain: 0n }, 1_000n)).toBe(false);
    expect(passes(rule, { yes: 30n, no: 0n, abstain: 0n }, 1_000n)).toBe(false);
    expect(passes(rule, { yes: 31n, no: 0n, abstain: 0n }, 1_000n)).toBe(true);
});

test('F9: a grant of s3 needs a turnout over half and more yes than no', () => {
    const rule = S3_1000M.governance.rules.grant;
    expect(passes(rule, { yes: 500n, no: 0n, abstain: 0n }, 1_000n)).toBe(false);
    expect(passes(rule, { yes: 501n, no: 0n, abstain: 0n }, 1_000n)).toBe(true);
    expect(passes(rule, { yes: 2n, no: 1n, abstain: 498n }, 1_000n)).toBe(true);
    expect(passes(rule, { yes: 300n, no: 301n, abstain: 0n }, 1_000n)).toBe(false);
});

test('what changes the constitution needs more than 60 % of the votes and more than 10 % of all power', () => {
    const rule = governance.rules.constitution;
    expect(passes(rule, { yes: 60n, no: 40n, abstain: 1n }, 1_000n)).toBe(false);
    expect(passes(rule, { yes: 61n, no: 40n, abstain: 0n }, 1_000n)).toBe(true);
    expect(passes(rule, { yes: 100n, no: 0n, abstain: 0n }, 1_000n)).toBe(false);
});

test('nothing passes without votes, and nothing is more than a part of nothing', () => {
    expect(passes(governance.rules.ordinary, NO_VOTES, 0n)).toBe(false);
    expect(exceeds(0n, 0n, { num: 0n, den: 1n })).toBe(false);
});

test('votes of each choice are summed', () => {
    const tally = withVote(withVote(withVote(NO_VOTES, 'yes', 3n), 'no', 4n), 'abstain', 5n);
    expect(tally).toEqual({ yes: 3n, no: 4n, abstain: 5n });
    expect(castPower(tally)).toBe(12n);
});

test('R9: power before an instant is that of the last strictly older checkpoint, as a scan finds it', () => {
    const times = fc.array(fc.bigInt(0n, 40n), { maxLength: 30 });
    fc.assert(
        fc.property(times, fc.bigInt(0n, 45n), (instants, atNs) => {
            const history: Checkpoint[] = [...instants]
                .sort((a, b) => Number(a - b))
                .map((at, i) => ({ atNs: at, powerE8s: BigInt(i + 1) }));
            const scanned = history.filter((one) => one.atNs < atNs).pop()?.powerE8s ?? 0n;
            const found = powerBefore({ length: BigInt(history.length), get: (i) => history[Number(i)] }, atNs);
            expect(found).toBe(scanned);
        })
    );
});
