import { VECTORS_V1_HASH } from '../../../../src/core/poc/spec';
import { KnownVersions, type PublishedVersion } from '../../../../src/node/poc/known_versions';

const KNOWN = VECTORS_V1_HASH;
const OTHER = '00'.repeat(32);

function versionsOf(...hashes: string[]) {
    const published: PublishedVersion[] = hashes.map((vectorsHash, i) => ({ version: i + 1, vectorsHash }));
    const list = jest.fn(() => Promise.resolve(published));
    return { versions: new KnownVersions(list), list };
}

test('a node begins by the version of the challenge when its vectors are those that it reproduces', async () => {
    const { versions } = versionsOf(KNOWN, KNOWN);
    expect(await versions.toBeginBy(2)).toBe(2);
    expect(await versions.toBeginBy(1)).toBe(1);
});

test('it asks for the version before one that it does not implement, and for none when it knows none', async () => {
    expect(await versionsOf(KNOWN, OTHER).versions.toBeginBy(2)).toBe(1);
    expect(await versionsOf(OTHER, OTHER).versions.toBeginBy(2)).toBeUndefined();
    expect(await versionsOf(OTHER, KNOWN).versions.toBeginBy(1)).toBeUndefined();
});

test('the versions are read once, and again when one appears that was not there', async () => {
    const { versions, list } = versionsOf(KNOWN, KNOWN);
    for (let i = 0; i < 3; i++) await versions.toBeginBy(1);
    expect(list).toHaveBeenCalledTimes(1);
    await versions.toBeginBy(3);
    expect(list).toHaveBeenCalledTimes(2);
});
