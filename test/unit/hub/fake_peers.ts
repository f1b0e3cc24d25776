/** Peers of the hub in memory: a ledger that remembers transactions, rewards that settles rounds, and faults on demand. */
import { Principal } from '@dfinity/principal';
import type { HubPeers } from '../../../canisters/hub/hub';
import type { HubClock } from '../../../canisters/hub/domain/calendar';
import type { NodeStake, SnapshotNode } from '../../../canisters/hub/domain/node_weights';
import type { Receipt, WindowRules } from '../../../canisters/hub/domain/settlement';
import type { NodeFacts } from '../../../canisters/hub/domain/screening';
import type {
    CommitAnswer,
    ReportKey,
    ReportRefused,
    RoundBeginning,
    RoundPage,
    RoundProgress,
    RoundReport
} from '../../../canisters/hub/jobs/settlement_peers';
import type { OnlinePage } from '../../../canisters/hub/jobs/plan_probes';
import type { TradedNode } from '../../../canisters/hub/jobs/trade_compute';
import { accountToText, sameAccount, type Account } from '../../../src/core/account';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { toHex } from '../../../src/core/bytes';
import { sha256 } from '../../../src/core/hash';
import type { HistoryEntry, HistoryPage } from '../../../src/core/lost_transfers';
import { err, ok, type Result } from '../../../src/core/result';
import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { S2_2100M } from '../../../src/core/tokenomics/profiles';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { debitOf, type LedgerAnswer, type LedgerTransfer } from '../../../src/core/transfer_intents';
import { hashOf, isSame, receiptOf, reportOf, type StagedRound } from './staged_round';

export function principalNamed(name: string): Principal {
    return Principal.selfAuthenticating(sha256(new TextEncoder().encode(name)));
}

export const HUB = principalNamed('hub');
export const REWARDS = principalNamed('rewards');

/** Answers that a call may meet: the callee never ran, or it ran and its reply was lost. */
export type Fault = 'down' | 'reply_lost';
export type PeerCall =
    | 'transfer'
    | 'rules'
    | 'history'
    | 'settleRound'
    | 'beginRound'
    | 'sendPage'
    | 'commitRound'
    | 'payees'
    | 'areRegistered'
    | 'weightSnapshot'
    | 'nodeStakes'
    | 'clock'
    | 'tradedNode'
    | 'validators'
    | 'onlineNodes'
    | 'randomness';

export class FakePeers implements HubPeers {
    readonly balances = new Map<string, bigint>();
    readonly allowances = new Map<string, bigint>();
    readonly facts = new Map<string, NodeFacts>();
    readonly stakes = new Map<string, NodeStake>();
    readonly snapshot: SnapshotNode[] = [];
    readonly validatorSet: Principal[] = [];
    /** What the state machine knows besides of nodes. */
    readonly statuses = new Map<string, { isActive: boolean; lastStatusNs: bigint }>();
    /** Registered nodes that rewards has not been told of. */
    readonly unheardOf = new Set<string>();
    /** What rewards has of a report that comes in pages. */
    staged?: StagedRound;
    readonly settled = new Map<bigint, { report: RoundReport; receipt: Receipt }>();
    readonly calls: PeerCall[] = [];
    /** Called before each call is answered, while the hub awaits it. */
    meanwhile: (call: PeerCall) => Promise<void> | void = () => undefined;
    /** Money that the ledger has forgotten the transactions of. */
    forgetsTransactions = false;
    private readonly faults = new Map<PeerCall, Fault[]>();
    private readonly transactions = new Map<string, bigint>();
    /** Versions of the token economy by their first epoch. */
    readonly versions: { readonly from: bigint; readonly profile: TokenomicsProfile }[] = [];
    /** The ledger's log. */
    readonly log: HistoryEntry[] = [];

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

    /** Transfers that the ledger has executed. */
    executed(): bigint {
        return BigInt(this.log.length);
    }

    hubAccount(): Account {
        return { owner: HUB };
    }

    settlementPurse(): Account {
        return purseAccount(REWARDS, 'settlement');
    }

    /** The token economy of an epoch: the last version from then on. */
    async rules(epoch: bigint): Promise<Result<WindowRules, string>> {
        return this.answer('rules', () => {
            const { weights, trade } =
                [...this.versions].reverse().find(({ from }) => from <= epoch)?.profile ?? S2_2100M;
            return { weights, fee: trade.fee };
        });
    }

    async clock(): Promise<Result<HubClock, string>> {
        return this.answer('clock', () => this.hubClock);
    }

    async isValidator(who: Principal): Promise<Result<boolean, string>> {
        return ok(this.validatorSet.some((validator) => validator.compareTo(who) === 'eq'));
    }

    async payees(nodes: readonly Principal[]): Promise<Result<readonly (NodeFacts | undefined)[], string>> {
        return this.answer('payees', () =>
            nodes.map((node) => (this.unheardOf.has(node.toText()) ? undefined : this.facts.get(node.toText())))
        );
    }

