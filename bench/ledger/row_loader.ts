/** A canister that writes rows into stable tables as they come: the ledger is installed over it, with its history. */
import { IDL } from '@dfinity/candid';
import { join } from 'node:path';
import { smallCanister } from '../lib/small_canister';
import type { Row } from './rows';

const source = (root: string): string => `import { IDL, StableBTreeMap } from 'azle';
import { SERVED_WHILE_PAUSED, update } from ${JSON.stringify(join(root, 'src/azle/endpoint'))};

const identity = { toBytes: (bytes) => bytes, fromBytes: (bytes) => bytes };
const maps = {};

export default class {
    @update([IDL.Vec(IDL.Nat8)], IDL.Null, SERVED_WHILE_PAUSED)
    load(rows) {
        const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
        for (let at = 0; at < rows.length; ) {
            const memory = rows[at];
            const key = at + 6;
            const value = key + rows[at + 1];
            const end = value + view.getUint32(at + 2);
            maps[memory] ??= new StableBTreeMap(memory, identity, identity);
            maps[memory].insert(rows.slice(key, value), rows.slice(value, end));
            at = end;
        }
        return null;
    }
}
`;

/** Gzipped module, as it is installed. */
export function rowLoader(): Promise<Uint8Array> {
    return smallCanister({ name: 'row_loader', source });
}

/** Well below what a message may hold. */
const BATCH_BYTES = 500_000;
const HEADER_BYTES = 6;

/** Arguments of `load` that hold all rows: memory, length of the key, length of the value, then the two. */
export function* loads(rows: Iterable<Row>): Iterable<Uint8Array> {
    let batch: Uint8Array[] = [];
    let bytes = 0;
    for (const row of rows) {
        const encoded = encode(row);
        batch.push(encoded);
        bytes += encoded.length;
        if (bytes < BATCH_BYTES) continue;
        yield argument(batch);
        batch = [];
        bytes = 0;
    }
    yield argument(batch);
}

function encode({ memory, key, value }: Row): Uint8Array {
    const bytes = new Uint8Array(HEADER_BYTES + key.length + value.length);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, memory);
    view.setUint8(1, key.length);
    view.setUint32(2, value.length);
    bytes.set(key, HEADER_BYTES);
    bytes.set(value, HEADER_BYTES + key.length);
    return bytes;
}

function argument(batch: readonly Uint8Array[]): Uint8Array {
    return new Uint8Array(IDL.encode([IDL.Vec(IDL.Nat8)], [new Uint8Array(Buffer.concat(batch))]));
}
