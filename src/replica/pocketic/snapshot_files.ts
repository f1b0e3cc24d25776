/**
 * Snapshots as files, in the layout of PocketIC and of deployment tools: `metadata.json`, `wasm_module.bin`, `wasm_memory.bin`,
 * `stable_memory.bin` and `wasm_chunk_store/<hash>.bin`, the last two only when there is something in them.
 */
import {
    existsSync,
    mkdirSync,
    openSync,
    closeSync,
    readdirSync,
    readFileSync,
    readSync,
    writeSync,
    writeFileSync
} from 'node:fs';
import { join } from 'node:path';
import { decodeArgument, encodeResult, type Codec, type Decoded } from '../candid/codecs';
import {
    metadataResult,
    dataResult,
    readDataArgument,
    snapshotArgument,
    uploadDataArgument,
    uploadMetadataArgument,
    uploadMetadataResult
} from '../management/snapshot_types';
import { managementId } from '../state/principals';
import type { ControlApi } from '../worker/api';
import { Body, InvalidBodyError, parseJson, jsonText } from './json';
import { metadataJson, readMetadataJson } from './snapshot_metadata';

/** As much as one message carries. */
const sliceBytes = 2_000_000;
const maxRounds = 100;

type Network = Pick<ControlApi, 'submitUnsigned' | 'awaitIngress'>;

const files = {
    wasm_module: 'wasm_module.bin',
    wasm_memory: 'wasm_memory.bin',
    stable_memory: 'stable_memory.bin'
} as const;
type Kind = keyof typeof files;
const kinds: readonly Kind[] = ['wasm_module', 'wasm_memory', 'stable_memory'];
const chunkFolder = 'wasm_chunk_store';

/** The management canister, called by one user. */
class Management {
    readonly #api: Network;
    readonly #sender: Uint8Array;
    readonly #canisterId: Uint8Array;

    constructor(api: Network, sender: Uint8Array, canisterId: Uint8Array) {
        this.#api = api;
        this.#sender = sender;
        this.#canisterId = canisterId;
    }

    /** Throws InvalidBodyError with the rejection's text. */
    async call(methodName: string, argument: Uint8Array): Promise<Uint8Array> {
        const submitted = await this.#api.submitUnsigned({
            sender: this.#sender,
            canisterId: managementId,
            effectiveCanisterId: this.#canisterId,
            methodName,
            argument
        });
        if (submitted.kind === 'rejected') throw new InvalidBodyError(submitted.rejection.message);
        const status = await this.#api.awaitIngress(submitted.requestId, maxRounds);
        if (status.kind === 'replied') return status.data;
        throw new InvalidBodyError(status.kind === 'rejected' ? status.rejection.message : `${methodName} did not end`);
    }
}

function decoded<T>(codec: Codec<T>, bytes: Uint8Array): T {
    const result = decodeArgument(codec, bytes);
    if (!result.ok) throw new InvalidBodyError(result.why);
    return result.value;
}

/** Whose snapshot, by whom, and where the files are. */
export interface SnapshotPlace {
    readonly sender: Uint8Array;
    readonly canisterId: Uint8Array;
    readonly folder: string;
}

/** Writes the snapshot into the folder, which must be new or empty. Throws InvalidBodyError. */
export async function downloadSnapshot(
    api: Network,
    { sender, canisterId: canister_id, folder }: SnapshotPlace,
    snapshot_id: Uint8Array
): Promise<void> {
    if (existsSync(folder) && readdirSync(folder).length > 0) {
        throw new InvalidBodyError(`Snapshot directory ${folder} is not empty`);
    }
    const management = new Management(api, sender, canister_id);
    const which = { canister_id, snapshot_id };
    const read = async (kind: Decoded<typeof readDataArgument>['kind']): Promise<Uint8Array> => {
        const reply = await management.call(
            'read_canister_snapshot_data',
            encodeResult(readDataArgument, { ...which, kind })
        );
        return decoded(dataResult, reply).chunk;
    };
    const metadata = decoded(
        metadataResult,
        await management.call('read_canister_snapshot_metadata', encodeResult(snapshotArgument, which))
    );
    mkdirSync(folder, { recursive: true });
    for (const kind of kinds) {
        const size = Number(metadata[`${kind}_size`]);
        if (size > 0) await writeSlices(join(folder, files[kind]), size, (slice) => read({ kind, value: slice }));
    }
    for (const { hash } of metadata.wasm_chunk_store) {
        mkdirSync(join(folder, chunkFolder), { recursive: true });
        const path = join(folder, chunkFolder, `${Buffer.from(hash).toString('hex')}.bin`);
        writeFileSync(path, await read({ kind: 'wasm_chunk', value: { hash } }));
    }
    // Last: a folder with metadata is whole.
    writeFileSync(join(folder, 'metadata.json'), jsonText(metadataJson(metadata)));
}

interface Slice {
    readonly offset: bigint;
    readonly size: bigint;
}

async function writeSlices(path: string, size: number, read: (slice: Slice) => Promise<Uint8Array>): Promise<void> {
    const file = openSync(path, 'w');
    try {
        for (let offset = 0; offset < size; offset += sliceBytes) {
            const length = Math.min(sliceBytes, size - offset);
            writeSync(file, await read({ offset: BigInt(offset), size: BigInt(length) }));
        }
    } finally {
        closeSync(file);
    }
}

/** Makes a snapshot of the files, in place of another if one is named; its id. Throws InvalidBodyError. */
export async function uploadSnapshot(
    api: Network,
    { sender, canisterId: canister_id, folder }: SnapshotPlace,
    replaced: Uint8Array | undefined
): Promise<Uint8Array> {
    const management = new Management(api, sender, canister_id);
    const metadata = readMetadataJson(new Body(parseJson(readFile(join(folder, 'metadata.json'))), 'metadata.json'));
    const { snapshot_id } = decoded(
        uploadMetadataResult,
        await management.call(
            'upload_canister_snapshot_metadata',
            encodeResult(uploadMetadataArgument, { canister_id, replace_snapshot: replaced, ...metadata })
        )
    );
    const write = async (kind: Decoded<typeof uploadDataArgument>['kind'], chunk: Uint8Array): Promise<void> => {
        const argument = encodeResult(uploadDataArgument, { canister_id, snapshot_id, kind, chunk });
        await management.call('upload_canister_snapshot_data', argument);
    };
    for (const kind of kinds.filter((each) => existsSync(join(folder, files[each])))) {
        await readSlices(join(folder, files[kind]), (offset, chunk) => write({ kind, value: { offset } }, chunk));
    }
    const chunks = join(folder, chunkFolder);
    for (const name of existsSync(chunks) ? readdirSync(chunks).sort() : []) {
        await write({ kind: 'wasm_chunk', value: null }, readFile(join(chunks, name)));
    }
    return snapshot_id;
}

function readFile(path: string): Uint8Array {
    if (!existsSync(path)) throw new InvalidBodyError(`There is no file ${path}`);
    return new Uint8Array(readFileSync(path));
}

async function readSlices(path: string, write: (offset: bigint, chunk: Uint8Array) => Promise<void>): Promise<void> {
    const file = openSync(path, 'r');
    try {
        for (let offset = 0; ;) {
            const buffer = new Uint8Array(sliceBytes);
            const length = readSync(file, buffer, 0, sliceBytes, offset);
            if (length === 0) return;
            await write(BigInt(offset), buffer.slice(0, length));
            offset += length;
        }
    } finally {
        closeSync(file);
    }
}
