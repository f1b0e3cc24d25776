/** Peers of the hub in memory: a ledger that remembers transactions, rewards that settles rounds, and faults on demand. */
import { Principal } from '@dfinity/principal';
import type { HubPeers } from '../../../canisters/hub/hub';
import type { HubClock } from '../../../canisters/hub/domain/calendar';
import type { NodeStake, SnapshotNode } from '../../../canisters/hub/domain/node_weights';
import type { Receipt } from '../../../canisters/hub/domain/settlement';
import type { NodeFacts } from '../../../canisters/hub/domain/settlements';
import type { ReportRefused, RoundReport } from '../../../canisters/hub/jobs/settlement_peers';
import { accountToText, type Account } from '../../../src/core/account';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { toHex } from '../../../src/core/bytes';
import { sha256 } from '../../../src/core/hash';
import { err, ok, type Result } from '../../../src/core/result';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { debitOf, type LedgerAnswer, type LedgerTransfer } from '../../../src/core/transfer_intents';

export function principalNamed(name: string): Principal {
    return Principal.selfAuthenticating(sha256(new TextEncoder().encode(name)));
}

export const HUB = principalNamed('hub');
export const REWARDS = principalNamed('rewards');

/** Answers that a call may meet: the callee never ran, or it ran and its reply was lost. */
export type Fault = 'down' | 'reply_lost';
export type PeerCall = 'transfer' | 'settleRound' | 'nodeFacts' | 'weightSnapshot' | 'nodeStakes' | 'clock';

export class FakePeers implements HubPeers {
    readonly balances = new Map<string, bigint>();
    readonly allowances = new Map<string, bigint>();
    readonly facts = new Map<string, NodeFacts>();
    readonly stakes = new Map<string, NodeStake>();
    readonly snapshot: SnapshotNode[] = [];
    readonly validators = new Set<string>();
    readonly settled = new Map<bigint, { report: RoundReport; receipt: Receipt }>();
    readonly calls: PeerCall[] = [];
    /** Called before each call is answered, while the hub awaits it. */
    meanwhile: (call: PeerCall) => Promise<void> | void = () => undefined;
    /** Money that the ledger has forgotten the transactions of. */
    forgetsTransactions = false;
    private readonly faults = new Map<PeerCall, Fault[]>();
    private readonly transactions = new Map<string, bigint>();
    private blocks = 0n;

    constructor(
        readonly hubClock: HubClock,
        readonly nowNs: () => bigint
    ) {}

    failNext(call: PeerCall, ...faults: Fault[]): void {
        this.faults.set(call, [...(this.faults.get(call) ?? []), ...faults]);
    }

    /** Gives somebody money and the hub the allowance to take it. */
    fund(owner: Principal, amountE8s: bigint): void {
        const key = accountToText({ owner });
        this.balances.set(key, (this.balances.get(key) ?? 0n) + amountE8s);
        this.allowances.set(key, (this.allowances.get(key) ?? 0n) + amountE8s);
    }

    balance(account: Account): bigint {
        return this.balances.get(accountToText(account)) ?? 0n;
    }

    node(name: string, node: Partial<SnapshotNode> & { wallet?: Principal; stake?: NodeStake } = {}): Principal {
        const id = principalNamed(name);
        const { wallet, stake, ...facts } = node;
        this.facts.set(id.toText(), { walletOwner: wallet ?? principalNamed(`wallet of ${name}`) });
        this.snapshot.push({ node: id, class: 'compute', eValueE8: 100_000_000n, eligible: true, ...facts });
        if (stake !== undefined) this.stakes.set(id.toText(), stake);
        return id;
    }

    hubAccount(): Account {
        return { owner: HUB };
    }

    settlementPurse(): Account {
        return purseAccount(REWARDS, 'settlement');
    }

    async clock(): Promise<Result<HubClock, string>> {
        return this.answer('clock', () => this.hubClock);
    }

    async isValidator(who: Principal): Promise<Result<boolean, string>> {
        return ok(this.validators.has(who.toText()));
    }

    async nodeFacts(nodes: readonly Principal[]): Promise<Result<readonly (NodeFacts | undefined)[], string>> {
        return this.answer('nodeFacts', () => nodes.map((node) => this.facts.get(node.toText())));
    }

    async nodeStakes(nodes: readonly Principal[]): Promise<Result<readonly (NodeStake | undefined)[], string>> {
        return this.answer('nodeStakes', () => nodes.map((node) => this.stakes.get(node.toText())));
    }

    async weightSnapshot(
        _atNs: bigint,
        start: bigint,
        take: bigint
    ): Promise<Result<{ readonly nodes: readonly SnapshotNode[]; readonly next?: bigint }, string>> {
        return this.answer('weightSnapshot', () => {
            const end = start + take;
            const nodes = this.snapshot.slice(Number(start), Number(end));
            return { nodes, next: end < BigInt(this.snapshot.length) ? end : undefined };
        });
    }

