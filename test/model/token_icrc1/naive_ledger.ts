import { accountToText, type Account } from '../../../src/core/account';
import type { ApproveOrder, TransferFromOrder, TransferOrder } from '../../../canisters/token_icrc1/domain/orders';

const DAY_NS = 86_400_000_000_000n;
const MINUTE_NS = 60_000_000_000n;

type Answer = { ok: true; value: bigint } | { ok: false; error: object };
interface Remembered {
    readonly createdAtNs: bigint;
    readonly index: bigint;
}

const refuse = (kind: string, data: object = {}): Answer => ({ ok: false, error: { kind, ...data } });

/**
 * ICRC-1 and ICRC-2 told once more, as plainly as possible: text keys, no limits, nothing ever purged.
 * Shares no code with the ledger except the names of its refusals.
 */
export class NaiveLedger {
    readonly balances = new Map<string, bigint>();
    readonly allowances = new Map<string, { amount: bigint; expiresAtNs?: bigint }>();
    /** Indices of the blocks that name an account, oldest first. */
    readonly histories = new Map<string, bigint[]>();
    collector: Account | undefined;
    private readonly remembered = new Map<string, Remembered>();
    minted = 0n;
    burned = 0n;
    blocks = 0n;

    constructor(
        private readonly minter: Account,
        private readonly fee: bigint,
        private readonly maxMemo: number
    ) {}

    balance(of: Account): bigint {
        return this.balances.get(accountToText(of)) ?? 0n;
    }

    allowance(from: Account, spender: Account, nowNs: bigint): { amount: bigint; expiresAtNs?: bigint } {
        const found = this.allowances.get(`${accountToText(from)}|${accountToText(spender)}`);
        const live = found !== undefined && (found.expiresAtNs === undefined || found.expiresAtNs > nowNs);
        return live ? found : { amount: 0n };
    }

    transfer(order: TransferOrder & { spender?: Account }, nowNs: bigint): Answer {
        const from = accountToText(order.from);
        const to = accountToText(order.to);
        const minter = accountToText(this.minter);
        if ((order.memo?.length ?? 0) > this.maxMemo) return refuse('invalid', { reason: 'memo_too_long' });
        if (from === minter && to === minter) return refuse('invalid', { reason: 'minter_to_minter' });
        if (from === minter && order.spender) return refuse('invalid', { reason: 'mint_by_spender' });
        const free = from === minter || to === minter;
        const due = free ? 0n : this.fee;
        if (order.fee !== undefined && order.fee !== due) return refuse('bad_fee', { expectedFee: due });
        const balance = this.balance(order.from);
        if (to === minter) {
            const least = balance < this.fee ? balance : this.fee;
            if (order.amount < least) return refuse('bad_burn', { minBurnAmount: least });
            if (order.amount === 0n) return refuse('bad_burn', { minBurnAmount: this.fee });
        }
        const identity = identityOf({ ...order, fee: free ? undefined : order.fee }, from === minter);
        const early = this.windowRefusal(identity, order.createdAtNs, nowNs);
        if (early) return early;
        const spender = order.spender;
        const delegated = spender !== undefined && accountToText(spender) !== from;
        const charge = order.amount + due;
        if (delegated) {
            const { amount } = this.allowance(order.from, spender, nowNs);
            if (amount < charge) return refuse('insufficient_allowance', { allowance: amount });
        }
        if (from !== minter && balance < charge) return refuse('insufficient_funds', { balance });
        if (delegated) this.spend(`${from}|${accountToText(spender)}`, charge);
        if (from === minter) this.minted += order.amount;
        else this.balances.set(from, balance - charge);
        if (to === minter) this.burned += order.amount;
        else this.balances.set(to, this.balance(order.to) + order.amount);
        this.takeFee(due);
        const named = [from === minter ? undefined : from, to === minter ? undefined : to];
        return this.append(identity, order.createdAtNs, [...named, spender && accountToText(spender)]);
    }

