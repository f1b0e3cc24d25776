/// <reference types="@webgpu/types" />
import { foldConstants } from '../../../core/poc/fold';
import { slotMatrix } from '../../../core/poc/rows';
import { derive } from '../../../core/poc/seeds';
import { LEAF_ROWS, type Shape } from '../../../core/poc/shape';
import { ENTRIES_PER_WORD } from '../../../core/poc/stream';
import type { Slot } from '../prover';
import { TooLargeForDevice } from './errors';
import { CHAIN_WGSL, LEAVES_WGSL } from './hash_wgsl';
import { GENERATE_WGSL, PRODUCT_WGSL } from './rows_wgsl';

/** Rounds between two readings of their roots. */
export const MAX_BATCH = 4096;

/** Offsets and length of the struct Chain of bindings_wgsl.ts, in bytes. */
export const CHAIN = { key: 0, head: 32, round: 80, batch: 84, bytes: 96 + 25 * 32 } as const;

const DIGEST_BYTES = 32;
const GROUP_ROWS = 64;
const TILE_COLUMNS = 64;

/** A slot's buffers and compiled kernels on a device. */
export interface SlotKernels {
    readonly buffers: Buffers;
    /** Encodes the products and folds of the round whose key stands in `chain`. */
    encodeFolds(pass: GPUComputePassEncoder): void;
    /** Encodes a whole round; afterwards `chain` holds the key of the next. */
    encodeRound(pass: GPUComputePassEncoder): void;
    destroy(): void;
}

/** In the order of their bindings. */
type Buffers = Readonly<Record<'chain' | 'a' | 'b' | 'constants' | 'folds' | 'nodes' | 'roots', GPUBuffer>>;

interface Kernel {
    readonly name: string;
    readonly code: string;
    readonly groups: readonly [number, number?];
}

function kernelsOf({ dimension, rows }: Shape): readonly Kernel[] {
    const rowGroups = rows / GROUP_ROWS;
    return [
        { name: 'generate', code: GENERATE_WGSL, groups: [rowGroups] },
        { name: 'multiply', code: PRODUCT_WGSL, groups: [dimension / TILE_COLUMNS, rowGroups] },
        { name: 'leaves', code: LEAVES_WGSL, groups: [Math.ceil(rowGroups / GROUP_ROWS)] },
        { name: 'advance', code: CHAIN_WGSL, groups: [1] }
    ];
}

/** @throws {@link TooLargeForDevice} */
export async function slotKernels(device: GPUDevice, slot: Slot): Promise<SlotKernels> {
    const buffers = createBuffers(device, slot.shape);
    device.queue.writeBuffer(buffers.b, 0, packedColumns(slot));
    const constants = foldConstants(derive('fold', slot.slotSeed), slot.shape.dimension);
    device.queue.writeBuffer(buffers.constants, 0, constants as Int32Array<ArrayBuffer>);
    const entries = Object.entries(buffers);
    const bindGroupLayout = device.createBindGroupLayout({
        entries: entries.map(([name], binding) => ({
            binding,
            visibility: GPUShaderStage.COMPUTE,
            buffer: { type: name === 'b' || name === 'constants' ? 'read-only-storage' : 'storage' }
        }))
    });
    const group = device.createBindGroup({
        layout: bindGroupLayout,
        entries: entries.map(([, buffer], binding) => ({ binding, resource: { buffer } }))
    });
    const layout = device.createPipelineLayout({ bindGroupLayouts: [bindGroupLayout] });
    const steps = await Promise.all(kernelsOf(slot.shape).map((kernel) => compile(device, layout, slot.shape, kernel)));
    const encode = (pass: GPUComputePassEncoder, part: typeof steps): void => {
        pass.setBindGroup(0, group);
        for (const { pipeline, groups } of part) {
            pass.setPipeline(pipeline);
            pass.dispatchWorkgroups(...groups);
        }
    };
    return {
        buffers,
        encodeFolds: (pass) => encode(pass, steps.slice(0, 2)),
        encodeRound: (pass) => encode(pass, steps),
        destroy: () => entries.forEach(([, buffer]) => buffer.destroy())
    };
}

async function compile(
    device: GPUDevice,
    layout: GPUPipelineLayout,
    { dimension, rows }: Shape,
    { name, code, groups }: Kernel
): Promise<{ pipeline: GPUComputePipeline; groups: Kernel['groups'] }> {
    const module = device.createShaderModule({ label: name, code });
    // A kernel may only be given the constants that it reads.
    const sizes = { WORDS: dimension / ENTRIES_PER_WORD, ROWS: rows };
    const constants = Object.fromEntries(Object.entries(sizes).filter(([size]) => readsConstant(code, size)));
    const compute = { module, entryPoint: name, constants };
    return { pipeline: await device.createComputePipelineAsync({ label: name, layout, compute }), groups };
}

function readsConstant(code: string, name: string): boolean {
    return code.split(name).length > 2;
}

function createBuffers(device: GPUDevice, { dimension, rows }: Shape): Buffers {
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const allowed = device.limits.maxStorageBufferBindingSize;
    const create = (size: number, usage: number): GPUBuffer => {
        if (size > allowed) throw new TooLargeForDevice(size, allowed);
        return device.createBuffer({ size, usage: STORAGE | usage });
    };
    return {
        chain: create(CHAIN.bytes, COPY_DST),
        a: create(rows * dimension, 0),
        b: create(dimension * dimension, COPY_DST),
        constants: create(4 * dimension, COPY_DST),
        folds: create(8 * rows, COPY_SRC),
        nodes: create((2 * rows * DIGEST_BYTES) / LEAF_ROWS, 0),
        roots: create(MAX_BATCH * DIGEST_BYTES, COPY_SRC)
    };
}

/** B with four factors of a column in each word: word w of column c holds B[4w … 4w + 3][c], lowest first. */
function packedColumns({ shape: { dimension }, slotSeed }: Slot): Int8Array<ArrayBuffer> {
    const matrix = slotMatrix(slotSeed, dimension);
    const packed = new Int8Array(dimension * dimension);
    for (let k = 0; k < dimension; k++) {
        const word = Math.floor(k / ENTRIES_PER_WORD) * dimension;
        for (let column = 0; column < dimension; column++) {
            packed[(word + column) * ENTRIES_PER_WORD + (k % ENTRIES_PER_WORD)] = matrix[k * dimension + column] ?? 0;
        }
    }
    return packed;
}
