/** Schedules run to their end, round by round through the settlement itself. A period of one epoch is as good as one of 90. */
import { addVersion } from '../../../canisters/rewards/domain/profiles/calendar';
import { purseOf } from '../../../canisters/rewards/domain/treasury/purses';
import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { epochAmount } from '../../../src/core/tokenomics/emission';
import { expectOk, principalOf, World } from '../../model/rewards/world';

/** A period's one epoch pays what a day of the real period pays. */
function daily(profile: TokenomicsProfile): TokenomicsProfile {
    const { emission } = profile;
    const firstPeriodE8s = emission.firstPeriodE8s / emission.epochsPerPeriod;
    return { ...profile, emission: { ...emission, firstPeriodE8s, epochsPerPeriod: 1n } };
}

function runOut(profile: TokenomicsProfile): { world: World; totalE8s: bigint; periods: bigint } {
    const world = new World(profile);
    addVersion(world.state, { fromEpoch: 0n, profile: daily(profile) });
    world.putNode(1);
    let totalE8s = 0n;
    for (let period = 1n; ; period++) {
        let epochE8s = 0n;
        for (let round = 0; round < 12; round++) {
            const settled = expectOk(world.settle(world.report([{ node: principalOf(1), weight: 7n }])));
            epochE8s += settled.emissionE8s;
        }
        expect(epochE8s).toBe(epochAmount(profile.emission, period));
        if (epochE8s === 0n) return { world, totalE8s, periods: period };
        totalE8s += epochE8s;
    }
}

test('AS-09: the schedule of s2 ends in period 68 with 21,772,059,117,252,840 e8s, far below its cap', () => {
    const { world, totalE8s, periods } = runOut(S2_2100M);
    expect(periods).toBe(68n);
    expect(totalE8s * 90n).toBe(21_772_059_117_252_840n);
    expect(world.state.emission.get()).toMatchObject({ emittedE8s: totalE8s, assignedE8s: totalE8s, carryE8s: 0n });
    expect(purseOf(world.state, 'node').owedE8s).toBe(totalE8s);
});

test('the schedule of s3 ends with 20,495,898.56 EMC of its 100 million', () => {
    const { world, totalE8s } = runOut(S3_1000M);
    expect((totalE8s * 90n) / 1_000_000n).toBe(2_049_589_856n);
    expect(world.state.emission.get()).toMatchObject({ emittedE8s: totalE8s, assignedE8s: totalE8s, carryE8s: 0n });
});

test('R2: a schedule that would pass its cap stops exactly there', () => {
    const capE8s = 100_000_000_000_007n;
    const world = new World(S2_2100M);
    const profile = { ...S2_2100M, emission: { ...S2_2100M.emission, capE8s } };
    addVersion(world.state, { fromEpoch: 0n, profile });
    world.putNode(1);
    let last = 1n;
    while (last > 0n) last = expectOk(world.settle(world.report([{ node: principalOf(1), weight: 7n }]))).emissionE8s;
    expect(world.state.emission.get().emittedE8s).toBe(capE8s);
});
