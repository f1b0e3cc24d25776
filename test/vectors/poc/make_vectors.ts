/** The vectors of docs/poc.md: eleven of its parts, nine of whole proofs. */
import { Chain, commitChain } from '../../../src/core/poc/chain';
import { foldConstants, foldRow, leavesOf } from '../../../src/core/poc/fold';
import { checkVector, matrixTimes } from '../../../src/core/poc/freivalds';
import { probeEValueE8 } from '../../../src/core/poc/measure';
import { productRow, slotMatrix } from '../../../src/core/poc/rows';
import { drawSamples } from '../../../src/core/poc/sampling';
import { derive, nodeSeed } from '../../../src/core/poc/seeds';
import { SPEC_V1, STANDARD_WORK } from '../../../src/core/poc/spec';
import { rowEntries, streamWords } from '../../../src/core/poc/stream';
import { parentOf, rootOf } from '../../../src/core/poc/tree';
import { toHex } from '../../../src/core/bytes';
import { sha256 } from '../../../src/core/hash';
import { digestToBytes, type Digest } from '../../../src/core/sha256';
import { ProverInMemory, seed, taskOf, verdictOf, type Cheats } from '../../unit/core/poc/support/prover_in_memory';

export interface Vector {
    readonly name: string;
    readonly input: object;
    readonly output: unknown;
}

const hex = (digest: Digest): string => toHex(digestToBytes(digest));
const bytesOf = (numbers: Int8Array | Int32Array): Uint8Array =>
    new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
const hashOf = (numbers: Int8Array | Int32Array): string => toHex(sha256(bytesOf(numbers)));

const slot = seed('EMC-PoC-1 vectors: slot');
const node = seed('EMC-PoC-1 vectors: node');
const randomness = seed('EMC-PoC-1 vectors: randomness');
const key = derive('matrix', slot);
const [slotHex, nodeHex, randomHex] = [toHex(slot), toHex(node), toHex(randomness)];

function seedVectors(): readonly Vector[] {
    const principal = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 7, 1, 1]);
    const challenge = { version: 1, id: 2n ** 40n + 5n, node: principal };
    return [
        {
            name: 'key of the matrix (§2)',
            input: { purpose: 'matrix', slot_seed: slotHex },
            output: hex(key)
        },
        {
            name: 'node seed (§2)',
            input: {
                slot_seed: slotHex,
                version: 1,
                challenge: `${challenge.id}`,
                principal: toHex(principal),
                randomness: randomHex
            },
            output: toHex(nodeSeed(slot, challenge, randomness))
        },
        {
            name: 'first words of a stream, signed (§3)',
            input: { key: hex(key), index: 1_000_003, count: 8 },
            output: [...streamWords(key, 1_000_003, 8)]
        }
    ];
}

function productVectors(): readonly Vector[] {
    const matrix = slotMatrix(slot, 128);
    const roundKey = derive('round', node);
    const row = productRow(roundKey, 9, matrix, 128);
    const constants = foldConstants(derive('fold', slot), 128);
    return [
        {
            name: 'a row of a matrix (§3)',
            input: { key: hex(key), index: 3, dimension: 64 },
            output: [...rowEntries(key, 3, 64)]
        },
        {
            name: 'SHA-256 of B, a byte per entry (§3)',
            input: { slot_seed: slotHex, dimension: 1024 },
            output: hashOf(slotMatrix(slot, 1024))
        },
        {
            name: 'a row of a product (§4)',
            input: { slot_seed: slotHex, key: hex(roundKey), row: 9, dimension: 128 },
            output: [...row]
        },
        {
            name: 'the fold of that row (§4)',
            input: { slot_seed: slotHex, entries: 'as before' },
            output: [...foldRow(row, constants)]
        }
    ];
}

function chainVectors(): readonly Vector[] {
    const folds = streamWords(key, 5, 256);
    const leaves = leavesOf(folds);
    const chain = new Chain(node);
    const roots = Array.from({ length: 6 }, (_, i) => derive('round', new Uint8Array([i])));
    const keys = roots.map((root) => {
        const next = chain.nextKey();
        chain.append(root);
        return hex(next);
    });
    return [
        {
            name: 'leaves and root of a round of 128 rows (§5)',
            input: { folds: [...folds] },
            output: { leaves: leaves.map(hex), root: hex(parentOf(leaves[0]!, leaves[1]!)) }
        },
        {
            name: 'keys of six rounds, root and commitment (§6)',
            input: { node_seed: nodeHex, roots: roots.map(hex) },
            output: { keys, root: hex(rootOf(roots)), commitment: toHex(commitChain(node, roots)) }
        }
    ];
}

