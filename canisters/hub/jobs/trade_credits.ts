import type { Account } from '../../../src/core/account';
import type { Principal } from '@dfinity/principal';
import type { Result } from '../../../src/core/result';
import type { Cell } from '../../../src/core/table';
import type { HubConfig } from '../domain/config';
import type { CreditBook } from '../domain/credit_book';
import { startPurchase, startWithdrawal, type CreditOrder } from '../domain/credit_orders';
import type { ErrorOf } from '../domain/errors';
import type { Moved, Movements } from '../domain/movements';
import type { MovementRefused } from '../domain/movement_errors';
import type { MoveMoney } from './move_money';

export interface CreditDeps {
    readonly movements: Movements;
    readonly credits: CreditBook;
    readonly money: MoveMoney;
    readonly hubAccount: () => Account;
    readonly config: Cell<HubConfig>;
    readonly nowNs: () => bigint;
}

/** How many credits, of whom, and the account that pays or is paid. */
export interface CreditRequest {
    readonly owner: Principal;
    readonly credits: bigint;
    readonly account: Account;
}

export type BuyRefused = MovementRefused | ErrorOf<'InvalidArgument'>;
export type WithdrawRefused = MovementRefused | ErrorOf<'InvalidArgument' | 'InsufficientCredits'>;

/** Buys and pays back credits. */
export class TradeCredits {
    constructor(private readonly deps: CreditDeps) {}

    async buy(request: CreditRequest): Promise<Result<Moved, BuyRefused>> {
        const started = startPurchase(this.deps.movements, this.order(request), this.deps.nowNs());
        return started.ok ? this.deps.money.attempt(started.value) : started;
    }

    async withdraw(request: CreditRequest): Promise<Result<Moved, WithdrawRefused>> {
        const { movements, credits, money, nowNs } = this.deps;
        const started = startWithdrawal(movements, credits, this.order(request), nowNs());
        return started.ok ? money.attempt(started.value) : started;
    }

    private order(request: CreditRequest): CreditOrder {
        const { hubAccount, config } = this.deps;
        return { ...request, hubAccount: hubAccount(), creditPriceE8s: config.get().creditPriceE8s };
    }
}
