import type { Account } from '../../../src/core/account';
import type { HistoryPage } from '../../../src/core/lost_transfers';
import { err, type Result } from '../../../src/core/result';
import type { LedgerAnswer, LedgerTransfer } from '../../../src/core/transfer_intents';
import type { ErrorOf } from '../domain/errors';
import type { Moved, Movements } from '../domain/movements';
import type { MovementRefused } from '../domain/movement_errors';
import type { Obstacle } from './settlement_peers';

/** The ledger, as movements see it. */
export interface MoneyLedger {
    transfer(transfer: LedgerTransfer): Promise<LedgerAnswer>;
    balanceE8s(account: Account): Promise<Result<bigint, Obstacle>>;
    /** A page of an account's transactions before a block, newest first; without a block, the newest page. */
    history(account: Account, before: bigint | undefined): Promise<Result<HistoryPage, Obstacle>>;
    hubAccount(): Account;
}

export interface MoneyDeps {
    readonly movements: Movements;
    readonly ledger: MoneyLedger;
    readonly nowNs: () => bigint;
}

const MOVEMENTS_PER_RUN = 20;
/** Pages of the ledger's log that one run reads. */
const PAGES_PER_RUN = 10;

/** Movements across their awaits: the intent is stored, the ledger is asked, the answer is booked. */
export class MoveMoney {
    constructor(private readonly deps: MoneyDeps) {}

    /** Asks the ledger for a movement whose intent is stored, and books what it answers. */
    async attempt(id: bigint): Promise<Result<Moved, MovementRefused>> {
        const { movements, ledger, nowNs } = this.deps;
        const transfer = movements.beginAttempt(id, nowNs());
        if (transfer === undefined) return err({ kind: 'Busy' });
        const answer = await ledger.transfer(transfer);
        return movements.settleAttempt(id, answer, nowNs());
    }

    /** Asks again for movements whose outcome is not known; a few per run. */
    async finishUnresolved(): Promise<void> {
        const ids = this.deps.movements.due(this.deps.nowNs(), MOVEMENTS_PER_RUN);
        for (const id of ids) await this.attempt(id);
        await this.searchLost(ids);
    }

    /** What the ledger says that the hub holds, in e8s. */
    async ledgerBalance(): Promise<Result<bigint, ErrorOf<'TemporarilyUnavailable'>>> {
        const { ledger } = this.deps;
        const balance = await ledger.balanceE8s(ledger.hubAccount());
        return balance.ok ? balance : err({ kind: 'TemporarilyUnavailable', detail: balance.error });
    }

    /** Movements that the ledger does not remember any more are told by its log (M3). */
    private async searchLost(ids: readonly bigint[]): Promise<void> {
        const { movements, ledger, nowNs } = this.deps;
        let candidates = ids;
        for (let pages = 0; pages < PAGES_PER_RUN; pages++) {
            const search = movements.nextSearch(candidates, nowNs());
            if (search === undefined) return;
            const page = await ledger.history(search.account, search.before);
            if (!page.ok) return;
            const isOver = movements.takePage(search, page.value, nowNs());
            if (isOver) candidates = candidates.filter((id) => id !== search.id);
        }
    }
}
