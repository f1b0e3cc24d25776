import type { Account } from '../../../src/core/account';
import { err, type Result } from '../../../src/core/result';
import type { Cell } from '../../../src/core/table';
import type { LedgerAnswer, LedgerTransfer } from '../../../src/core/transfer_intents';
import type { HubConfig } from '../domain/config';
import { backingE8s, type CreditBook } from '../domain/credit_book';
import type { ErrorOf } from '../domain/errors';
import { judgeLostPurchase, type Bought, type Order, type PurchaseRefused, type Purchases } from '../domain/purchases';
import type { Obstacle } from './settlement_peers';

/** The ledger, as purchases see it. */
export interface PurchaseLedger {
    transfer(transfer: LedgerTransfer): Promise<LedgerAnswer>;
    balanceE8s(account: Account): Promise<Result<bigint, Obstacle>>;
    hubAccount(): Account;
}

export interface BuyDeps {
    readonly purchases: Purchases;
    readonly credits: CreditBook;
    readonly ledger: PurchaseLedger;
    readonly config: Cell<HubConfig>;
    /** Whether money of a window is on its way out, so that the balance tells nothing. */
    readonly isPaying: () => boolean;
    readonly nowNs: () => bigint;
}

const PURCHASES_PER_RUN = 20;

/** Purchases across their awaits: the intent is stored, the ledger is asked, the answer is booked. */
export class BuyCredits {
    constructor(private readonly deps: BuyDeps) {}

    async buy(order: Omit<Order, 'to' | 'creditPriceE8s'>): Promise<Result<Bought, PurchaseRefused>> {
        const { purchases, ledger, config, nowNs } = this.deps;
        const { creditPriceE8s } = config.get();
        const started = purchases.start({ ...order, to: ledger.hubAccount(), creditPriceE8s }, nowNs());
        return started.ok ? this.attempt(started.value) : started;
    }

    /** Asks again for purchases whose outcome is not known; a few per run. */
    async finishUnresolved(): Promise<void> {
        for (const id of this.deps.purchases.due(this.deps.nowNs(), PURCHASES_PER_RUN)) {
            await this.attempt(id);
            await this.judgeIfLost(id);
        }
    }

    /** What the ledger says that the hub holds, in e8s. */
    async ledgerBalance(): Promise<Result<bigint, ErrorOf<'TemporarilyUnavailable'>>> {
        const { ledger } = this.deps;
        const balance = await ledger.balanceE8s(ledger.hubAccount());
        return balance.ok ? balance : err({ kind: 'TemporarilyUnavailable', detail: balance.error });
    }

    private async attempt(id: bigint): Promise<Result<Bought, PurchaseRefused>> {
        const { purchases, ledger, nowNs } = this.deps;
        const transfer = purchases.beginAttempt(id, nowNs());
        if (transfer === undefined) return err({ kind: 'Busy' });
        const answer = await ledger.transfer(transfer);
        return purchases.settleAttempt(id, answer, nowNs());
    }

    /** A purchase that the ledger has forgotten is told by the hub's balance, while nothing else moves. */
    private async judgeIfLost(id: bigint): Promise<void> {
        const { purchases, credits, ledger, config, isPaying, nowNs } = this.deps;
        const quiet = (): boolean => purchases.unresolvedCount() === 1 && !isPaying();
        if (purchases.lost(id) === undefined || !quiet()) return;
        const before = credits.totals();
        const balance = await ledger.balanceE8s(ledger.hubAccount());
        const after = credits.totals();
        const purchase = purchases.lost(id);
        const still = before.bought === after.bought && before.settled === after.settled;
        if (!balance.ok || purchase === undefined || !quiet() || !still) return;
        const verdict = judgeLostPurchase(purchase, backingE8s(after, config.get().creditPriceE8s), balance.value);
        if (verdict !== 'undecided') purchases.resolveLost(id, verdict === 'happened', nowNs());
    }
}
