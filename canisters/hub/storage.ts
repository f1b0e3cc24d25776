import type { Principal } from '@dfinity/principal';
import {
    bool,
    bytesKey,
    codecOf,
    fixedBytes,
    list,
    nat,
    natValue,
    oneOf,
    optional,
    principal,
    principalKey,
    record,
    text,
    u64,
    u64Key,
    variant
} from '../../src/core/codec';
import { cachedCell } from '../../src/core/cached_cell';
import { byBytes, cachedTable } from '../../src/core/cached_table';
import { slotLog } from '../../src/core/slot_log';
import type { Cell, Log, Table, TableFactory } from '../../src/core/table';
import { transferIntentField, type TransferIntent } from '../../src/core/transfer_intents';
import { accountField } from '../../src/core/account';
import { ORIGINS, type ApiKey, type ApiKeyTables } from './domain/api_keys';
import type { CalendarTables, HubClock } from './domain/calendar';
import { DEFAULT_CONFIG, type HubConfig } from './domain/config';
import { NO_ESCROW, type EscrowTotals } from './domain/escrow_book';
import type { KeyLimits } from './domain/key_limits';
import type { Listing, ListingRate } from './domain/listings';
import type { DueKey, Movement, MovementTables, Purpose, StartedSearch } from './domain/movements';
import { ORDER_ENDS, type Order, type OrderState, type OrderTables } from './domain/orders';
import { NO_SETBACK, type Setback } from './domain/setback';
import type { Receipt, Settlement, Step } from './domain/settlement';
import type { SettlementTables } from './domain/settlements';
import type { PairCursor } from './domain/window_book';
import { probeTables, type ProbingTables } from './storage_probes';
import { callTables, type CallTables } from './storage_requests';

/**
 * Raised with every change of what is stored below; an upgrade from another number is refused. A memory or a cell that is only
 * added is empty after the upgrade and changes nothing that is stored.
 */
export const SCHEMA_VERSION = 7;

/** Stable memories of the hub: one per table, never reused for another content. storage_requests.ts and storage_probes.ts have others. */
const MEMORY = {
    keys: 2,
    keysByOwner: 3,
    probers: 4,
    settlements: 12,
    weightPages: 13,
    tradePages: 14,
    movements: 15,
    movementByOwner: 16,
    movementQueue: 17,
    listings: 21,
    orders: 22,
    ordersByParty: 23,
    orderDeadlines: 24,
    listingRates: 50
} as const;

const HASH = fixedBytes(32);

const keyLimits = record<KeyLimits>({
    apps: optional(list(text)),
    nodes: optional(list(principal)),
    requestsPerMinute: optional(u64),
    maxCredits: optional(u64)
});
const apiKey = codecOf(
    record<ApiKey>({
        hash: HASH,
        owner: principal,
        label: text,
        origin: oneOf(ORIGINS),
        createdAtNs: u64,
        revokedAtNs: optional(u64),
        limits: keyLimits
    })
);
const pairCursor = record<PairCursor>({ node: u64, buyer: u64 });

const step = variant<Step>({
    weigh: record<{ start: bigint }>({ start: u64 }),
    screen: record<{ from: PairCursor }>({ from: pairCursor }),
    carry: record<{ from: PairCursor }>({ from: pairCursor }),
    pay: record<{ intent: TransferIntent }>({ intent: transferIntentField }),
    report: record<{ intent?: TransferIntent; next?: bigint }>({
        intent: optional(transferIntentField),
        next: optional(u64)
    }),
    done: record({})
});
const receipt = record<Receipt>({
    poolE8s: nat,
    emissionE8s: nat,
    carryInE8s: nat,
    carryOutE8s: nat,
    totalWeight: nat,
    shares: u64,
    tradeVolumeE8s: nat,
    settledAtNs: u64
});
const settlement = codecOf(
    record<Settlement>({
        window: u64,
        revision: u64,
        step,
        frozenAtNs: u64,
        trades: u64,
        tradeCredits: u64,
        tradeMarketE8s: nat,
        feesE8s: nat,
        returnedCredits: u64,
        carriedCredits: u64,
        carriedMarketE8s: nat,
        weights: u64,
        totalWeight: nat,
        tradesDigest: HASH,
        weightsDigest: HASH,
        sourceHash: optional(HASH),
        moneyE8s: nat,
        blockIndex: optional(nat),
        receipt: optional(receipt)
    })
);
const purpose = variant<Purpose>({
    purchase: record<{ owner: Principal; credits: bigint }>({ owner: principal, credits: u64 }),
    withdrawal: record<{ owner: Principal; credits: bigint }>({ owner: principal, credits: u64 }),
    escrow: record<{ owner: Principal; order: bigint }>({ owner: principal, order: u64 }),
    refund: record<{ order: bigint }>({ order: u64 })
});
const movement = codecOf(record<Movement>({ id: u64, purpose, intent: transferIntentField, dueNs: u64 }));
const startedSearch = record<StartedSearch>({ id: u64, before: u64 });
const dueKey = codecOf(record<DueKey>({ dueNs: u64, id: u64 }));
const escrow = codecOf(
    record<EscrowTotals>({
        receivedE8s: nat,
        escrowedE8s: nat,
        dueE8s: nat,
        refundingE8s: nat,
        settledE8s: nat,
        refundedE8s: nat
    })
);
const listing = codecOf(
    record<Listing>({
        id: u64,
        node: principal,
        seller: principal,
        unitPriceE8s: nat,
        unitsOffered: u64,
        unitsLeft: u64,
        deliveryS: u64,
        createdAtNs: u64,
        expiresNs: u64,
        cancelledAtNs: optional(u64)
    })
);
type Ended = Omit<Extract<OrderState, { kind: 'ended' }>, 'kind'>;
const listingRate = codecOf(record<ListingRate>({ sinceNs: u64, made: u64 }));
const orderState = variant<OrderState>({
    open: record({}),
    escrowed: record<{ deadlineNs: bigint }>({ deadlineNs: u64 }),
    delivered: record<{ atNs: bigint; deadlineNs: bigint }>({ atNs: u64, deadlineNs: u64 }),
    disputed: record<{ atNs: bigint; reason: string }>({ atNs: u64, reason: text }),
    ended: record<Ended>({
        end: oneOf(ORDER_ENDS),
        atNs: u64,
        window: optional(u64),
        providerE8s: nat,
        refundE8s: nat,
        refunded: bool
    }),
    cancelled: record({})
});
const order = codecOf(
    record<Order>({
        id: u64,
        listing: u64,
        node: principal,
        seller: principal,
        buyer: principal,
        payer: accountField,
        units: u64,
        priceE8s: nat,
        deliveryS: u64,
        createdAtNs: u64,
        state: orderState
    })
);
const hubClock = record<HubClock>({
    genesisNs: u64,
    roundNs: u64,
    roundsPerEpoch: u64,
    firstWindow: u64
});
const config = codecOf(
    record<HubConfig>({
        creditPriceE8s: nat,
        graceS: u64,
        maxKeysPerOwner: u64,
        allowsSelfTrade: bool,
        probeMinS: u64,
        probeMaxS: u64,
        onlineWindowS: u64
    })
);
const setback = codecOf(record<Setback>({ failures: u64, atNs: u64, detail: text }));

