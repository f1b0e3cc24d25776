/** Checkpoint files: a whole state in one file, which counts only when its last record is there. */
import { existsSync, fsyncSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CoreImage } from '../core';
import { StableMemory } from '../execution';
import { append, reader, syncFolder, withFile } from './files';
import { decodeData, encodeData } from './plain_data';
import { frame, readRecords } from './records';

const kind = { records: 1, module: 2, memory: 3, pages: 4, end: 5 } as const;
const pageBytes = 65_536;
const indexBytes = 4;
/** Pages per record: 4 MiB. */
const pagesPerRecord = 64;

/** Records of network and system canisters, as they are serialized. */
type Records = Pick<CoreImage, 'system'> & { readonly network: CoreImage['network']['records'] };

/** Writes the image beside its place and renames it: either the whole file is there, or none of it. */
export function writeCheckpoint(path: string, { network, system }: CoreImage): void {
    const staging = `${path}.new`;
    rmSync(staging, { force: true });
    withFile(staging, 'w', (file) => {
        const records: Records = { network: network.records, system };
        put(file, kind.records, encodeData(records));
        for (const bytes of network.modules.values()) put(file, kind.module, bytes);
        for (const [name, memory] of network.memories) putMemory(file, name, memory);
        put(file, kind.end);
        fsyncSync(file);
    });
    renameSync(staging, path);
    syncFolder(dirname(path));
}

function put(file: number, type: number, ...parts: readonly Uint8Array[]): void {
    append(file, frame(Uint8Array.of(type), ...parts));
}

function putMemory(file: number, name: string, memory: StableMemory): void {
    put(file, kind.memory, encodeData({ name, pages: memory.pages }));
    let batch: Uint8Array[] = [];
    for (const [page, bytes] of memory.writtenPages()) {
        const index = Buffer.alloc(indexBytes);
        index.writeUInt32LE(page);
        batch.push(index, bytes);
        if (batch.length === 2 * pagesPerRecord) {
            put(file, kind.pages, ...batch);
            batch = [];
        }
    }
    if (batch.length > 0) put(file, kind.pages, ...batch);
}

/** The image of the file; undefined when there is no file, or not a whole one. */
export function readCheckpoint(path: string, hashOf: (module: Uint8Array) => string): CoreImage | undefined {
    return existsSync(path) ? withFile(path, 'r', (file) => readFrom(file, hashOf)) : undefined;
}

function readFrom(file: number, hashOf: (module: Uint8Array) => string): CoreImage | undefined {
    let records: Records | undefined;
    const modules = new Map<string, Uint8Array>();
    const memories = new Map<string, StableMemory>();
    let memory = new StableMemory();
    for (const { payload } of readRecords(reader(file), 0)) {
        const content = payload.subarray(1);
        switch (payload[0]) {
            case kind.records:
                records = decodeData(content);
                break;
            case kind.module:
                modules.set(hashOf(content), content.slice());
                break;
            case kind.memory: {
                const { name, pages } = decodeData<{ name: string; pages: number }>(content);
                memory = new StableMemory();
                memory.grow(pages);
                memories.set(name, memory);
                break;
            }
            case kind.pages:
                addPages(memory, content);
                break;
            case kind.end:
                if (records === undefined) return undefined;
                return { network: { records: records.network, modules, memories }, system: records.system };
        }
    }
    return undefined;
}

function addPages(memory: StableMemory, content: Uint8Array): void {
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    for (let offset = 0; offset < content.length; offset += indexBytes + pageBytes) {
        const start = offset + indexBytes;
        memory.adoptPage(view.getUint32(offset, true), content.slice(start, start + pageBytes));
    }
}
