/** Signed receipts in files: the newest one of each session, whatever interrupted the writing of it. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Principal } from '@dfinity/principal';
import { fromHex } from '../../../src/core/bytes';
import { ReceiptBook, type SessionKey } from '../../../src/gateway/sessions/receipt_book';
import type { KeptReceipt } from '../../../src/node/sessions/ports';
import { ReceiptFiles } from '../../../src/node/sessions/receipt_files';

const CANISTER = Principal.fromText('rrkah-fqaaa-aaaaa-aaaaq-cai');

let folder: string;
beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-receipts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a gateway signs after each of so many calls. */
function receiptsOf(sessionId: bigint, calls: number): KeptReceipt[] {
    const { privateKey, publicKey: made } = generateKeyPairSync('ed25519');
    const { x = '' } = made.export({ format: 'jwk' });
    const key: SessionKey = { secret: privateKey, publicKey: Uint8Array.from(Buffer.from(x, 'base64url')) };
    const book = new ReceiptBook(CANISTER, sessionId, key);
    return Array.from({ length: calls }, () => {
        book.add(book.issueId(), { outputHash: new Uint8Array(32).fill(1), units: 10n });
        const signature = fromHex(book.sign().signature) ?? new Uint8Array();
        return { receipt: book.owed, signature, publicKey: key.publicKey };
    });
}

const fileOf = (sessionId: bigint): string => join(folder, `${sessionId}.receipt`);

test('the newest receipt of each session is found by the next process, and only its owner can read it', async () => {
    const [first, second] = [receiptsOf(7n, 5), receiptsOf(8n, 2)];
    const store = new ReceiptFiles(folder);
    for (const receipt of [...first, ...second]) store.keep(receipt);
    const next = new ReceiptFiles(folder);
    expect([...next.all()].sort((a, b) => Number(a.receipt.sessionId - b.receipt.sessionId))).toEqual([
        first[4],
        second[1]
    ]);
    expect(next.get(7n)).toEqual(first[4]);
    expect((await stat(fileOf(7n))).mode & 0o077).toBe(0);
    next.forget(7n);
    expect(next.get(7n)).toBeUndefined();
    expect(await readdir(folder)).toEqual(['8.receipt']);
    expect(new ReceiptFiles(folder).all()).toEqual([second[1]]);
});

test('bytes that are torn or changed cost at most the newest receipt, and never make up one', async () => {
    const written = receiptsOf(7n, 4);
    const shape = fc.record({ writes: fc.integer({ min: 1, max: 4 }), at: fc.nat(2_047), length: fc.nat(1_023) });
    await fc.assert(
        fc.asyncProperty(shape, async ({ writes, at, length }) => {
            await rm(fileOf(7n), { force: true });
            const store = new ReceiptFiles(folder);
            for (const receipt of written.slice(0, writes)) store.keep(receipt);
            const content = await readFile(fileOf(7n));
            // A write that was interrupted has changed one slot, and no other.
            const end = Math.min(at + length, at < 1_024 ? 1_024 : 2_048);
            content.fill('#', Math.min(at, content.length), Math.min(end, content.length));
            await writeFile(fileOf(7n), content);
            const found = new ReceiptFiles(folder).get(7n);
            const possible = written.slice(Math.max(0, writes - 2), writes);
            if (found !== undefined) expect(possible).toContainEqual(found);
            else expect(writes).toBe(1);
        }),
        { numRuns: 60 }
    );
});

test('a file that holds no signed receipt is removed', async () => {
    const [receipt] = receiptsOf(7n, 1);
    if (receipt === undefined) throw new RangeError('no receipt');
    const more = { ...receipt, receipt: { ...receipt.receipt, units: 1_000n } };
    new ReceiptFiles(folder).keep(more);
    await writeFile(fileOf(8n), 'nothing');
    await writeFile(join(folder, 'other file'), 'left alone');
    expect(new ReceiptFiles(folder).all()).toEqual([]);
    expect(await readdir(folder)).toEqual(['other file']);
});
