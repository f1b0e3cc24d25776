import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../../../src/core/hash';
import { fromHex, toHex } from '../../../../src/core/bytes';
import { verifyOpening, checkVectors } from '../../../../src/core/poc/verify';
import { makeVectors, type Vector } from '../../../vectors/poc/make_vectors';
import { checkVector, fold, naiveVerdict, row, words, type NaiveProof } from './support/naive_verifier';

const committed = readFile(join('src', 'core', 'poc', 'vectors.json'), 'utf8').then(
    (text) => JSON.parse(text) as Vector[]
);

async function vectorOf(part: string): Promise<{ input: Record<string, string>; output: unknown }> {
    const found = (await committed).filter(({ name }) => name.includes(part));
    expect(found).toHaveLength(1);
    return found[0] as { input: Record<string, string>; output: unknown };
}

test('the committed vectors are those of the reference, twenty or more', async () => {
    expect((await committed).length).toBeGreaterThanOrEqual(20);
    expect(JSON.parse(JSON.stringify(makeVectors()))).toEqual(await committed);
});

test('an implementation from the document alone agrees on the parts', async () => {
    const stream = await vectorOf('first words');
    const key = Buffer.from(stream.input.key!, 'hex');
    expect(words(key, 1_000_003, 8).map((word) => Number(BigInt.asIntN(32, word)))).toEqual(stream.output);
    const entries = await vectorOf('a row of a matrix');
    expect(row(key, 3, 64).map(Number)).toEqual(entries.output);
    const product = await vectorOf('a row of a product');
    const constants = words(digestOf('EMC-PoC-1:fold', product.input.slot_seed!), 0, 128);
    const folded = fold((product.output as number[]).map(BigInt), constants);
    const expected = (await vectorOf('the fold of that row')).output;
    expect(folded.map((lane) => Number(BigInt.asIntN(32, lane)))).toEqual(expected);
});

test('an implementation from the document alone agrees on the check vectors', async () => {
    const { input, output } = await vectorOf('one piece left out');
    const { r, r_1024: hash } = output as { r: number[]; r_1024: string };
    expect(checkVector(Buffer.from(input.randomness!, 'hex'), 64).map(Number)).toEqual(r);
    const long = checkVector(Buffer.from(input.skipping!, 'hex'), 1024);
    expect(toHex(sha256(new Uint8Array(Int32Array.from(long, Number).buffer)))).toBe(hash);
});

test('an implementation from the document alone gives every proof the same verdict, as does the verifier', async () => {
    const proofs = (await committed).filter(({ name }) => name.startsWith('proof: '));
    expect(new Set(proofs.map(({ output }) => output))).toEqual(
        new Set(['ok', 'product', 'fold', 'range', 'path', 'size'])
    );
    for (const { input, output } of proofs) {
        expect(naiveVerdict(input as NaiveProof)).toBe(output);
        expect(verdict(input as NaiveProof)).toBe(output);
    }
});

function verdict(proof: NaiveProof): string {
    const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array();
    const { dimension, rows, rounds, samples: count } = proof;
    const slotSeed = bytes(proof.slot_seed);
    const claim = { shape: { dimension, rows }, slotSeed, nodeSeed: bytes(proof.node_seed), rounds };
    const result = verifyOpening(
        { ...claim, commitment: bytes(proof.commitment) },
        { count, randomness: bytes(proof.sample_randomness) },
        bytes(proof.opening),
        checkVectors(slotSeed, dimension, bytes(proof.check_randomness))
    );
    return result.ok ? 'ok' : result.error.code;
}

function digestOf(label: string, hex: string): Buffer {
    const padded = Buffer.concat([Buffer.from(label), Buffer.alloc(16)]).subarray(0, 16);
    return Buffer.from(sha256(Buffer.concat([padded, Buffer.from(hex, 'hex')])));
}
