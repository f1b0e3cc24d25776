/** What is in a snapshot: read piece by piece, or uploaded piece by piece into a new one. */
import { createHash } from 'node:crypto';
import { StableMemory, type GlobalValue } from '../execution';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import type { HookStatus, Snapshot } from '../state/snapshot';
import type { Decoded } from '../candid/codecs';
import { chargeWork, controlledOrSelf, done, failed, method, snapshotViewed, type Outcome } from './call';
import { maxChunkBytes, maxChunks } from './chunks';
import {
    dataResult,
    metadataResult,
    readDataArgument,
    snapshotArgument,
    uploadDataArgument,
    uploadMetadataArgument,
    uploadMetadataResult,
    type CandidGlobal,
    type hookStatus
} from './snapshot_types';
import { additionRefusal, addSnapshot, findSnapshot, snapshotText } from './snapshots';

const pageBytes = 65_536n;
const maxModuleBytes = 100n * 1024n * 1024n;
/** 6 GiB, the largest heap of a 64-bit module. */
const maxHeapBytes = 6n * 1024n * 1024n * 1024n;
const maxStableBytes = 500n * 1024n * 1024n * 1024n;
const maxCertifiedBytes = 32;
const maxGlobals = 1_000;
/** Most that one answer carries. */
const maxSliceBytes = 2_000_000n;
/** Priced per piece. */
const pieceInstructions = 2_000_000n;

function invalid(message: string): IcError {
    return { code: 'InvalidManagementPayload', message };
}

const hookNames = {
    quiet: 'condition_not_satisfied',
    due: 'ready',
    executed: 'executed'
} as const satisfies Record<HookStatus, string>;

function toCandidHook(status: HookStatus): Decoded<typeof hookStatus> {
    return { kind: hookNames[status], value: null };
}

function fromCandidHook({ kind }: Decoded<typeof hookStatus>): HookStatus {
    return kind === 'ready' ? 'due' : kind === 'executed' ? 'executed' : 'quiet';
}

function toCandidGlobal(global: GlobalValue): CandidGlobal {
    return global.type === 'i64' ? { kind: 'i64', value: global.value } : { kind: global.type, value: global.value };
}

/** Undefined for vectors, which no canister of this network keeps in globals. */
function fromCandidGlobal(global: CandidGlobal): GlobalValue | undefined {
    if (global.kind === 'v128') return undefined;
    return global.kind === 'i64' ? { type: 'i64', value: global.value } : { type: global.kind, value: global.value };
}

/** `read_canister_snapshot_metadata`: controllers, viewers by the settings, the canister itself. */
export const readMetadata = method({
    ingress: 'snapshot_viewers',
    argument: snapshotArgument,
    result: metadataResult,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id, snapshot_id }) => {
        const found = snapshotViewed(call, canister_id);
        if (!found.ok) return failed(found.error);
        const chosen = findSnapshot(call, found.canister, snapshot_id);
        if (!chosen.ok) return failed(chosen.error);
        const refusal = chargeWork(call, found.canister, pieceInstructions);
        return refusal === undefined ? done(describe(chosen.snapshot)) : failed(refusal);
    }
});

function describe(snapshot: Snapshot): Decoded<typeof metadataResult> {
    const { globalTimerNs: timer, hookStatus: hook } = snapshot;
    return {
        source: { kind: snapshot.source === 'taken' ? 'taken_from_canister' : 'metadata_upload', value: null },
        taken_at_timestamp: snapshot.takenAtNs,
        wasm_module_size: BigInt(snapshot.wasm.length),
        globals: snapshot.globals.map(toCandidGlobal),
        wasm_memory_size: BigInt(snapshot.heap.bytes),
        stable_memory_size: BigInt(snapshot.stable.bytes),
        wasm_chunk_store: [...snapshot.chunks.keys()].map((key) => ({ hash: new Uint8Array(Buffer.from(key, 'hex')) })),
        canister_version: snapshot.canisterVersion,
        certified_data: snapshot.certifiedData,
        global_timer: timer === undefined ? undefined : timerOf(timer),
        on_low_wasm_memory_hook_status: hook && toCandidHook(hook)
    };
}

