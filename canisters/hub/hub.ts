import type { Principal } from '@dfinity/principal';
import { ApiKeys, type NewKey } from './domain/api_keys';
import { Calendar } from './domain/calendar';
import { CreditBook } from './domain/credit_book';
import { EscrowBook } from './domain/escrow_book';
import { KeyUses } from './domain/key_limits';
import { Lease } from './domain/lease';
import { Listings } from './domain/listings';
import { Market } from './domain/market';
import { movementEffects } from './domain/movement_effects';
import { Movements } from './domain/movements';
import { Orders } from './domain/orders';
import { Requests } from './domain/requests';
import { Settlements } from './domain/settlements';
import { WindowBook } from './domain/window_book';
import { learnClock, type ClockSource } from './jobs/learn_clock';
import { MoveMoney, type MoneyLedger } from './jobs/move_money';
import type { ProbePeers } from './jobs/plan_probes';
import { registerKey, type ValidatorSource } from './jobs/register_key';
import type { SettlementPeers } from './jobs/settlement_peers';
import { SettlementSteps } from './jobs/settlement_steps';
import { SettleWindows } from './jobs/settle_windows';
import { TradeCompute, type NodeSource } from './jobs/trade_compute';
import { TradeCredits } from './jobs/trade_credits';
import { assembleProbing } from './probing';
import type { HubTables } from './storage';

export type HubPeers = SettlementPeers & MoneyLedger & ClockSource & ValidatorSource & NodeSource & ProbePeers;

/** The books: who has what, in credits, in escrow, and on the way. */
function assembleBooks(tables: HubTables) {
    const credits = new CreditBook(tables.credits);
    const escrow = new EscrowBook(tables.escrow);
    const listings = new Listings(tables.listings, tables.listingRates);
    const orders = new Orders(tables.orders);
    const movements = new Movements(tables.movements, movementEffects({ credits, escrow, listings, orders }));
    return { credits, escrow, listings, orders, movements };
}

/** The parts of the hub, put together over given tables and peers: stable memory and Candid, or a test's own. */
export function assembleHub(tables: HubTables, peers: HubPeers, nowNs: () => bigint) {
    const { config, setback } = tables;
    const books = assembleBooks(tables);
    const { credits, escrow, listings, orders, movements } = books;
    const windows = new WindowBook(tables.windows);
    const keys = new ApiKeys(tables.keys);
    const keyUses = new KeyUses(tables.keyUses);
    const calendar = new Calendar(tables.calendar);
    const settlements = new Settlements(tables.settlements, credits, escrow, windows);
    const requests = new Requests(tables.requests, keys, keyUses, credits, windows);
    const hubAccount = () => peers.hubAccount();
    const market = new Market({ listings, orders, escrow, windows, movements, calendar, hubAccount });
    const lease = new Lease(tables.leaseUntilNs);
    const creditPriceE8s = (): bigint => config.get().creditPriceE8s;
    const steps = new SettlementSteps({ settlements, peers, creditPriceE8s, nowNs });
    const settleWindows = new SettleWindows({ calendar, settlements, steps, lease, config, setback, nowNs });
    const money = new MoveMoney({ movements, ledger: peers, nowNs });
    return {
        tables,
        ...books,
        windows,
        keys,
        keyUses,
        calendar,
        settlements,
        requests,
        market,
        lease,
        settleWindows,
        money,
        ...assembleProbing(tables, peers, requests, nowNs),
        tradeCredits: new TradeCredits({ movements, credits, money, hubAccount, config, nowNs }),
        tradeCompute: new TradeCompute({ listings, market, money, nodes: peers, config, nowNs }),
        registerKey: (owner: Principal, key: NewKey) => registerKey({ keys, config, peers, nowNs }, owner, key),
        learnClock: () => learnClock(calendar, settlements, peers)
    };
}

export type Hub = ReturnType<typeof assembleHub>;
