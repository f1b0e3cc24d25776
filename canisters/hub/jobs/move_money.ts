import type { Account } from '../../../src/core/account';
import { err, type Result } from '../../../src/core/result';
import { explainBalance, type LedgerAnswer, type LedgerTransfer } from '../../../src/core/transfer_intents';
import type { ErrorOf } from '../domain/errors';
import { effectE8s, type Moved, type Movements } from '../domain/movements';
import type { MovementRefused } from '../domain/movement_errors';
import type { Obstacle } from './settlement_peers';

/** The ledger, as movements see it. */
export interface MoneyLedger {
    transfer(transfer: LedgerTransfer): Promise<LedgerAnswer>;
    balanceE8s(account: Account): Promise<Result<bigint, Obstacle>>;
    hubAccount(): Account;
}

export interface MoneyDeps {
    readonly movements: Movements;
    readonly ledger: MoneyLedger;
    /** What the books say that the hub's ledger account holds, counting no unresolved movement. */
    readonly backingE8s: () => bigint;
    /** Counts everything that has ever moved: equal before and after a reading of the balance, or it tells nothing. */
    readonly stirred: () => string;
    /** Whether money of a window is on its way out, so that the balance tells nothing. */
    readonly isPaying: () => boolean;
    readonly nowNs: () => bigint;
}

const MOVEMENTS_PER_RUN = 20;

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
        const lost = ids.filter((id) => this.deps.movements.lost(id) !== undefined);
        if (lost.length > 0) await this.judge(lost);
    }

    /** What the ledger says that the hub holds, in e8s. */
    async ledgerBalance(): Promise<Result<bigint, ErrorOf<'TemporarilyUnavailable'>>> {
        const { ledger } = this.deps;
        const balance = await ledger.balanceE8s(ledger.hubAccount());
        return balance.ok ? balance : err({ kind: 'TemporarilyUnavailable', detail: balance.error });
    }

    /**
     * Movements that the ledger has forgotten are told by the hub's balance, at a moment when nothing else moves: what
     * strangers deposit can only make one look executed that brought money, or not executed that took some, and then the
     * deposit pays for it.
     */
    private async judge(lost: readonly bigint[]): Promise<void> {
        const { movements, ledger, backingE8s, stirred, isPaying, nowNs } = this.deps;
        const isQuiet = (): boolean => movements.unresolvedCount() === lost.length && !isPaying();
        if (!isQuiet()) return;
        const before = stirred();
        const balance = await ledger.balanceE8s(ledger.hubAccount());
        if (!balance.ok || !isQuiet() || stirred() !== before) return;
        const effects = lost.flatMap((id) => {
            const movement = movements.lost(id);
            return movement === undefined ? [] : [effectE8s(movement)];
        });
        if (effects.length !== lost.length) return;
        const verdict = explainBalance(effects, balance.value - backingE8s());
        lost.forEach((id, index) => {
            const happened = verdict?.[index];
            if (happened !== undefined) movements.resolveLost(id, happened, nowNs());
        });
    }
}
