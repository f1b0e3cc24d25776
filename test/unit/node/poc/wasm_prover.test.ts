import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import wabt from 'wabt';
import { commitChain } from '../../../../src/core/poc/chain';
import { drawSamples } from '../../../../src/core/poc/sampling';
import { openSamples } from '../../../../src/node/poc/open_samples';
import { NoSlot } from '../../../../src/node/poc/prover';
import { ReferenceProver } from '../../../../src/node/poc/reference_prover';
import { KERNEL_BASE64 } from '../../../../src/node/poc/wasm/kernel_bytes';
import { WasmProver } from '../../../../src/node/poc/wasm_prover';
import { seed, taskOf, verdictOf } from '../../core/poc/support/prover_in_memory';

test('the committed module is what its text says', async () => {
    const { parseWat } = await wabt();
    const text = await readFile(join('src', 'node', 'poc', 'wasm', 'kernel.wat'), 'utf8');
    const module = parseWat('kernel.wat', text, { simd: true, threads: true, bulk_memory: true });
    expect(Buffer.from(module.toBinary({}).buffer).toString('base64')).toBe(KERNEL_BASE64);
});

test('bit-identical with the reference, for any shape and number of threads', async () => {
    const shapes = [
        { dimension: 64, rows: 64 },
        { dimension: 128, rows: 64 },
        { dimension: 192, rows: 128 },
        { dimension: 320, rows: 512 },
        { dimension: 1024, rows: 128 }
    ];
    const reference = new ReferenceProver();
    for (const [index, shape] of shapes.entries()) {
        const task = taskOf(shape, `wasm ${index}`);
        const wasm = new WasmProver(1 + (index % 3));
        await wasm.load(task);
        await reference.load(task);
        const expected = await reference.run(task.nodeSeed, () => true, 3);
        expect(await wasm.run(task.nodeSeed, () => true, 3)).toEqual(expected);
        const key = expected[0]!;
        expect(await wasm.folds(key)).toEqual(await reference.folds(key));
        await wasm.close();
    }
});

test('its rounds can be opened and are accepted; it can take up another slot', async () => {
    const prover = new WasmProver(2);
    for (const label of ['one slot', 'another slot']) {
        const task = taskOf({ dimension: 128, rows: 256 }, label);
        await prover.load(task);
        const roots = await prover.run(task.nodeSeed, (rounds) => rounds < 7);
        expect(roots).toHaveLength(7);
        const commitment = commitChain(task.nodeSeed, roots);
        const drawing = { count: 6, randomness: seed(label) };
        const samples = drawSamples(task.shape, 7, 6, commitment, drawing.randomness);
        const opening = await openSamples(prover, task, task.nodeSeed, roots, samples);
        expect(verdictOf({ ...task, rounds: 7, commitment }, drawing, opening)).toBe('ok');
    }
    await prover.close();
});

test('without a slot there is nothing to prove', async () => {
    const prover = new WasmProver(1);
    await expect(prover.folds([0, 0, 0, 0, 0, 0, 0, 0])).rejects.toThrow(NoSlot);
    await prover.load(taskOf({ dimension: 64, rows: 64 }));
    await prover.close();
    await prover.close();
    await expect(prover.run(seed('node'), () => true, 1)).rejects.toThrow(NoSlot);
});