/** Keys that stay decoded in memory. */
const KEYS_KEPT = 256;

/** All that the hub keeps. */
export interface HubTables extends CallTables {
    readonly keys: ApiKeyTables;
    readonly settlements: SettlementTables;
    readonly movements: MovementTables;
    readonly escrow: Cell<EscrowTotals>;
    readonly listings: Log<Listing>;
    readonly listingRates: Table<Principal, ListingRate>;
    readonly orders: OrderTables;
    readonly probing: ProbingTables;
    readonly calendar: CalendarTables;
    readonly config: Cell<HubConfig>;
    readonly leaseUntilNs: Cell<bigint>;
    readonly setback: Cell<Setback>;
    /** When the timer rings next; 0 when none is set. */
    readonly alarmNs: Cell<bigint>;
}

export function hubTables(tables: TableFactory): HubTables {
    return {
        ...callTables(tables),
        keys: {
            keys: cachedTable(tables.table(MEMORY.keys, bytesKey, apiKey), byBytes(bytesKey), KEYS_KEPT),
            keysByOwner: tables.lists(MEMORY.keysByOwner, principalKey, bytesKey),
            probers: tables.table(MEMORY.probers, principalKey, codecOf(bool))
        },
        settlements: {
            settlements: tables.table(MEMORY.settlements, u64Key, settlement),
            weightPages: tables.lists(MEMORY.weightPages, u64Key, bytesKey),
            tradePages: tables.lists(MEMORY.tradePages, u64Key, bytesKey),
            nextWindow: tables.cell('next_window', natValue, 0n),
            paymentSearch: tables.cell('payment_search', codecOf(optional(u64)), undefined)
        },
        movements: {
            movements: tables.table(MEMORY.movements, u64Key, movement),
            nextId: tables.cell('next_movement', natValue, 0n),
            unresolvedByOwner: tables.table(MEMORY.movementByOwner, principalKey, u64Key),
            unresolved: tables.ordered(MEMORY.movementQueue, dueKey, codecOf(bool)),
            search: tables.cell('lost_search', codecOf(optional(startedSearch)), undefined)
        },
        escrow: tables.cell('escrow', escrow, NO_ESCROW),
        listings: tables.log(MEMORY.listings, listing),
        listingRates: tables.table(MEMORY.listingRates, principalKey, listingRate),
        orders: {
            orders: slotLog(
                tables.table(MEMORY.orders, u64Key, order),
                cachedCell(tables.cell('free_orders', codecOf(list(u64)), []))
            ),
            ordersByParty: tables.lists(MEMORY.ordersByParty, principalKey, u64Key),
            deadlines: tables.ordered(MEMORY.orderDeadlines, dueKey, codecOf(bool))
        },
        probing: probeTables(tables),
        calendar: { clock: cachedCell(tables.cell('clock', codecOf(optional(hubClock)), undefined)) },
        config: cachedCell(tables.cell('config', config, DEFAULT_CONFIG)),
        leaseUntilNs: tables.cell('settlement_lease', natValue, 0n),
        setback: tables.cell('setback', setback, NO_SETBACK),
        alarmNs: tables.cell('alarm', natValue, 0n)
    };
}
