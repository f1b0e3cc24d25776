import {
    createSandbox,
    loadModule,
    type Context,
    type CostTable,
    type EntryPoint,
    type ExecutionInput,
    type ExecutionOutput,
    type LoadedModule,
    type Sandbox
} from '../../../../src/replica/execution';
import { assemble } from './wat';

export const COSTS: CostTable = {
    call: (methodNameBytes, payloadBytes) => 1_000n + methodNameBytes + payloadBytes,
    createCanister: () => 500n,
    // A cycle for a byte.
    freezingLimit: (bytes) => bytes,
    affordableBytes: (balance) => balance,
    httpRequest: (requestBytes, maxResponseBytes) => requestBytes * 10n + maxResponseBytes,
    httpRequestV2: ({ requestBytes, roundtripMs }) => requestBytes + roundtripMs,
    sign: (_scheme, keyName, curve) =>
        curve !== 0 ? 'unknown-curve' : keyName === 'key_1' ? 26_153_846_153n : 'unknown-key'
};

export const INPUT: Omit<ExecutionInput, 'entry' | 'context'> = {
    instructionLimit: 1_000_000n,
    contextInstructions: 0n,
    timeNs: 1_620_328_630_000_000_000n,
    self: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7, 1, 1),
    subnet: Uint8Array.of(9, 9, 9),
    rootKey: Uint8Array.of(48, 129, 130),
    caller: Uint8Array.of(4),
    controllers: [Uint8Array.of(1, 2, 3)],
    canisterVersion: 5n,
    status: 1,
    argument: new Uint8Array(0),
    rejectCode: 0,
    rejectMessage: '',
    methodName: '',
    deadlineNs: 0n,
    responded: false,
    cyclesAvailable: 0n,
    cyclesRefunded: 0n,
    balance: 1_000_000n,
    freezingLimit: 0n,
    replicated: true,
    environmentVariables: [],
    queueRoom: () => 500,
    subnetRanges: [{ start: new Uint8Array(), end: new Uint8Array(29).fill(255) }],
    wasmMemoryLimit: 0n,
    costs: COSTS
};

export async function loadWat(text: string): Promise<LoadedModule> {
    const loaded = loadModule(await assemble(text));
    if (!loaded.ok) throw loaded.error;
    return loaded.module;
}

/** A sandbox of a WAT module with an open bracket. */
export async function openWat(text: string): Promise<Sandbox> {
    const sandbox = createSandbox(await loadWat(text));
    sandbox.begin();
    return sandbox;
}

export function run(
    sandbox: Sandbox,
    entry: string | EntryPoint,
    input: Partial<ExecutionInput> & { readonly context?: Context } = {}
): ExecutionOutput {
    const point = typeof entry === 'string' ? { export: entry } : entry;
    return sandbox.execute({ ...INPUT, context: 'U', entry: point, ...input });
}

/** Runs one execution in its own bracket and keeps it unless it trapped. */
export function runBracketed(
    sandbox: Sandbox,
    entry: string | EntryPoint,
    input: Partial<ExecutionInput> = {}
): ExecutionOutput {
    sandbox.begin();
    const output = run(sandbox, entry, input);
    if (output.trap === undefined) sandbox.commit();
    else sandbox.rollback();
    return output;
}

export function replyOf(output: ExecutionOutput): Uint8Array | undefined {
    return output.response?.kind === 'reply' ? output.response.data : undefined;
}

/** The reply read as little-endian 64-bit numbers. */
export function replyNumbers(output: ExecutionOutput): bigint[] {
    const bytes = replyOf(output);
    if (bytes === undefined) return [];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: bytes.length / 8 }, (_, i) => view.getBigUint64(i * 8, true));
}

export function replyText(output: ExecutionOutput): string | undefined {
    const bytes = replyOf(output);
    return bytes && new TextDecoder().decode(bytes);
}