    setCollector(collector: Account | undefined, nowNs: bigint): Answer {
        const taken = collector && accountToText(collector) === accountToText(this.minter);
        if (taken) return refuse('invalid_account');
        const identity = `collector${JSON.stringify([collector, `${nowNs}`], (_, value: unknown) => spell(value))}`;
        const early = this.windowRefusal(identity, nowNs, nowNs);
        if (early) return early;
        this.collector = collector;
        return this.append(identity, nowNs, []);
    }

    private takeFee(fee: bigint): void {
        if (this.collector === undefined) this.burned += fee;
        else if (fee > 0n) {
            this.balances.set(accountToText(this.collector), this.balance(this.collector) + fee);
        }
    }

    transferFrom(order: TransferFromOrder, nowNs: bigint): Answer {
        return this.transfer(order, nowNs);
    }

    approve(order: ApproveOrder, nowNs: bigint): Answer {
        if ((order.memo?.length ?? 0) > this.maxMemo) return refuse('invalid', { reason: 'memo_too_long' });
        if (order.from.owner.toText() === order.spender.owner.toText()) {
            return refuse('invalid', { reason: 'self_approval' });
        }
        if (accountToText(order.from) === accountToText(this.minter)) {
            return refuse('invalid', { reason: 'approval_by_minter' });
        }
        if (order.fee !== undefined && order.fee !== this.fee) return refuse('bad_fee', { expectedFee: this.fee });
        const identity = identityOf(order, false);
        const early = this.windowRefusal(identity, order.createdAtNs, nowNs);
        if (early) return early;
        const balance = this.balance(order.from);
        if (balance < this.fee) return refuse('insufficient_funds', { balance });
        if (order.expiresAtNs !== undefined && order.expiresAtNs <= nowNs) {
            return refuse('expired', { ledgerTimeNs: nowNs });
        }
        const { amount } = this.allowance(order.from, order.spender, nowNs);
        if (order.expectedAllowance !== undefined && order.expectedAllowance !== amount) {
            return refuse('allowance_changed', { currentAllowance: amount });
        }
        this.balances.set(accountToText(order.from), balance - this.fee);
        this.takeFee(this.fee);
        const pair = `${accountToText(order.from)}|${accountToText(order.spender)}`;
        if (order.amount === 0n) this.allowances.delete(pair);
        else this.allowances.set(pair, { amount: order.amount, expiresAtNs: order.expiresAtNs });
        const named = [accountToText(order.from), accountToText(order.spender)];
        return this.append(identity, order.createdAtNs, named);
    }

    private spend(pair: string, amount: bigint): void {
        const found = this.allowances.get(pair);
        if (found === undefined) return;
        if (found.amount === amount) this.allowances.delete(pair);
        else this.allowances.set(pair, { ...found, amount: found.amount - amount });
    }

    private windowRefusal(identity: string, createdAtNs: bigint | undefined, nowNs: bigint): Answer | undefined {
        if (createdAtNs === undefined) return undefined;
        if (nowNs - createdAtNs > DAY_NS) return refuse('too_old');
        if (createdAtNs - nowNs > MINUTE_NS) return refuse('created_in_future', { ledgerTimeNs: nowNs });
        const found = this.remembered.get(identity);
        return found && refuse('duplicate', { duplicateOf: found.index });
    }

    private append(identity: string, createdAtNs: bigint | undefined, named: readonly (string | undefined)[]): Answer {
        const index = this.blocks++;
        for (const account of new Set(named)) {
            if (account !== undefined) this.histories.set(account, [...(this.histories.get(account) ?? []), index]);
        }
        if (createdAtNs !== undefined) this.remembered.set(identity, { createdAtNs, index });
        return { ok: true, value: index };
    }
}

/** Everything that a request says, spelled out; the sender of a mint is not part of it. */
function identityOf(order: (TransferOrder | ApproveOrder) & { fee?: bigint }, mint: boolean): string {
    const shown = mint ? { ...order, from: undefined } : order;
    const kind = 'expectedAllowance' in order ? 'approve' : 'move';
    return kind + JSON.stringify(shown, (_, value: unknown) => spell(value));
}

function spell(value: unknown): unknown {
    if (typeof value === 'bigint') return `${value}n`;
    if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`;
    return value;
}
