import fc from 'fast-check';
import { compareBytes, equalBytes, fromHex, toHex, utf8 } from '../../../src/replica/wire/bytes';
import { encodeCbor } from '../../../src/replica/wire/cbor';
import { decodeCbor } from '../../../src/replica/wire/cbor_decode';
import { ForkTree, LabeledTree, emptyTree, labels, leaf, type HashTree } from '../../../src/replica/wire/hash_tree';
import { treeFromCbor, treeToCbor } from '../../../src/replica/wire/hash_tree_cbor';
import { LabelTrie } from '../../../src/replica/wire/label_trie';
import { levelOf, lookupPath, type Lookup } from '../../../src/replica/wire/lookup';
import { witness, type Path } from '../../../src/replica/wire/witness';

const specRoot = 'eb5c5b2195e62d996b84c9bcc8259d19a83786a2f59e0878cec84c811f669aa0';

function labeled(label: string, subtree: HashTree): HashTree {
    return new LabeledTree(utf8(label), subtree);
}

/** The example tree of the interface specification. */
const specTree = new ForkTree(
    new ForkTree(
        labeled(
            'a',
            new ForkTree(new ForkTree(labeled('x', leaf(utf8('hello'))), emptyTree), labeled('y', leaf(utf8('world'))))
        ),
        labeled('b', leaf(utf8('good')))
    ),
    new ForkTree(labeled('c', emptyTree), labeled('d', leaf(utf8('morning'))))
);

const specPrunedCbor =
    '83018301830241618301820458201b4feff9bef8131788b0c9dc6dbad6e81e524249c879e9f10f71ce3749f5a63883024179820345776f726c64' +
    '83024162820458207b32ac0c6ba8ce35ac82c255fc7906f7fc130dab2a090f80fe12f9c2cae83ba6830182045820ec8324b8a1f1ac16bd2e80' +
    '6edba78006479c9877fed4eb464a25485465af601d830241648203476d6f726e696e67';

/** Labels from a small alphabet, so that near misses and prefixes are common. */
const label = fc.array(fc.constantFrom(0, 1, 127, 128, 255), { maxLength: 3 }).map((bytes) => Uint8Array.from(bytes));

interface Entries {
    readonly entries: readonly (readonly [Uint8Array, Entries | Uint8Array])[];
}

const { level } = fc.letrec<{ level: Entries; content: Entries | Uint8Array }>((tie) => ({
    content: fc.oneof({ maxDepth: 3 }, fc.uint8Array({ maxLength: 4 }), tie('level')),
    level: fc.record({
        entries: fc.uniqueArray(fc.tuple(label, tie('content')), { selector: ([key]) => toHex(key), maxLength: 6 })
    })
}));

function build(content: Entries | Uint8Array, useTrie: boolean): HashTree {
    if (content instanceof Uint8Array) {
        return leaf(content);
    }
    const entries = content.entries.map(([key, below]) => [key, build(below, useTrie)] as const);
    if (!useTrie) {
        return labels(entries);
    }
    const trie = new LabelTrie();
    for (const [key, subtree] of entries) {
        trie.set(key, subtree);
    }
    return trie.tree;
}

function summary(lookup: Lookup): string {
    return lookup.kind === 'found' ? toHex(lookup.tree.digest) : lookup.kind;
}

/** Whether a path goes on below data: nothing is shown for it, so that it cannot be used to read the data. */
function passesLeaf(tree: HashTree, path: Path): boolean {
    const prefixes = path.map((_, length) => lookupPath(tree, path.slice(0, length)));
    return prefixes.some((prefix) => prefix.kind === 'found' && prefix.tree.kind === 'leaf');
}

test('hash tree: the example of the interface specification', () => {
    expect(toHex(specTree.digest)).toBe(specRoot);
    const decoded = decodeCbor(fromHex(specPrunedCbor));
    const pruned = treeFromCbor(decoded.ok ? decoded.value : undefined);
    expect(toHex(pruned?.digest ?? new Uint8Array())).toBe(specRoot);
    const own = witness(specTree, [[utf8('a'), utf8('y')], [utf8('ax')], [utf8('d')]]);
    expect(toHex(encodeCbor(treeToCbor(own)))).toBe(specPrunedCbor);
});