function timerOf(timerNs: bigint): { kind: 'inactive'; value: null } | { kind: 'active'; value: bigint } {
    return timerNs === 0n ? { kind: 'inactive', value: null } : { kind: 'active', value: timerNs };
}

/** `read_canister_snapshot_data`: as `read_canister_snapshot_metadata`; slices of at most 2 MB within the data (IC0408). */
export const readData = method({
    ingress: 'snapshot_viewers',
    argument: readDataArgument,
    result: dataResult,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id, snapshot_id, kind }): Outcome<Decoded<typeof dataResult>> => {
        const found = snapshotViewed(call, canister_id);
        if (!found.ok) return failed(found.error);
        const chosen = findSnapshot(call, found.canister, snapshot_id);
        if (!chosen.ok) return failed(chosen.error);
        const piece = read(chosen.snapshot, kind);
        if (!piece.ok) return failed(piece.error);
        const { chunk } = piece;
        const refusal = chargeWork(call, found.canister, pieceInstructions + BigInt(chunk.length));
        return refusal === undefined ? done({ chunk }) : failed(refusal);
    }
});

type Piece = { readonly ok: true; readonly chunk: Uint8Array } | { readonly ok: false; readonly error: IcError };

function read(snapshot: Snapshot, kind: Decoded<typeof readDataArgument>['kind']): Piece {
    if (kind.kind === 'wasm_chunk') {
        const key = Buffer.from(kind.value.hash).toString('hex');
        const chunk = snapshot.chunks.get(key);
        if (chunk !== undefined) return { ok: true, chunk };
        return { ok: false, error: invalid(`The snapshot has no chunk with hash ${key}`) };
    }
    const { offset, size } = kind.value;
    const available = BigInt(dataBytes(snapshot, kind.kind));
    if (size > maxSliceBytes || offset + size > available) {
        return { ok: false, error: invalid(`Invalid slice of ${available} bytes: offset ${offset}, size ${size}`) };
    }
    return { ok: true, chunk: slice(snapshot, kind.kind, Number(offset), Number(size)) };
}

type DataKind = 'wasm_module' | 'wasm_memory' | 'stable_memory';

function dataBytes({ wasm, heap, stable }: Snapshot, kind: DataKind): number {
    return kind === 'wasm_module' ? wasm.length : kind === 'wasm_memory' ? heap.bytes : stable.bytes;
}

function slice({ wasm, heap, stable }: Snapshot, kind: DataKind, offset: number, size: number): Uint8Array {
    if (kind === 'wasm_module') return wasm.slice(offset, offset + size);
    const bytes = new Uint8Array(size);
    (kind === 'wasm_memory' ? heap : stable).read(offset, bytes);
    return bytes;
}

type UploadMetadata = Decoded<typeof uploadMetadataArgument>;

/** `upload_canister_snapshot_metadata`: controllers and the canister itself; makes a snapshot whose data is to follow. */
export const uploadMetadata = method({
    ingress: 'controllers',
    argument: uploadMetadataArgument,
    result: uploadMetadataResult,
    target: (argument) => argument.canister_id,
    run: (call, argument) => {
        const found = controlledOrSelf(call, argument.canister_id);
        if (!found.ok) return failed(found.error);
        const { canister } = found;
        const { replace_snapshot: replaced } = argument;
        const refusal =
            metadataRefusal(argument) ??
            additionRefusal(call, canister, replaced) ??
            chargeWork(call, canister, pieceInstructions);
        if (refusal !== undefined) return failed(refusal);
        const snapshot = addSnapshot(canister, emptySnapshot(argument, canister, call.network.roundNs), replaced);
        return done({ snapshot_id: snapshot.id });
    }
});

