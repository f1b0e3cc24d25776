import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { append, reader, withFile } from '../../../src/replica/persistence/files';
import { decodeData, encodeData } from '../../../src/replica/persistence/plain_data';
import { frame, readRecords } from '../../../src/replica/persistence/records';

let folder: string;
let path: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'emc-records-'));
    path = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });

function writeAll(all: readonly Uint8Array[]): void {
    withFile(path, 'w', (file) => {
        for (const payload of all) append(file, frame(payload.subarray(0, 3), payload.subarray(3)));
    });
}

function readAll(): readonly number[][] {
    return withFile(path, 'r', (file) => [...readRecords(reader(file), 0)].map(({ payload }) => [...payload]));
}

test('records: what is written is read, in order', () => {
    fc.assert(
        fc.property(payloads, (all) => {
            writeAll(all);
            expect(readAll()).toEqual(all.map((payload) => [...payload]));
        })
    );
});

test('records: a file that was cut or damaged gives the whole records before the damage, and nothing else', () => {
    fc.assert(
        fc.property(payloads, fc.nat(), fc.boolean(), (all, place, isCut) => {
            writeAll(all);
            const bytes = readFileSync(path);
            if (bytes.length === 0) return;
            const at = place % bytes.length;
            if (isCut) writeFileSync(path, bytes.subarray(0, at));
            else writeFileSync(path, bytes.fill((bytes[at] ?? 0) ^ 0x10, at, at + 1));
            let end = 0;
            const intact = all.filter((payload) => {
                end += 12 + payload.length;
                return end <= at;
            });
            expect(readAll()).toEqual(intact.map((payload) => [...payload]));
        })
    );
});

test('plain data: survives, and every byte string owns its memory', () => {
    const value = {
        list: [new Uint8Array([1, 2]), { deep: new Uint8Array([3]) }],
        map: new Map<string, unknown>([['a', new Uint8Array([4])]]),
        set: new Set(['x']),
        big: 1n << 100n,
        none: undefined
    };
    const decoded = decodeData<typeof value>(encodeData(value));
    expect(decoded).toEqual(value);
    expect(decoded.list[0]).toHaveProperty('buffer.byteLength', 2);
    expect(decoded.map.get('a')).toHaveProperty('buffer.byteLength', 1);
});
