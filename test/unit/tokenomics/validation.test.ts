import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { profileFault, successorFault } from '../../../src/core/tokenomics/validation';

const NOTHING = { num: 1n, den: 0n };
const ALL = { num: 1n, den: 1n };

test('AS-80: the shipped profiles are valid, and each can follow itself', () => {
    for (const profile of [S2_2100M, S3_1000M]) {
        expect(profileFault(profile)).toBeUndefined();
        expect(successorFault(profile, { ...profile })).toBeUndefined();
    }
});

test('AS-80: allocations that do not sum to the supply are refused with their sum', () => {
    const [first, ...rest] = S2_2100M.allocations;
    if (first === undefined) throw new Error('no allocation');
    const short = { ...S2_2100M, allocations: [{ ...first, amountE8s: first.amountE8s - 1n }, ...rest] };
    expect(profileFault(short)).toEqual({ kind: 'allocation_mismatch', sumE8s: S2_2100M.totalSupplyE8s - 1n });
    expect(profileFault({ ...S2_2100M, totalSupplyE8s: 1n })?.kind).toBe('allocation_mismatch');
});

const broken: readonly (readonly [string, Partial<TokenomicsProfile>])[] = [
    ['emission.cap', { emission: { ...S2_2100M.emission, capE8s: 42_000_000_000_000_001n } }],
    ['emission.epochs_per_period', { emission: { ...S2_2100M.emission, epochsPerPeriod: 0n } }],
    ['emission.growth', { emission: { ...S2_2100M.emission, growth: { every: 0n, factor: 1n } } }],
    ['emission.decay', { emission: { ...S2_2100M.emission, decay: { kind: 'euler_pi', piNum: 0n, piDen: 1n } } }],
    ['trade.fee', { trade: { ...S2_2100M.trade, fee: { num: 11n, den: 10n } } }],
    ['trade.fee', { trade: { ...S2_2100M.trade, fee: NOTHING } }],
    ['trade.cap', { trade: { ...S2_2100M.trade, capE8s: 37_800_000_000_000_001n } }],
    [
        'node_classes',
        { nodeClasses: { ...S2_2100M.nodeClasses, router: { ...S2_2100M.nodeClasses.router, slashWindowS: 0n } } }
    ],
    ['compute_terms_days', { computeTermsDays: [7n, 0n] }],
    [
        'staking_tiers',
        {
            stakingTiers: [
                { days: 30n, aprBasisPoints: 1n },
                { days: 30n, aprBasisPoints: 2n }
            ]
        }
    ],
    ['staking_year_days', { stakingYearDays: 0n }],
    ['staking_income_share', { stakingIncomeShare: { num: 2n, den: 1n } }],
    ['governance', { governance: { ...S2_2100M.governance, votingEpochs: 0n } }],
    [
        'governance',
        {
            governance: {
                ...S2_2100M.governance,
                rules: { ...S2_2100M.governance.rules, constitution: { yesOver: ALL, turnoutOver: ALL } }
            }
        }
    ]
];

test.each(broken)('a profile with a broken %s is refused', (field, change) => {
    expect(profileFault({ ...S2_2100M, ...change })).toEqual({ kind: 'invalid', field });
});

test('what genesis decided cannot change: name, supply, allocations, calendar', () => {
    const fault = (change: Partial<TokenomicsProfile>) => successorFault(S2_2100M, { ...S2_2100M, ...change });
    expect(fault({ id: 'other' })).toEqual({ kind: 'immutable', field: 'id' });
    expect(fault({ totalSupplyE8s: 1n })).toEqual({ kind: 'immutable', field: 'total_supply' });
    expect(fault({ allocations: S3_1000M.allocations })).toEqual({ kind: 'immutable', field: 'allocations' });
    expect(fault({ allocations: [...S2_2100M.allocations].reverse() })).toBeUndefined();
    const { emission } = S2_2100M;
    expect(fault({ emission: { ...emission, epochsPerPeriod: 30n } })?.kind).toBe('immutable');
    expect(fault({ emission: { ...emission, growth: { every: 4n, factor: 2n } } })?.kind).toBe('immutable');
    expect(fault({ emission: { ...emission, firstPeriodE8s: 1n } })).toBeUndefined();
});
