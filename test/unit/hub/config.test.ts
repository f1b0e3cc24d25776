import { changed, DEFAULT_CONFIG, type ConfigChange } from '../../../canisters/hub/domain/config';

const after = (change: ConfigChange) => {
    const result = changed(DEFAULT_CONFIG, change);
    return result.ok ? result.value : result.error.kind;
};

test('what is given replaces what is there, and nothing else changes', () => {
    expect(after({})).toEqual(DEFAULT_CONFIG);
    expect(after({ graceS: 5n, allowsSelfTrade: true, probeMaxS: undefined })).toEqual({
        ...DEFAULT_CONFIG,
        graceS: 5n,
        allowsSelfTrade: true
    });
    expect(after({ probeMinS: 60n, probeMaxS: 60n })).toMatchObject({ probeMinS: 60n, probeMaxS: 60n });
});

test.each<ConfigChange>([
    { probeMinS: 7_201n },
    { probeMaxS: 3_599n },
    { probeMinS: 0n, probeMaxS: 0n },
    { onlineWindowS: 0n },
    { graceS: 86_401n },
    { maxKeysPerOwner: 10_001n }
])('settings that make no sense are refused', (change) => {
    expect(after(change)).toBe('InvalidArgument');
});