function checkVectorsOfTheSpecification(): readonly Vector[] {
    const skipping = seed('skip 5081');
    const r = checkVector(randomness, 64);
    const shape = { dimension: 1024, rows: 65_536 };
    const probe = { pocClass: 'L', rounds: 14_400, elapsedMs: 18_250n } as const;
    const spec = { ...SPEC_V1, standardWork: STANDARD_WORK.gpu };
    return [
        {
            name: 'samples (§7)',
            input: { rounds: 20_000, rows: 65_536, count: 5, commitment: slotHex, randomness: randomHex },
            output: drawSamples(shape, 20_000, 5, slot, randomness).map(({ round, row }) => [round, row])
        },
        {
            name: 'SHA-256 of r as 1024 little-endian words, one piece left out; r and B·r at dimension 64 (§8)',
            input: { skipping: toHex(skipping), randomness: randomHex, slot_seed: slotHex },
            output: {
                r_1024: hashOf(checkVector(skipping, 1024).values),
                r: [...r.values],
                v: [...matrixTimes(key, r).values]
            }
        },
        {
            name: 'E of a probe (§9)',
            input: { class: 'L', rounds: 14_400, elapsed_ms: 18_250, standard_work: `${STANDARD_WORK.gpu}` },
            output: `${probeEValueE8(spec, probe)}`
        }
    ];
}

interface ProofCase {
    readonly name: string;
    readonly rounds: number;
    readonly cheats?: Cheats;
    /** What becomes of claim and opening on their way. */
    readonly alter?: (proof: { rounds: number; nodeSeed: Uint8Array; opening: Uint8Array }) => object;
}

const alterRow: Cheats['entries'] = (_round, _row, honest) =>
    honest().map((entry, column) => entry + (column === 7 ? 1 : 0));

const PROOFS: readonly ProofCase[] = [
    { name: 'one round', rounds: 1 },
    { name: 'eleven rounds', rounds: 11 },
    { name: 'an altered entry, committed to', rounds: 5, cheats: { entries: alterRow } },
    {
        name: 'an altered entry, not committed to',
        rounds: 5,
        cheats: { opened: (_round, _row, entries) => entries.map((entry, column) => entry + (column === 7 ? 1 : 0)) }
    },
    {
        name: 'an entry out of range',
        rounds: 5,
        cheats: { opened: (_round, _row, entries) => entries.map(() => 64 * 16_384 + 1) }
    },
    {
        name: 'keys of the rounds without their past',
        rounds: 5,
        cheats: { key: (round) => derive('round', node, new Uint8Array([round])) }
    },
    { name: 'another node', rounds: 5, alter: () => ({ nodeSeed: seed('another node') }) },
    { name: 'another number of rounds', rounds: 5, alter: () => ({ rounds: 6 }) },
    { name: 'a byte too few', rounds: 5, alter: ({ opening }) => ({ opening: opening.slice(1) }) }
];

function proofVector({ name, rounds, cheats, alter }: ProofCase): Vector {
    const prover = new ProverInMemory(
        { ...taskOf({ dimension: 64, rows: 128 }), slotSeed: slot, nodeSeed: node },
        rounds,
        cheats
    );
    const claim = prover.claim();
    const drawing = { count: 2, randomness };
    const proof = { ...claim, opening: prover.open(prover.samples(drawing)) };
    const sent = { ...proof, ...alter?.(proof) };
    return {
        name: `proof: ${name}`,
        input: {
            dimension: 64,
            rows: 128,
            slot_seed: slotHex,
            node_seed: toHex(sent.nodeSeed),
            rounds: sent.rounds,
            commitment: toHex(sent.commitment),
            samples: 2,
            sample_randomness: randomHex,
            check_randomness: toHex(seed('check')),
            opening: toHex(sent.opening)
        },
        output: verdictOf(sent, drawing, sent.opening)
    };
}

export function makeVectors(): readonly Vector[] {
    const parts = [...seedVectors(), ...productVectors(), ...chainVectors(), ...checkVectorsOfTheSpecification()];
    return [...parts, ...PROOFS.map(proofVector)];
}
