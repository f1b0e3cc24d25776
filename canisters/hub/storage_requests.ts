/** What every call of a user writes: its request, its payer's credits, its key's use, and the sums of its window. */
import { cachedCell } from '../../src/core/cached_cell';
import { byBytes, byValue, cachedTable } from '../../src/core/cached_table';
import { bytesKey, codecOf, principal, principalKey, record, u64Key } from '../../src/core/codec';
import { idCodec } from '../../src/core/fixed_rows';
import { pagedIds, pageKey } from '../../src/core/paged_ids';
import { nameOf } from '../../src/core/principals';
import { onlyRow, type Table, type TableFactory } from '../../src/core/table';
import type { Principal } from '@dfinity/principal';
import {
    creditAccountCodec,
    creditTotalsCodec,
    keyUseCodec,
    nodeInWindowKey,
    nodeInWindowName,
    nodeUsageCodec,
    pairAmountsCodec,
    pairInWindowKey,
    pairInWindowName,
    windowSumsCodec
} from './book_codecs';
import { NO_TOTALS, type CreditTables } from './domain/credit_book';
import type { KeyUse } from './domain/key_limits';
import type { CallRequest, IdLists, OwnerAndNode, RequestTables } from './domain/requests';
import type { WindowTables } from './domain/window_book';
import { callRequestCodec } from './request_codec';

/** Stable memories of the tables below. Those of storage.ts and storage_probes.ts have other numbers. */
const MEMORY = {
    accounts: 0,
    accountOwners: 1,
    requests: 5,
    requestsByOwner: { ofSix: 6, pages: 27, heads: 28 },
    requestsByNode: { ofSix: 7, pages: 29, heads: 30 },
    windowSums: 8,
    nodeUsage: 9,
    pairs: 10,
    windowNodes: 11,
    windowBuyers: 18,
    keyUses: 19,
    receipts: 20,
    directedCalls: 25,
    openRequests: 26,
    creditTotals: 31
} as const;

/** Rows that stay decoded in memory: those of the accounts, nodes and calls of now. */
const KEPT = 256;
const WINDOWS_KEPT = 4;

export interface CallTables {
    readonly credits: CreditTables;
    readonly requests: RequestTables;
    readonly windows: WindowTables;
    readonly keyUses: Table<Uint8Array, KeyUse>;
    /** Requests of schema 6 that are among the closed ones and have no outcome yet. */
    readonly openSinceSix: { get(): bigint; set(value: bigint): void };
}

const ownerAndNode = codecOf(record<OwnerAndNode>({ owner: principal, node: principal }));

export function callTables(tables: TableFactory): CallTables {
    const openSinceSix = cachedCell(tables.cell('open_since_six', u64Key, 0n));
    return {
        credits: {
            accounts: cachedTable(tables.table(MEMORY.accounts, principalKey, creditAccountCodec), nameOf, KEPT),
            owners: tables.log(MEMORY.accountOwners, principalKey),
            totals: cachedCell(onlyRow(tables.table(MEMORY.creditTotals, bytesKey, creditTotalsCodec), NO_TOTALS))
        },
        requests: {
            ...requestRows(tables, openSinceSix),
            requestsByOwner: requestIds(tables, MEMORY.requestsByOwner),
            requestsByNode: requestIds(tables, MEMORY.requestsByNode),
            receipts: tables.once(MEMORY.receipts, bytesKey, idCodec()),
            directedCalls: tables.table(MEMORY.directedCalls, ownerAndNode, u64Key)
        },
        windows: {
            sums: cachedTable(tables.table(MEMORY.windowSums, idCodec(), windowSumsCodec), byValue, WINDOWS_KEPT),
            usage: cachedTable(tables.table(MEMORY.nodeUsage, nodeInWindowKey, nodeUsageCodec), nodeInWindowName, KEPT),
            pairs: cachedTable(tables.table(MEMORY.pairs, pairInWindowKey, pairAmountsCodec), pairInWindowName, KEPT),
            nodeLists: tables.lists(MEMORY.windowNodes, u64Key, principalKey),
            buyerLists: tables.lists(MEMORY.windowBuyers, nodeInWindowKey, principalKey)
        },
        keyUses: cachedTable(tables.table(MEMORY.keyUses, bytesKey, keyUseCodec), byBytes(bytesKey), KEPT),
        openSinceSix
    };
}

/**
 * Requests that have no outcome yet are few, and are written once more: a small tree of their own spares each of them a
 * write into the tree of all requests, which grows for good. Those that schema 6 left open stay where they are.
 */
function requestRows(
    tables: TableFactory,
    openSinceSix: CallTables['openSinceSix']
): Pick<RequestTables, 'requests' | 'openCount'> {
    const closed = tables.table(MEMORY.requests, idCodec(), callRequestCodec);
    const open = tables.table(MEMORY.openRequests, idCodec(), callRequestCodec);
    const requests: Table<bigint, CallRequest> = {
        get: (id) => open.get(id) ?? closed.get(id),
        set(id, request) {
            if (request.outcome === undefined) return open.set(id, request);
            const left = openSinceSix.get();
            if (left > 0n && isOpen(closed.get(id))) openSinceSix.set(left - 1n);
            open.delete(id);
            closed.set(id, request);
        },
        delete(id) {
            open.delete(id);
            closed.delete(id);
        },
        has: (id) => open.has(id) || closed.has(id),
        size: () => open.size() + closed.size()
    };
    return {
        requests: cachedTable(requests, byValue, KEPT),
        openCount: () => BigInt(open.size()) + openSinceSix.get()
    };
}

function isOpen(request: CallRequest | undefined): boolean {
    return request !== undefined && request.outcome === undefined;
}

/** Ids in pages. Lists of schema 6 had a row for each id: they are read where they end, and go on in pages. */
function requestIds(tables: TableFactory, memory: { ofSix: number; pages: number; heads: number }): IdLists {
    const before = tables.lists(memory.ofSix, principalKey, u64Key);
    const since = pagedIds<Principal>(
        tables.table(memory.pages, pageKey(principalKey), bytesKey),
        cachedTable(tables.table(memory.heads, principalKey, bytesKey), nameOf, KEPT)
    );
    return {
        length: (who) => before.length(who) + since.length(who),
        get(who, index) {
            const first = before.length(who);
            return index < first ? before.get(who, index) : since.get(who, index - first);
        },
        append(who, id) {
            since.append(who, id);
        }
    };
}
