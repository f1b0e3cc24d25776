import { DEFAULT_CONFIG, InvalidConfig, makeConfig, secondsUp } from '../../../canisters/state_machine/domain/config';

test('makeConfig: fills defaults in and keeps what is given', () => {
    expect(makeConfig({})).toEqual(DEFAULT_CONFIG);
    expect(makeConfig({ onlineWindowS: 20n, keyLeakS: undefined })).toMatchObject({
        onlineWindowS: 20n,
        keyLeakS: 7_200n
    });
});

test('makeConfig: refuses what cannot work and names the field', () => {
    const fieldOf = (given: object): string => {
        try {
            makeConfig(given);
            return 'accepted';
        } catch (thrown) {
            return thrown instanceof InvalidConfig ? thrown.field : 'other';
        }
    };
    expect(fieldOf({ onlineWindowS: 0n })).toBe('onlineWindowS');
    expect(fieldOf({ keyLeakS: 1n << 63n })).toBe('keyLeakS');
    expect(fieldOf({ profile: 'none' })).toBe('profile');
    expect(fieldOf({ statusSpacingS: 0n })).toBe('accepted');
});

test('secondsUp: a started second counts', () => {
    expect([0n, 1n, 1_000_000_000n, 1_000_000_001n].map(secondsUp)).toEqual([0n, 1n, 1n, 2n]);
});