test('hash tree: lookups in the pruned example are those of the specification', () => {
    const decoded = decodeCbor(fromHex(specPrunedCbor));
    const tree = treeFromCbor(decoded.ok ? decoded.value : undefined) ?? emptyTree;
    const kinds = (...path: string[]): string => lookupPath(tree, path.map(utf8)).kind;
    expect([
        kinds('a', 'a'),
        kinds('a', 'y'),
        kinds('aa'),
        kinds('ax'),
        kinds('b'),
        kinds('bb'),
        kinds('d'),
        kinds('e')
    ]).toEqual(['unknown', 'found', 'absent', 'absent', 'unknown', 'unknown', 'found', 'absent']);
});

test('witness: requested paths keep their lookup, all others keep it or become unknown, the root stays', () => {
    fc.assert(
        fc.property(
            level,
            fc.array(fc.array(label, { maxLength: 4 }), { maxLength: 4 }),
            fc.boolean(),
            fc.array(fc.array(label, { maxLength: 4 }), { maxLength: 8 }),
            (content, paths, useTrie, others) => {
                const tree = build(content, useTrie);
                const pruned = witness(tree, paths);
                expect(toHex(pruned.digest)).toBe(toHex(tree.digest));
                for (const path of paths.filter((path) => !passesLeaf(tree, path))) {
                    expect(summary(lookupPath(pruned, path))).toBe(summary(lookupPath(tree, path)));
                }
                for (const path of others) {
                    const shown = summary(lookupPath(pruned, path));
                    expect([summary(lookupPath(tree, path)), 'unknown']).toContain(shown);
                }
            }
        ),
        { numRuns: 500 }
    );
});

test('witness: what is not requested is pruned', () => {
    const tree = labels([
        [utf8('time'), leaf(utf8('now'))],
        [utf8('secret'), leaf(utf8('x'))],
        [
            utf8('subnet'),
            labels([
                [utf8('a'), leaf(utf8('1'))],
                [utf8('b'), leaf(utf8('2'))]
            ])
        ]
    ]);
    const pruned = witness(tree, [[utf8('subnet')]]);
    expect(lookupPath(pruned, [utf8('time')]).kind).toBe('unknown');
    expect(lookupPath(pruned, [utf8('secret')]).kind).toBe('unknown');
    expect(lookupPath(pruned, [utf8('subnet'), utf8('b')]).kind).toBe('found');
});

test('label trie: any order of insertions and deletions gives the same sorted level', () => {
    const operation = fc.record({ key: label, remove: fc.boolean() });
    fc.assert(
        fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
            const trie = new LabelTrie();
            const model = new Map<string, Uint8Array>();
            for (const { key, remove } of operations) {
                if (remove) {
                    expect(trie.delete(key)).toBe(model.delete(toHex(key)));
                } else {
                    trie.set(key, leaf(key));
                    model.set(toHex(key), key);
                }
            }
            expect(trie.size).toBe(model.size);
            const sorted = [...model.values()].sort(compareBytes);
            const found = [...levelOf(trie.tree)].map((node) =>
                node.kind === 'labeled' ? toHex(node.label) : node.kind
            );
            expect(found).toEqual(sorted.map(toHex));
            const rebuilt = new LabelTrie();
            for (const key of sorted) {
                rebuilt.set(key, leaf(key));
            }
            expect(equalBytes(rebuilt.tree.digest, trie.tree.digest)).toBe(true);
        })
    );
});

test('hash tree: CBOR round trip, and refusal of what is none', () => {
    fc.assert(
        fc.property(level, (content) => {
            const tree = build(content, false);
            const back = treeFromCbor(treeToCbor(tree));
            expect(toHex(back?.digest ?? new Uint8Array())).toBe(toHex(tree.digest));
        })
    );
    for (const bad of [null, [], [5n], [4n, utf8('short')], [2n, 'text', [0n]], [1n, [0n]], [0n, 0n]]) {
        expect(treeFromCbor(bad)).toBeUndefined();
    }
});
