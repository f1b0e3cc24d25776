import type { Principal } from '@dfinity/principal';
import { ApiKeys, type NewKey } from './domain/api_keys';
import { Calendar } from './domain/calendar';
import { CreditBook } from './domain/credit_book';
import { Lease } from './domain/lease';
import { Purchases } from './domain/purchases';
import { Requests } from './domain/requests';
import { Settlements } from './domain/settlements';
import { WindowBook } from './domain/window_book';
import { BuyCredits, type PurchaseLedger } from './jobs/buy_credits';
import { learnClock, type ClockSource } from './jobs/learn_clock';
import { registerKey, type ValidatorSource } from './jobs/register_key';
import type { SettlementPeers } from './jobs/settlement_peers';
import { SettlementSteps } from './jobs/settlement_steps';
import { SettleWindows } from './jobs/settle_windows';
import type { HubTables } from './storage';

export type HubPeers = SettlementPeers & PurchaseLedger & ClockSource & ValidatorSource;

/** The parts of the hub, put together over given tables and peers: stable memory and Candid, or a test's own. */
export function assembleHub(tables: HubTables, peers: HubPeers, nowNs: () => bigint) {
    const credits = new CreditBook(tables.credits);
    const windows = new WindowBook(tables.windows);
    const keys = new ApiKeys(tables.keys);
    const calendar = new Calendar(tables.calendar);
    const settlements = new Settlements(tables.settlements, credits, windows);
    const purchases = new Purchases(tables.purchases, credits);
    const requests = new Requests(tables.requests, keys, credits, windows);
    const lease = new Lease(tables.leaseUntilNs);
    const { config, setback } = tables;
    const creditPriceE8s = (): bigint => config.get().creditPriceE8s;
    const steps = new SettlementSteps({ settlements, peers, creditPriceE8s, nowNs });
    const settleWindows = new SettleWindows({ calendar, settlements, steps, lease, config, setback, nowNs });
    const isPaying = (): boolean => settlements.isMoneyMoving();
    const buyCredits = new BuyCredits({ purchases, credits, ledger: peers, config, isPaying, nowNs });
    return {
        tables,
        credits,
        windows,
        keys,
        calendar,
        settlements,
        purchases,
        requests,
        lease,
        steps,
        settleWindows,
        buyCredits,
        registerKey: (owner: Principal, key: NewKey) => registerKey({ keys, config, peers, nowNs }, owner, key),
        learnClock: () => learnClock(calendar, settlements, peers)
    };
}

export type Hub = ReturnType<typeof assembleHub>;
