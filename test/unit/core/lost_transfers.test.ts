import { Principal } from '@dfinity/principal';
import { isHistory, judgePage, type HistoryEntry, type HistoryPage } from '../../../src/core/lost_transfers';
import type { LedgerTransfer } from '../../../src/core/transfer_intents';

const HOUR_NS = 3_600_000_000_000n;
const DATE_NS = 1_000n * HOUR_NS;
const accountOf = (tag: number) => ({ owner: Principal.fromUint8Array(Uint8Array.of(tag)) });

const transfer: LedgerTransfer = {
    kind: 'pull',
    from: accountOf(1),
    to: accountOf(2),
    amountE8s: 500n,
    feeE8s: 10n,
    memo: Uint8Array.of(7),
    createdAtNs: DATE_NS
};
const { kind: _kind, feeE8s: _fee, ...same } = transfer;

function pageOf(entries: readonly Partial<HistoryEntry>[], oldestIndex = 0n): HistoryPage {
    const full = entries.map((entry, at) => ({ index: 9n - BigInt(at), atNs: DATE_NS, ...same, ...entry }));
    const last = full[full.length - 1];
    return { entries: full, last: last && { index: last.index, atNs: last.atNs }, oldestIndex };
}

test('a transfer is history when no ledger executes it any more', () => {
    expect(isHistory(transfer, DATE_NS + 25n * HOUR_NS)).toBe(false);
    expect(isHistory(transfer, DATE_NS + 25n * HOUR_NS + 1n)).toBe(true);
});

test('the block with exactly its accounts, amount, memo and date is its execution', () => {
    expect(judgePage(transfer, undefined, pageOf([{ memo: Uint8Array.of(8) }, {}]))).toEqual({
        kind: 'executed',
        blockIndex: 8n
    });
    const others: Partial<HistoryEntry>[] = [
        { from: accountOf(3) },
        { to: accountOf(3) },
        { to: undefined },
        { amountE8s: 501n },
        { memo: undefined },
        { createdAtNs: undefined },
        { createdAtNs: DATE_NS + 1n }
    ];
    for (const other of others) {
        expect(judgePage(transfer, undefined, pageOf([other]))).toEqual({ kind: 'older', before: 9n });
    }
});

test('a burn has no payee, and no fee', () => {
    const burn = { ...transfer, feeE8s: 0n };
    expect(judgePage(burn, undefined, pageOf([{ to: undefined }]))).toMatchObject({ kind: 'executed' });
});

test('it never happened when the history was read to before its date, or to its beginning', () => {
    const foreign = { from: accountOf(3) };
    const drift = 120_000_000_000n;
    expect(judgePage(transfer, undefined, pageOf([{ ...foreign, atNs: DATE_NS - drift - 1n }])).kind).toBe('never');
    expect(judgePage(transfer, undefined, pageOf([{ ...foreign, atNs: DATE_NS - drift }])).kind).toBe('older');
    expect(judgePage(transfer, undefined, pageOf([foreign], 9n)).kind).toBe('never');
    expect(judgePage(transfer, undefined, { entries: [] }).kind).toBe('never');
    expect(judgePage(transfer, 5n, { entries: [], oldestIndex: 5n }).kind).toBe('never');
});

test('blocks that are there and were not told decide nothing', () => {
    expect(judgePage(transfer, undefined, { entries: [], oldestIndex: 0n }).kind).toBe('unreadable');
    expect(judgePage(transfer, 5n, { entries: [], oldestIndex: 4n }).kind).toBe('unreadable');
});
