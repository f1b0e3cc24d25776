import { Principal } from '@dfinity/principal';
import * as fc from 'fast-check';
import { airdropProof, airdropRoot, verifyAirdrop, type AirdropEntry } from '../../../src/core/governance/airdrop';

const entriesOf = (count: number): AirdropEntry[] =>
    Array.from({ length: count }, (_, i) => ({
        account: { owner: Principal.fromUint8Array(Uint8Array.of(7, i)) },
        amountE8s: 1_000_000n + BigInt(i)
    }));

test('AS-85: every entry of a list of any length is proven by its own proof and no other', () => {
    fc.assert(
        fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(19), fc.nat(19), (count, at, other) => {
            const entries = entriesOf(count);
            const index = at % count;
            const wrong = other % count;
            const entry = entries[index];
            if (entry === undefined) return;
            const root = airdropRoot(entries);
            const verify = (i: number, proof: number): boolean =>
                verifyAirdrop(root, BigInt(count), BigInt(i), entry, airdropProof(entries, proof));
            expect(verify(index, index)).toBe(true);
            if (wrong !== index) expect(verify(wrong, wrong)).toBe(false);
        }),
        { numRuns: 50 }
    );
});

test('AS-85: another amount, account, list or length is refused', () => {
    const entries = entriesOf(5);
    const [entry] = entries;
    if (entry === undefined) throw new Error('no entry');
    const root = airdropRoot(entries);
    const proof = airdropProof(entries, 0);
    expect(verifyAirdrop(root, 5n, 0n, entry, proof)).toBe(true);
    expect(verifyAirdrop(root, 5n, 0n, { ...entry, amountE8s: entry.amountE8s + 1n }, proof)).toBe(false);
    expect(verifyAirdrop(root, 5n, 0n, { ...entry, amountE8s: entry.amountE8s + (1n << 64n) }, proof)).toBe(false);
    const stranger = { owner: Principal.fromUint8Array(Uint8Array.of(9)) };
    expect(verifyAirdrop(root, 5n, 0n, { ...entry, account: stranger }, proof)).toBe(false);
    expect(verifyAirdrop(airdropRoot(entries.slice(1)), 5n, 0n, entry, proof)).toBe(false);
    expect(verifyAirdrop(root, 5n, 5n, entry, proof)).toBe(false);
    expect(verifyAirdrop(root, 5n, 0n, entry, proof.slice(1))).toBe(false);
    expect(verifyAirdrop(root, 5n, 0n, entry, [...proof, root])).toBe(false);
});

test('AS-85: twelve equal batches of 105 million EMC are 875,000,000,000,000 e8s each', () => {
    expect(10_500_000_000_000_000n / 12n).toBe(875_000_000_000_000n);
    expect(10_500_000_000_000_000n % 12n).toBe(0n);
});