    async areRegistered(nodes: readonly Principal[]): Promise<Result<readonly boolean[], string>> {
        return this.answer('areRegistered', () => nodes.map((node) => this.facts.has(node.toText())));
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

    async tradedNode(
        node: Principal
    ): Promise<Result<(TradedNode & { readonly lastStatusNs: bigint }) | undefined, string>> {
        return this.answer('tradedNode', () => {
            const facts = this.facts.get(node.toText());
            const status = this.statuses.get(node.toText()) ?? { isActive: true, lastStatusNs: this.nowNs() };
            return facts && { ...facts, ...status };
        });
    }

    async validators(): Promise<Result<readonly Principal[], string>> {
        return this.answer('validators', () => [...this.validatorSet]);
    }

    async onlineNodes(start: bigint, take: bigint): Promise<Result<OnlinePage, string>> {
        return this.answer('onlineNodes', () => {
            const end = start + take;
            const nodes = this.snapshot.slice(Number(start), Number(end)).flatMap(({ node }) => {
                const status = this.statuses.get(node.toText());
                const isOnline = status !== undefined && this.nowNs() - status.lastStatusNs <= ONLINE_NS;
                return isOnline ? [{ node, lastStatusNs: status.lastStatusNs }] : [];
            });
            return { nodes, next: end < BigInt(this.snapshot.length) ? end : undefined };
        });
    }

    async randomness(): Promise<Result<Uint8Array, string>> {
        return this.answer('randomness', () => sha256(new TextEncoder().encode(`seed ${this.calls.length}`)));
    }

    async pause(): Promise<void> {
        await Promise.resolve();
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

    async beginRound({ header, weightPages, tradePages, ...key }: RoundBeginning) {
        return this.ofReport('beginRound', () => {
            const settled = this.receiptOf(key);
            if (settled !== undefined) return settled;
            if (!isSame(this.staged, key)) {
                this.staged = { ...key, header, counts: [weightPages, tradePages], pages: [] };
            }
            return ok({ kind: 'staged', next: BigInt(this.staged?.pages.length ?? 0) } satisfies RoundProgress);
        });
    }

    async sendPage({ seq, bytes, ...key }: RoundPage) {
        return this.ofReport('sendPage', () => {
            const settled = this.receiptOf(key);
            if (settled !== undefined) return settled;
            const { staged } = this;
            const next = BigInt(staged?.pages.length ?? 0);
            if (staged === undefined || !isSame(staged, key) || seq > next) return err({ kind: 'Restart' } as const);
            if (seq === next) staged.pages.push(bytes);
            return ok({ kind: 'staged', next: BigInt(staged.pages.length) } satisfies RoundProgress);
        });
    }

    /** Settles at the second question, as if shares were left to write at the first. */
    async commitRound(key: ReportKey): Promise<Result<CommitAnswer, ReportRefused>> {
        return this.ofReport('commitRound', () => {
            const settled = this.settled.get(key.round);
            if (settled !== undefined) return ok(settled.receipt);
            const { staged } = this;
            if (staged === undefined || !isSame(staged, key)) return err({ kind: 'Restart' } as const);
            const report = reportOf(staged);
            if (toHex(hashOf(staged)) !== toHex(key.sourceHash)) return err(other('HashMismatch'));
            if (!staged.asked) {
                staged.asked = true;
                return ok(undefined);
            }
            return this.settle(report);
        });
    }

    private receiptOf({ round }: ReportKey): Result<RoundProgress, ReportRefused> | undefined {
        const settled = this.settled.get(round);
        return settled && ok({ kind: 'settled', receipt: settled.receipt });
    }

    private async ofReport<T>(call: PeerCall, act: () => Result<T, ReportRefused>): Promise<Result<T, ReportRefused>> {
        const answer = await this.answer(call, act);
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
        const index = BigInt(this.log.length);
        this.transactions.set(identity, index);
        const { to, amountE8s, memo, createdAtNs } = transfer;
        this.log.push({ index, atNs: this.nowNs(), from: transfer.from, to, amountE8s, memo, createdAtNs });
        return { kind: 'block', index };
    }

    /** A transfer that the hub did not ask for. */
    gift(from: Principal, to: Account, amountE8s: bigint): void {
        const transfer = { from: { owner: from }, to, amountE8s, feeE8s: LEDGER_FEE_E8S };
        this.fund(from, debitOf({ ...transfer, kind: 'push', memo: new Uint8Array(), createdAtNs: 0n }));
        this.execute({ ...transfer, kind: 'push', memo: Uint8Array.of(this.log.length), createdAtNs: this.nowNs() });
    }

    /** Two blocks at a time, newest first. */
    async history(account: Account, before: bigint | undefined): Promise<Result<HistoryPage, string>> {
        return this.answer('history', () => {
            const mine = this.log.filter(
                ({ from, to }) => sameAccount(from, account) || (to && sameAccount(to, account))
            );
            const end = before ?? this.executed();
            const entries = mine
                .filter(({ index }) => index < end)
                .slice(-2)
                .reverse();
            const last = entries[entries.length - 1];
            return { entries, last: last && { index: last.index, atNs: last.atNs }, oldestIndex: mine[0]?.index };
        });
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
        const trades = report.trades.flatMap((group) => group.trades);
        const fees = trades.reduce((total, { priceE8s }) => total + priceE8s / 5n, 0n);
        if (trades.length > 0 && fees < LEDGER_FEE_E8S) return err({ kind: 'Other', detail: 'MoneyMismatch' });
        const sum = trades.reduce((total, { priceE8s }) => total + priceE8s, 0n);
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

/** AS-33: half an hour after a report. */
const ONLINE_NS = 1_800_000_000_000n;

const other = (detail: string): ReportRefused => ({ kind: 'Other', detail });
