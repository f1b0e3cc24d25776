/**
 * Prints what the GPU prover does here, as JSON: Dawn is an ES module with a native part, which jest cannot load. Any Vulkan
 * driver will do, a software one too.
 */
import { errorText } from '../../../../src/client/error_text';
import { NoGpu } from '../../../../src/node/poc/gpu/errors';
import { GpuProver } from '../../../../src/node/poc/gpu_prover';
import { ReferenceProver } from '../../../../src/node/poc/reference_prover';
import { taskOf } from '../../core/poc/support/prover_in_memory';

/** Dawn without a device still checks and translates the shaders. */
async function compiled(): Promise<string> {
    try {
        const prover = await GpuProver.open({ dawn: ['backend=null'] });
        await prover.load(taskOf({ dimension: 128, rows: 128 }));
        await prover.close();
        return 'compiled';
    } catch (failure) {
        return failure instanceof NoGpu ? failure.missing : errorText(failure);
    }
}

async function agreement(): Promise<{ device: string; agrees: boolean } | { missing: string }> {
    try {
        const prover = await GpuProver.open({ allowSoftware: true });
        const reference = new ReferenceProver();
        let agrees = true;
        for (const [dimension, rows, rounds] of [
            [64, 64, 9],
            [128, 256, 3],
            [1024, 128, 2]
        ] as const) {
            const task = taskOf({ dimension, rows }, `gpu ${dimension}`);
            await prover.load(task);
            await reference.load(task);
            const expected = await reference.run(task.nodeSeed, () => true, rounds);
            const roots = await prover.run(task.nodeSeed, () => true, rounds);
            const folds = [await prover.folds(expected[0]!), await reference.folds(expected[0]!)];
            agrees &&= JSON.stringify(roots) === JSON.stringify(expected) && `${folds[0]}` === `${folds[1]}`;
        }
        const { device } = prover;
        await prover.close();
        return { device, agrees };
    } catch (failure) {
        if (failure instanceof NoGpu) return { missing: failure.missing };
        throw failure;
    }
}

console.log(JSON.stringify({ shaders: await compiled(), ...(await agreement()) }));
process.exit(0);
