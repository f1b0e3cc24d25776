/** A naive ICRC ledger: balances by account text, 24-hour deduplication, fees burned. The oracle of the model tests. */
import type { Principal } from '@dfinity/principal';
import { accountToText, type Account } from '../../../src/core/account';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { toHex } from '../../../src/core/bytes';
import type { HistoryEntry, HistoryPage } from '../../../src/core/lost_transfers';
import type { LedgerAnswer, LedgerTransfer } from '../../../src/core/transfer_intents';

const WINDOW_NS = 86_400_000_000_000n;
const DRIFT_NS = 120_000_000_000n;

export class FakeLedger {
    private readonly balances = new Map<string, bigint>();
    private readonly allowances = new Map<string, bigint>();
    private readonly seen = new Map<string, { index: bigint; createdAtNs: bigint }>();
    private readonly log: HistoryEntry[] = [];
    burnedE8s = 0n;

    constructor(private readonly mintingAccount: Account) {}

    balanceOf(account: Account): bigint {
        return this.balances.get(accountToText(account)) ?? 0n;
    }

    total(): bigint {
        return [...this.balances.values()].reduce((sum, balance) => sum + balance, 0n);
    }

    /** Blocks of transfers and burns so far. */
    blockCount(): bigint {
        return BigInt(this.log.length);
    }

    /** The account's transactions before a block, newest first, a few at a time. */
    history(account: Account, start = this.blockCount(), take = 5): HistoryPage {
        const name = accountToText(account);
        const mine = this.log.filter(
            ({ from, to }) => accountToText(from) === name || (to && accountToText(to)) === name
        );
        const entries = mine
            .filter(({ index }) => index < start)
            .slice(-take)
            .reverse();
        const last = entries[entries.length - 1];
        return { entries, last: last && { index: last.index, atNs: last.atNs }, oldestIndex: mine[0]?.index };
    }

    private append(transfer: LedgerTransfer, burn: boolean, nowNs: bigint): bigint {
        const { from, to, amountE8s, memo, createdAtNs } = transfer;
        const index = this.blockCount();
        this.log.push({ index, atNs: nowNs, from, to: burn ? undefined : to, amountE8s, memo, createdAtNs });
        return index;
    }

    fund(account: Account, amountE8s: bigint): void {
        this.balances.set(accountToText(account), this.balanceOf(account) + amountE8s);
    }

    approve(from: Account, spender: Principal, amountE8s: bigint): void {
        this.allowances.set(allowanceKey(from, spender), amountE8s);
    }

    /** Executes as ICRC-1 and ICRC-2 say; `caller` owns the account of a push and is the spender of a pull. */
    transfer(caller: Principal, transfer: LedgerTransfer, nowNs: bigint): LedgerAnswer {
        const burn = accountToText(transfer.to) === accountToText(this.mintingAccount);
        const fee = burn ? 0n : LEDGER_FEE_E8S;
        if (transfer.feeE8s !== fee) return refuse({ kind: 'bad_fee', expectedE8s: fee });
        if (transfer.createdAtNs + WINDOW_NS + DRIFT_NS < nowNs) return refuse({ kind: 'too_old' });
        if (transfer.createdAtNs > nowNs + DRIFT_NS) return refuse({ kind: 'created_in_future' });
        const known = this.seen.get(identityOf(transfer));
        if (known !== undefined) return { kind: 'block', index: known.index };
        const debit = transfer.amountE8s + fee;
        const key = allowanceKey(transfer.from, caller);
        const allowance = this.allowances.get(key) ?? 0n;
        if (transfer.kind === 'pull' && allowance < debit) {
            return refuse({ kind: 'insufficient_allowance', allowanceE8s: allowance });
        }
        const balance = this.balanceOf(transfer.from);
        if (balance < debit) return refuse({ kind: 'insufficient_funds', balanceE8s: balance });
        if (transfer.kind === 'pull') this.allowances.set(key, allowance - debit);
        this.fund(transfer.from, -debit);
        if (burn) this.burnedE8s += transfer.amountE8s;
        else this.fund(transfer.to, transfer.amountE8s);
        this.burnedE8s += fee;
        const index = this.append(transfer, burn, nowNs);
        this.seen.set(identityOf(transfer), { index, createdAtNs: transfer.createdAtNs });
        return { kind: 'block', index };
    }
}

function allowanceKey(from: Account, spender: Principal): string {
    return `${accountToText(from)} ${spender.toText()}`;
}

function identityOf(transfer: LedgerTransfer): string {
    const { kind, from, to, amountE8s, feeE8s, memo, createdAtNs } = transfer;
    return [kind, accountToText(from), accountToText(to), amountE8s, feeE8s, toHex(memo), createdAtNs].join(' ');
}

function refuse(refusal: Extract<LedgerAnswer, { kind: 'refused' }>['refusal']): LedgerAnswer {
    return { kind: 'refused', refusal };
}
