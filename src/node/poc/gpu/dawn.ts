/// <reference types="@webgpu/types" />
import { NoGpu } from './errors';

/** Options of Dawn, such as `backend=null`, which compiles shaders and runs nothing. */
export type DawnOptions = readonly string[];

/** How a device is chosen. */
export interface GpuChoice {
    readonly dawn?: DawnOptions;
    /** Drivers that compute on the CPU are right but slower than the WebAssembly prover; tests may want one. */
    readonly allowSoftware?: boolean;
}

export interface OpenDevice {
    readonly device: GPUDevice;
    readonly name: string;
    /** Dawn itself: its devices crash once it has been collected, so whoever holds one holds this too. */
    readonly dawn: GPU;
}

/** A device with the largest buffers that its adapter allows. @throws {@link NoGpu} */
export async function openDevice({ dawn = [], allowSoftware = false }: GpuChoice): Promise<OpenDevice> {
    const gpu = await loadDawn(dawn);
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) throw new NoGpu('adapter');
    const { vendor, architecture, device, description } = adapter.info;
    const name = description || device || `${vendor} ${architecture}`;
    if (isSoftware(adapter) && !allowSoftware) throw new NoGpu('software', name);
    const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
    const requiredLimits = { maxStorageBufferBindingSize, maxBufferSize };
    return { device: await adapter.requestDevice({ requiredLimits }), name, dawn: gpu };
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

function isSoftware({ info }: GPUAdapter): boolean {
    return SOFTWARE.test(`${info.architecture} ${info.device} ${info.description}`);
}

/** The package is optional: where it is not installed, or its library does not load, there is no GPU. */
async function loadDawn(options: DawnOptions): Promise<GPU> {
    try {
        const { create, globals } = await import('webgpu');
        Object.assign(globalThis, globals);
        return create([...options]);
    } catch (cause) {
        throw new NoGpu('library', undefined, { cause });
    }
}
