import fc from 'fast-check';
import { equalBytes, fromHex, toHex } from '../../../../src/core/bytes';
import { buildLevels, leafHash, nodeHash, pathIn, rootFromPath, rootOf } from '../../../../src/core/consensus/merkle';
import { MerkleLog } from '../../../../src/core/consensus/merkle_log';
import { sha256 } from '../../../../src/core/hash';

/** Leaves and roots of the Certificate Transparency project's reference tests (RFC 6962 §2.1). */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'
];
const leaves = LEAVES.map((hex) => leafHash(fromHex(hex) ?? new Uint8Array()));

function newLog(): MerkleLog {
    const nodes = new Map<string, Uint8Array>();
    return new MerkleLog({
        get: (level, index) => nodes.get(`${level}/${index}`),
        set: (level, index, digest) => void nodes.set(`${level}/${index}`, digest)
    });
}

function logOf(items: readonly Uint8Array[]): MerkleLog {
    const log = newLog();
    items.forEach((leaf, size) => log.append(leaf, size));
    return log;
}

/** The RFC's recursion, word by word. */
function naiveRoot(items: readonly Uint8Array[]): Uint8Array {
    const [only] = items;
    if (only === undefined) return sha256(new Uint8Array());
    if (items.length === 1) return only;
    let k = 1;
    while (2 * k < items.length) k *= 2;
    return nodeHash(naiveRoot(items.slice(0, k)), naiveRoot(items.slice(k)));
}

const numbered = (count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => leafHash(Uint8Array.of(i >> 8, i)));

test('roots are those of the Certificate Transparency reference, built at once or grown', () => {
    for (let size = 0; size <= leaves.length; size++) {
        expect(toHex(rootOf(buildLevels(leaves.slice(0, size))))).toBe(ROOTS[size]);
        expect(toHex(logOf(leaves).root(size))).toBe(ROOTS[size]);
    }
});

test('property: both forms agree with the recursion of the RFC, and every leaf has a path that leads to the root', () => {
    fc.assert(
        fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(69), (size, at) => {
            const items = numbered(size);
            const index = at % size;
            const levels = buildLevels(items);
            const log = logOf(numbered(70));
            const root = naiveRoot(items);
            expect(equalBytes(rootOf(levels), root)).toBe(true);
            expect(equalBytes(log.root(size), root)).toBe(true);
            const path = pathIn(levels, size, index);
            expect(log.path(index, size)).toEqual(path);
            expect(rootFromPath(items[index]!, index, size, path)).toEqual(root);
        }),
        { numRuns: 100 }
    );
});

test('property: a path proves no other place, no other leaf and no other size', () => {
    fc.assert(
        fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(39), fc.nat(39), (size, at, other) => {
            const [index, wrong] = [at % size, other % size];
            const items = numbered(size);
            const levels = buildLevels(items);
            const path = pathIn(levels, size, index);
            const root = rootOf(levels);
            const leadsTo = (leaf: Uint8Array, i: number, n: number, p = path): boolean => {
                const found = rootFromPath(leaf, i, n, p);
                return found !== undefined && equalBytes(found, root);
            };
            if (wrong !== index) expect(leadsTo(items[index]!, wrong, size)).toBe(false);
            if (wrong !== index) expect(leadsTo(items[wrong]!, index, size)).toBe(false);
            expect(leadsTo(items[index]!, index, size, path.slice(1))).toBe(false);
            expect(leadsTo(items[index]!, index, size, [...path, root])).toBe(false);
            expect(leadsTo(items[index]!, size, size)).toBe(false);
        }),
        { numRuns: 100 }
    );
});

test('a node passes for no leaf: the two are hashed in domains of their own', () => {
    const [left, right] = [leaves[0]!, leaves[1]!];
    const joined = Uint8Array.of(...left, ...right);
    expect(equalBytes(leafHash(joined), nodeHash(left, right))).toBe(false);
});
