import wabt from 'wabt';

const FEATURES = {
    bulk_memory: true,
    reference_types: true,
    simd: true,
    tail_call: true,
    sign_extension: true,
    memory64: true
};

/** Assembles WebAssembly text. */
export async function assemble(text: string): Promise<Uint8Array> {
    const { parseWat } = await wabt();
    const module = parseWat('test.wat', text, FEATURES);
    try {
        return new Uint8Array(module.toBinary({}).buffer);
    } finally {
        module.destroy();
    }
}
