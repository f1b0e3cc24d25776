import fc from 'fast-check';
import { buildLevels, leafHash, pathIn, rootOf } from '../../../../src/core/consensus/merkle';
import {
    commitmentLeaf,
    chainIdOf,
    headDigest,
    headerOver,
    payloadLevels,
    rangeLevels,
    stateHash,
    type StateHeader
} from '../../../../src/core/consensus/state_hash';
import { ITEM_KINDS, itemBytes, itemFrom, type StateItem } from '../../../../src/core/consensus/state_item';
import { checkWitness, type ProofSubject, type StateWitness } from '../../../../src/core/consensus/state_proof';
import { verifyStateProof } from '../../../../src/core/certification/verify_state_proof';
import { sha256 } from '../../../../src/core/hash';
import { certifiedTree, SubnetKey, utf8 } from '../../../support/certificates';

const CHAIN = chainIdOf(Uint8Array.of(1, 2, 3), 7n);

const item = (ref: number): StateItem => ({
    kind: ITEM_KINDS[ref % ITEM_KINDS.length]!,
    ref: BigInt(ref),
    digest: sha256(utf8(`item ${ref}`))
});

/** Seven states of five items; states 1–3 and 4–7 are committed. The witness is that of item 2 of state 5. */
function aWitness(): { witness: StateWitness; certifiedData: Uint8Array } {
    const headers: StateHeader[] = [];
    let parent: Uint8Array = CHAIN;
    for (let height = 1; height <= 7; height++) {
        const items = [0, 1, 2, 3, 4].map((i) => item(10 * height + i));
        const header = headerOver(BigInt(height), parent, items);
        headers.push(header);
        parent = stateHash(header);
    }
    const hashes = headers.map(stateHash);
    const ranges = [rangeLevels(hashes.slice(0, 3)), rangeLevels(hashes.slice(3))] as const;
    const leaves = [
        commitmentLeaf({ from: 1n, to: 3n, root: rootOf(ranges[0]) }),
        commitmentLeaf({ from: 4n, to: 7n, root: rootOf(ranges[1]) })
    ];
    const log = buildLevels(leaves);
    const items = [0, 1, 2, 3, 4].map((i) => item(50 + i));
    const head = { chainId: CHAIN, tipHeight: 7n, tipHash: hashes[6]!, commitments: 2, commitmentsRoot: rootOf(log) };
    const witness: StateWitness = {
        ...headers[4]!,
        item: { item: items[2]!, index: 2, path: pathIn(payloadLevels(items), 5, 2) },
        commitment: { index: 1, from: 4n, to: 7n, statePath: pathIn(ranges[1], 4, 1), logPath: pathIn(log, 2, 1) },
        head
    };
    return { witness, certifiedData: headDigest(head) };
}

const { witness, certifiedData } = aWitness();
const check = (change: Partial<StateWitness>): string => {
    const checked = checkWitness({ ...witness, ...change }, certifiedData);
    return checked.ok ? 'ok' : checked.error;
};

test('a witness leads from an item, or from a state, to what is certified', () => {
    const checked = checkWitness(witness, certifiedData);
    expect(checked.ok && checked.value.item).toEqual(item(52));
    expect(checked.ok && checked.value.height).toBe(5n);
    expect(check({ item: undefined })).toBe('ok');
});

test('each step that is forged is found', () => {
    const other = witness.item!;
    expect(check({ item: { ...other, item: item(53) } })).toBe('ItemNotInState');
    expect(check({ item: { ...other, index: 3 } })).toBe('ItemNotInState');
    expect(check({ height: 6n })).toBe('CommitmentNotInLog');
    expect(check({ height: 3n })).toBe('StateNotInCommitment');
    expect(check({ parentHash: CHAIN })).toBe('CommitmentNotInLog');
    expect(check({ commitment: { ...witness.commitment, from: 3n } })).toBe('StateNotInCommitment');
    expect(check({ commitment: { ...witness.commitment, index: 0 } })).toBe('CommitmentNotInLog');
    expect(check({ head: { ...witness.head, tipHeight: 8n } })).toBe('HeadNotCertified');
    expect(check({ head: { ...witness.head, chainId: chainIdOf(Uint8Array.of(1, 2, 3), 8n) } })).toBe(
        'HeadNotCertified'
    );
    expect(checkWitness(witness, sha256(certifiedData))).toEqual({ ok: false, error: 'HeadNotCertified' });
});

test('the whole proof stands against the root key alone', () => {
    const key = new SubnetKey('root');
    const canisterId = Uint8Array.of(1, 2, 3);
    const nowNs = 1_800_000_000_000_000_000n;
    const trust = { rootKeyDer: key.der, canisterId, nowNs, maxAgeNs: 60_000_000_000n, maxAheadNs: 60_000_000_000n };
    const certificate = key.certificate(certifiedTree(canisterId, certifiedData, nowNs));
    const wanted: ProofSubject = { kind: 'Item', item: item(52).kind, ref: 52n };
    const verified = verifyStateProof(wanted, witness, certificate, trust);
    expect(verified.ok && [verified.value.item, verified.value.certifiedAtNs]).toEqual([item(52), nowNs]);
    const forger = new SubnetKey('somebody').certificate(certifiedTree(canisterId, certifiedData, nowNs));
    expect(verifyStateProof(wanted, witness, forger, trust)).toEqual({ ok: false, error: 'BadSignature' });
    const late = { ...trust, nowNs: nowNs + 61_000_000_000n };
    expect(verifyStateProof(wanted, witness, certificate, late)).toEqual({ ok: false, error: 'Stale' });
    // A true proof, but not of what was asked.
    const about = (subject: ProofSubject, shown = witness) => {
        const checked = verifyStateProof(subject, shown, certificate, trust);
        return checked.ok ? 'ok' : checked.error;
    };
    expect(about({ ...wanted, ref: 53n })).toBe('AnotherSubject');
    expect(about({ ...wanted, item: item(53).kind })).toBe('AnotherSubject');
    expect(about(wanted, { ...witness, item: undefined })).toBe('AnotherSubject');
    expect(about({ kind: 'State', height: 4n })).toBe('AnotherSubject');
    expect(about({ kind: 'State', height: 5n })).toBe('ok');
});

test('items are told apart by kind, reference and digest, and survive their bytes', () => {
    fc.assert(
        fc.property(fc.constantFrom(...ITEM_KINDS), fc.bigInt(0n, (1n << 64n) - 1n), (kind, ref) => {
            const made = { kind, ref, digest: sha256(utf8(`${kind} ${ref}`)) };
            expect(itemFrom(itemBytes(made))).toEqual(made);
        })
    );
    expect(leafHash(itemBytes(item(1)))).not.toEqual(leafHash(itemBytes({ ...item(1), kind: 'Trade' })));
});
