/// <reference types="@webgpu/types" />
import { LABEL_BYTES, labelOf, SEED_BYTES } from '../../core/poc/seeds';
import { MAX_ROUNDS } from '../../core/poc/shape';
import { DIGEST_BYTES } from '../../core/poc/tree';
import { Chain } from '../../core/poc/chain';
import type { Digest } from '../../core/sha256';
import { openDevice, type GpuChoice, type OpenDevice } from './gpu/dawn';
import { CHAIN, MAX_BATCH, slotKernels, type SlotKernels } from './gpu/slot_kernels';
import { NoSlot, type GoOn, type Prover, type Slot } from './prover';

const DIGEST_WORDS = DIGEST_BYTES / 4;

/** How long the device works between two readings: short against a window, long against the reading. */
const BATCH_MS = 100;

/** The prover for GPUs: whole rounds on the device, hashing included, a batch of them at a time. */
export class GpuProver implements Prover {
    readonly name = 'webgpu';
    private kernels: SlotKernels | undefined;

    private constructor(private readonly opened: OpenDevice) {}

    get device(): string {
        return this.opened.name;
    }

    /** @throws {@link NoGpu} */
    static async open(choice: GpuChoice = {}): Promise<GpuProver> {
        return new GpuProver(await openDevice(choice));
    }

    /** @throws {@link TooLargeForDevice} */
    async load(slot: Slot): Promise<void> {
        this.kernels?.destroy();
        this.kernels = await slotKernels(this.gpu, slot);
    }

    async run(nodeSeed: Uint8Array, goOn: GoOn, limit = MAX_ROUNDS): Promise<readonly Digest[]> {
        const { buffers, encodeRound } = this.slot();
        this.gpu.queue.writeBuffer(buffers.chain, 0, initialChain(nodeSeed));
        const roots: Digest[] = [];
        let pace = 1;
        while (roots.length < limit && goOn(roots.length)) {
            const batch = Math.min(pace, limit - roots.length);
            const startedAt = performance.now();
            this.gpu.queue.writeBuffer(buffers.chain, CHAIN.batch, new Uint32Array(1));
            this.submit(encodeRound, batch);
            const words = await this.read(buffers.roots, batch * DIGEST_BYTES);
            for (let i = 0; i < batch; i++) roots.push(digestAt(words, i));
            pace = nextBatch(batch, performance.now() - startedAt);
        }
        return roots;
    }

    async folds(roundKey: Digest): Promise<Int32Array> {
        const { buffers, encodeFolds } = this.slot();
        this.gpu.queue.writeBuffer(buffers.chain, CHAIN.key, Int32Array.from(roundKey));
        this.submit(encodeFolds, 1);
        return this.read(buffers.folds, buffers.folds.size);
    }

    async close(): Promise<void> {
        this.kernels?.destroy();
        this.kernels = undefined;
        this.gpu.destroy();
    }

    private get gpu(): GPUDevice {
        return this.opened.device;
    }

    private slot(): SlotKernels {
        if (this.kernels === undefined) throw new NoSlot();
        return this.kernels;
    }

    private submit(encode: (pass: GPUComputePassEncoder) => void, times: number): void {
        const encoder = this.gpu.createCommandEncoder();
        const pass = encoder.beginComputePass();
        for (let i = 0; i < times; i++) encode(pass);
        pass.end();
        this.gpu.queue.submit([encoder.finish()]);
    }

    private async read(source: GPUBuffer, bytes: number): Promise<Int32Array> {
        const target = this.gpu.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
        const encoder = this.gpu.createCommandEncoder();
        encoder.copyBufferToBuffer(source, 0, target, 0, bytes);
        this.gpu.queue.submit([encoder.finish()]);
        await target.mapAsync(GPUMapMode.READ);
        const words = new Int32Array(target.getMappedRange().slice(0));
        target.destroy();
        return words;
    }
}

/** The struct Chain before the first round. */
function initialChain(nodeSeed: Uint8Array): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(CHAIN.bytes);
    const words = new Int32Array(bytes.buffer);
    words.set(new Chain(nodeSeed).nextKey(), CHAIN.key / 4);
    const head = new Uint8Array(LABEL_BYTES + SEED_BYTES);
    head.set(labelOf('round'));
    head.set(nodeSeed, LABEL_BYTES);
    const view = new DataView(head.buffer);
    for (let i = 0; i < head.length / 4; i++) words[CHAIN.head / 4 + i] = view.getInt32(4 * i);
    return bytes;
}

function digestAt(words: Int32Array, index: number): Digest {
    const at = index * DIGEST_WORDS;
    // Eight words by construction.
    return Array.from(words.subarray(at, at + DIGEST_WORDS)) as unknown as Digest;
}

/** As many rounds as fit the batch time at the last batch's pace, at most four times as many as before. */
function nextBatch(batch: number, elapsedMs: number): number {
    const fitting = Math.floor((batch * BATCH_MS) / Math.max(elapsedMs, 1));
    return Math.max(1, Math.min(fitting, batch * 4, MAX_BATCH));
}
