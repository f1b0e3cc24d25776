import type { Principal } from '@dfinity/principal';
import {
    blob,
    bool,
    bytesKey,
    codecOf,
    fixedBytes,
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
import type { Cell, TableFactory } from '../../src/core/table';
import { transferIntentField, type TransferIntent } from '../../src/core/transfer_intents';
import { ORIGINS, type ApiKey, type ApiKeyTables } from './domain/api_keys';
import type { CalendarTables, HubClock } from './domain/calendar';
import { DEFAULT_CONFIG, type HubConfig } from './domain/config';
import { NO_TOTALS, type CreditAccount, type CreditTables, type CreditTotals } from './domain/credit_book';
import type { DueKey, Purchase, PurchaseTables } from './domain/purchases';
import {
    FINAL_STATUSES,
    type CallRequest,
    type Outcome,
    type RequestCounters,
    type RequestTables
} from './domain/requests';
import type { Receipt, Settlement, Step } from './domain/settlement';
import type { SettlementTables } from './domain/settlements';
import { tradePageCodec, weightPageCodec } from './domain/source_hash';
import type {
    NodeInWindow,
    NodeUsage,
    Pair,
    PairCredits,
    PairInWindow,
    WindowSums,
    WindowTables
} from './domain/window_book';
import { NO_SETBACK, type Setback } from './domain/setback';

/** Raised with every change of what is stored below; an upgrade from another number is refused. */
export const SCHEMA_VERSION = 1;

/** Stable memories of the hub: one per table, never reused for another content. */
const MEMORY = {
    accounts: 0,
    accountOwners: 1,
    keys: 2,
    keysByOwner: 3,
    probers: 4,
    requests: 5,
    requestsByOwner: 6,
    requestsByNode: 7,
    windowSums: 8,
    nodeUsage: 9,
    pairs: 10,
    pairLists: 11,
    settlements: 12,
    weightPages: 13,
    tradePages: 14,
    purchases: 15,
    purchaseByOwner: 16,
    purchaseQueue: 17
} as const;

const HASH = fixedBytes(32);

const creditAccount = codecOf(record<CreditAccount>({ bought: u64, available: u64, held: u64, spent: u64 }));
const creditTotals = codecOf(
    record<CreditTotals>({ bought: nat, available: nat, held: nat, captured: nat, settled: nat })
);
const apiKey = codecOf(
    record<ApiKey>({
        hash: HASH,
        owner: principal,
        label: text,
        origin: oneOf(ORIGINS),
        createdAtNs: u64,
        revokedAtNs: optional(u64)
    })
);
const outcome = record<Outcome>({
    node: optional(principal),
    status: oneOf(FINAL_STATUSES),
    creditsUsed: u64,
    receiptHash: optional(blob),
    closedAtNs: u64,
    window: u64
});
const callRequest = codecOf(
    record<CallRequest>({
        requestId: u64,
        owner: principal,
        keyHash: optional(HASH),
        origin: oneOf(ORIGINS),
        appId: text,
        creditsHeld: u64,
        openedAtNs: u64,
        outcome: optional(outcome)
    })
);
const requestCounters = codecOf(record<RequestCounters>({ opened: u64, closed: u64 }));
const windowSums = codecOf(record<WindowSums>({ records: u64, successes: u64, credits: u64 }));
const nodeInWindow = codecOf(record<NodeInWindow>({ window: u64, node: principal }));
const nodeUsage = codecOf(record<NodeUsage>({ records: u64, successes: u64, credits: u64, returned: u64 }));
const pairInWindow = codecOf(record<PairInWindow>({ window: u64, node: principal, buyer: principal }));
const pairCredits = codecOf(record<PairCredits>({ fresh: u64, carried: u64 }));
const pair = codecOf(record<Pair>({ node: principal, buyer: principal }));

const step = variant<Step>({
    weigh: record<{ start: bigint }>({ start: u64 }),
    screen: record<{ pair: bigint }>({ pair: u64 }),
    carry: record<{ page: bigint }>({ page: u64 }),
    pay: record<{ intent: TransferIntent }>({ intent: transferIntentField }),
    report: record<{ intent?: TransferIntent }>({ intent: optional(transferIntentField) }),
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
        feesE8s: nat,
        returnedCredits: u64,
        carriedCredits: u64,
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
const purchase = codecOf(
    record<Purchase>({ id: u64, owner: principal, credits: u64, intent: transferIntentField, dueNs: u64 })
);
const dueKey = codecOf(record<DueKey>({ dueNs: u64, id: u64 }));
const hubClock = record<HubClock>({
    genesisNs: u64,
    roundNs: u64,
    roundsPerEpoch: u64,
    profile: text,
    firstWindow: u64
});
const config = codecOf(record<HubConfig>({ creditPriceE8s: nat, graceS: u64, maxKeysPerOwner: u64 }));
const setback = codecOf(record<Setback>({ failures: u64, atNs: u64, detail: text }));

/** All that the hub keeps. */
export interface HubTables {
    readonly credits: CreditTables;
    readonly keys: ApiKeyTables;
    readonly requests: RequestTables;
    readonly windows: WindowTables;
    readonly settlements: SettlementTables;
    readonly purchases: PurchaseTables;
    readonly calendar: CalendarTables;
    readonly config: Cell<HubConfig>;
    readonly leaseUntilNs: Cell<bigint>;
    readonly setback: Cell<Setback>;
    /** When the timer rings next; 0 when none is set. */
    readonly alarmNs: Cell<bigint>;
}

export function hubTables(tables: TableFactory): HubTables {
    return {
        credits: {
            accounts: tables.table<Principal, CreditAccount>(MEMORY.accounts, principalKey, creditAccount),
            owners: tables.log(MEMORY.accountOwners, principalKey),
            totals: tables.cell('credit_totals', creditTotals, NO_TOTALS)
        },
        keys: {
            keys: tables.table(MEMORY.keys, bytesKey, apiKey),
            keysByOwner: tables.lists(MEMORY.keysByOwner, principalKey, bytesKey),
            probers: tables.table(MEMORY.probers, principalKey, codecOf(bool))
        },
        requests: {
            requests: tables.table(MEMORY.requests, u64Key, callRequest),
            requestsByOwner: tables.lists(MEMORY.requestsByOwner, principalKey, u64Key),
            requestsByNode: tables.lists(MEMORY.requestsByNode, principalKey, u64Key),
            counters: tables.cell('request_counters', requestCounters, { opened: 0n, closed: 0n })
        },
        windows: {
            sums: tables.table(MEMORY.windowSums, u64Key, windowSums),
            usage: tables.table(MEMORY.nodeUsage, nodeInWindow, nodeUsage),
            pairs: tables.table(MEMORY.pairs, pairInWindow, pairCredits),
            pairLists: tables.lists(MEMORY.pairLists, u64Key, pair)
        },
        settlements: {
            settlements: tables.table(MEMORY.settlements, u64Key, settlement),
            weightPages: tables.lists(MEMORY.weightPages, u64Key, weightPageCodec),
            tradePages: tables.lists(MEMORY.tradePages, u64Key, tradePageCodec),
            nextWindow: tables.cell('next_window', natValue, 0n)
        },
        purchases: {
            purchases: tables.table(MEMORY.purchases, u64Key, purchase),
            nextId: tables.cell('next_purchase', natValue, 0n),
            unresolvedByOwner: tables.table(MEMORY.purchaseByOwner, principalKey, u64Key),
            unresolved: tables.ordered(MEMORY.purchaseQueue, dueKey, codecOf(bool))
        },
        calendar: { clock: tables.cell('clock', codecOf(optional(hubClock)), undefined) },
        config: tables.cell('config', config, DEFAULT_CONFIG),
        leaseUntilNs: tables.cell('settlement_lease', natValue, 0n),
        setback: tables.cell('setback', setback, NO_SETBACK),
        alarmNs: tables.cell('alarm', natValue, 0n)
    };
}