function metadataRefusal(argument: UploadMetadata): IcError | undefined {
    const { wasm_module_size, wasm_memory_size, stable_memory_size, certified_data, globals } = argument;
    const sizes: readonly (readonly [name: string, size: bigint, max: bigint, unit: bigint])[] = [
        ['wasm_module_size', wasm_module_size, maxModuleBytes, 1n],
        ['wasm_memory_size', wasm_memory_size, maxHeapBytes, pageBytes],
        ['stable_memory_size', stable_memory_size, maxStableBytes, pageBytes],
        ['certified_data', BigInt(certified_data.length), BigInt(maxCertifiedBytes), 1n],
        ['globals', BigInt(globals.length), BigInt(maxGlobals), 1n]
    ];
    const broken = sizes.find(([, size, max, unit]) => size > max || size % unit !== 0n);
    if (broken !== undefined) return invalid(`${broken[0]} must be a multiple of ${broken[3]} up to ${broken[2]}`);
    return globals.some(({ kind }) => kind === 'v128') ? invalid('globals must not be vectors') : undefined;
}

function emptySnapshot(argument: UploadMetadata, canister: Canister, nowNs: bigint): Omit<Snapshot, 'id'> {
    const { global_timer: timer, on_low_wasm_memory_hook_status: hook } = argument;
    return {
        source: 'uploaded',
        takenAtNs: nowNs,
        canisterVersion: canister.version,
        wasm: new Uint8Array(Number(argument.wasm_module_size)),
        heap: emptyMemory(argument.wasm_memory_size),
        stable: emptyMemory(argument.stable_memory_size),
        globals: argument.globals.flatMap((global) => fromCandidGlobal(global) ?? []),
        certifiedData: argument.certified_data,
        chunks: new Map(),
        globalTimerNs: timer && (timer.kind === 'active' ? timer.value : 0n),
        hookStatus: hook && fromCandidHook(hook)
    };
}

function emptyMemory(bytes: bigint): StableMemory {
    const memory = new StableMemory();
    memory.grow(Number(bytes / pageBytes));
    return memory;
}

/** `upload_canister_snapshot_data`: controllers and the canister itself; only into uploaded snapshots (IC0409), within their sizes. */
export const uploadData = method({
    ingress: 'controllers',
    argument: uploadDataArgument,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id, snapshot_id, kind, chunk }) => {
        const found = controlledOrSelf(call, canister_id);
        if (!found.ok) return failed(found.error);
        const chosen = findSnapshot(call, found.canister, snapshot_id);
        if (!chosen.ok) return failed(chosen.error);
        const { snapshot } = chosen;
        const refusal =
            uploadRefusal(snapshot, kind, chunk) ??
            chargeWork(call, found.canister, pieceInstructions + BigInt(chunk.length));
        if (refusal !== undefined) return failed(refusal);
        write(snapshot, kind, chunk);
        return done(undefined);
    }
});

type UploadKind = Decoded<typeof uploadDataArgument>['kind'];

function uploadRefusal(snapshot: Snapshot, kind: UploadKind, chunk: Uint8Array): IcError | undefined {
    if (snapshot.source === 'taken') {
        const message = `Snapshot ${snapshotText(snapshot)} was taken from a canister and cannot be changed`;
        return { code: 'CanisterSnapshotImmutable', message };
    }
    if (kind.kind === 'wasm_chunk') {
        const isFull = snapshot.chunks.size >= maxChunks || chunk.length > maxChunkBytes;
        return isFull
            ? invalid(`Chunks have at most ${maxChunkBytes} bytes, and there are at most ${maxChunks}`)
            : undefined;
    }
    const { offset } = kind.value;
    const available = dataBytes(snapshot, kind.kind);
    if (offset + BigInt(chunk.length) <= BigInt(available)) return undefined;
    return invalid(`Invalid place in ${available} bytes: offset ${offset}, size ${chunk.length}`);
}

function write(snapshot: Snapshot, kind: UploadKind, chunk: Uint8Array): void {
    switch (kind.kind) {
        case 'wasm_chunk': {
            const key = createHash('sha256').update(chunk).digest('hex');
            snapshot.chunks.set(key, chunk.slice());
            return;
        }
        case 'wasm_module':
            return snapshot.wasm.set(chunk, Number(kind.value.offset));
        case 'wasm_memory':
            return snapshot.heap.write(Number(kind.value.offset), chunk);
        case 'stable_memory':
            return snapshot.stable.write(Number(kind.value.offset), chunk);
    }
}