    async balanceE8s(account: Account): Promise<Result<bigint, string>> {
        return ok(this.balance(account));
    }

    async transfer(transfer: LedgerTransfer): Promise<LedgerAnswer> {
        this.calls.push('transfer');
        await this.meanwhile('transfer');
        const fault = this.nextFault('transfer');
        if (fault === 'down') return { kind: 'unknown', message: 'the ledger is stopped' };
        const answer = this.execute(transfer);
        return fault === 'reply_lost' ? { kind: 'unknown', message: 'no reply' } : answer;
    }

    async settleRound(report: RoundReport): Promise<Result<Receipt, ReportRefused>> {
        const answer = await this.answer('settleRound', () => this.settle(report));
        return answer.ok ? answer.value : err({ kind: 'Other', detail: answer.error });
    }

    private execute(transfer: LedgerTransfer): LedgerAnswer {
        const identity = `${transfer.kind} ${toHex(transfer.memo)} ${transfer.createdAtNs} ${transfer.amountE8s}`;
        const known = this.transactions.get(identity);
        if (known !== undefined) {
            return this.forgetsTransactions
                ? { kind: 'refused', refusal: { kind: 'too_old' } }
                : { kind: 'block', index: known };
        }
        const from = accountToText(transfer.from);
        const debit = debitOf(transfer);
        const allowance = this.allowances.get(from) ?? 0n;
        if (transfer.kind === 'pull' && allowance < debit) {
            return { kind: 'refused', refusal: { kind: 'insufficient_allowance', allowanceE8s: allowance } };
        }
        const balance = this.balances.get(from) ?? 0n;
        if (balance < debit) {
            return { kind: 'refused', refusal: { kind: 'insufficient_funds', balanceE8s: balance } };
        }
        if (transfer.kind === 'pull') this.allowances.set(from, allowance - debit);
        this.balances.set(from, balance - debit);
        this.balances.set(accountToText(transfer.to), this.balance(transfer.to) + transfer.amountE8s);
        this.transactions.set(identity, this.blocks);
        return { kind: 'block', index: this.blocks++ };
    }

    /** The checks of rewards: strictly in order, each round once, and its money must be there. */
    private settle(report: RoundReport): Result<Receipt, ReportRefused> {
        const known = this.settled.get(report.round);
        if (known !== undefined) {
            const same = toHex(known.report.sourceHash) === toHex(report.sourceHash);
            return same ? ok(known.receipt) : err({ kind: 'Other', detail: 'AlreadySettled' });
        }
        const expected = this.hubClock.firstWindow + BigInt(this.settled.size);
        if (report.round !== expected) return err({ kind: 'Other', detail: `WrongRound ${expected}` });
        if (report.weights.length + report.trades.length > 1_000) return err({ kind: 'Other', detail: 'TooManyItems' });
        const fees = report.trades.reduce((total, { priceE8s }) => total + priceE8s / 5n, 0n);
        if (report.trades.length > 0 && fees < LEDGER_FEE_E8S) return err({ kind: 'Other', detail: 'MoneyMismatch' });
        const sum = report.trades.reduce((total, { priceE8s }) => total + priceE8s, 0n);
        if (sum !== report.moneyE8s) return err({ kind: 'Other', detail: 'MoneyMismatch' });
        const due = report.moneyE8s === 0n ? 0n : report.moneyE8s - LEDGER_FEE_E8S;
        const purse = accountToText(this.settlementPurse());
        if ((this.balances.get(purse) ?? 0n) < due) return err({ kind: 'MoneyMissing' });
        this.balances.set(purse, (this.balances.get(purse) ?? 0n) - due);
        const receipt = receiptOf(report, this.nowNs());
        this.settled.set(report.round, { report, receipt });
        return ok(receipt);
    }

    private async answer<T>(call: PeerCall, act: () => T): Promise<Result<T, string>> {
        this.calls.push(call);
        await this.meanwhile(call);
        const fault = this.nextFault(call);
        if (fault === 'down') return err('stopped');
        const value = act();
        return fault === 'reply_lost' ? err('no reply') : ok(value);
    }

    private nextFault(call: PeerCall): Fault | undefined {
        return this.faults.get(call)?.shift();
    }
}

function receiptOf(report: RoundReport, nowNs: bigint): Receipt {
    return {
        poolE8s: 0n,
        emissionE8s: 0n,
        carryInE8s: 0n,
        carryOutE8s: 0n,
        totalWeight: report.weights.reduce((sum, { weight }) => sum + weight, 0n),
        shares: BigInt(report.weights.length),
        tradeVolumeE8s: report.moneyE8s,
        settledAtNs: nowNs
    };
}
