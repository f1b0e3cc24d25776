/** The rewards domain with memory tables, a fake ledger and a clock: what the jobs do, step by step and with faults. */
import { Principal } from '@dfinity/principal';
import { openState } from '../../../canisters/rewards/storage';
import {
    endAttempt,
    interruptAll,
    startAttempt,
    type Attempt
} from '../../../canisters/rewards/domain/transfers/attempts';
import { startPayment } from '../../../canisters/rewards/domain/claims/claim_payment';
import { cancelClaim, requestClaim } from '../../../canisters/rewards/domain/claims/claims';
import { prepareAirdropClaim, type AirdropClaim } from '../../../canisters/rewards/domain/airdrops/airdrops';
import {
    endExecution,
    execute,
    finalize,
    giveUpExecution,
    takeDueProposal,
    type CallEnd,
    type Execution
} from '../../../canisters/rewards/domain/governance/execution';
import type { Authority } from '../../../canisters/rewards/domain/governance/authority';
import { prepareWithdrawal } from '../../../canisters/rewards/domain/holders/holder_payout';
import { holderRow, prepareHolderStake, type HolderOrder } from '../../../canisters/rewards/domain/holders/holders';
import { takeDeposit } from '../../../canisters/rewards/domain/treasury/deposits';
import { putNodes } from '../../../canisters/rewards/domain/nodes/directory';
import { nextSearch, takePage } from '../../../canisters/rewards/domain/transfers/lost';
import { install } from '../../../canisters/rewards/domain/install';
import { observe, openAt, PURSES } from '../../../canisters/rewards/domain/treasury/purses';
import {
    checkMoney,
    checkReport,
    commitRound,
    moneyBooked,
    type RoundReport,
    type TradeItem,
    type WeightItem
} from '../../../canisters/rewards/domain/settlement/settlement';
import { holdingOf, liveStake } from '../../../canisters/rewards/domain/stakes/stake_book';
import { prepareRelease } from '../../../canisters/rewards/domain/stakes/stake_release';
import { prepareTopUp, type TopUpOrder } from '../../../canisters/rewards/domain/stakes/stake_terms';
import { prepareStake, type StakeOrder } from '../../../canisters/rewards/domain/stakes/stakes';
import type { RewardsState, SettlementRow } from '../../../canisters/rewards/domain/state';
import { plan } from '../../../canisters/rewards/domain/plan';
import { nextDue, transferRow } from '../../../canisters/rewards/domain/transfers/transfers';
import type { RewardsError } from '../../../canisters/rewards/domain/errors';
import type { Account } from '../../../src/core/account';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import type { Result } from '../../../src/core/result';
import { MemoryTables } from '../../../src/core/table';
import { purseAccount, type RewardsPurse } from '../../../src/core/tokenomics/pools';
import type { NodeClass, TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { S2_2100M } from '../../../src/core/tokenomics/profiles';
import type { LedgerAnswer, TransferIntent } from '../../../src/core/transfer_intents';
import { FakeLedger } from './fake_ledger';

export const GENESIS_NS = 1_700_000_000_000_000_000n;
export const ROUND_NS = 7_200_000_000_000n;

/** What goes wrong with one call to the ledger. `upgrade_*`: the canister is upgraded while the call is under way. */
export const FAULTS = ['none', 'unsent', 'stopped', 'lost_reply', 'upgrade_before', 'upgrade_after'] as const;
export type Fault = (typeof FAULTS)[number];

export function principalOf(n: number): Principal {
    return Principal.fromUint8Array(Uint8Array.of(1, n >> 8, n & 255));
}

export function accountOf(n: number): Account {
    return { owner: principalOf(n) };
}

export class World {
    readonly self = Principal.fromUint8Array(Uint8Array.of(9, 9));
    readonly mintingAccount: Account = { owner: Principal.fromUint8Array(Uint8Array.of(8, 8)) };
    readonly ledger = new FakeLedger(this.mintingAccount);
    readonly state: RewardsState;
    nowNs = GENESIS_NS;
    /** Who governs instead of the voters. */
    governor: Principal | undefined;

    constructor(
        readonly profile: TokenomicsProfile = S2_2100M,
        roundsPerEpoch = 12n,
        tables = new MemoryTables()
    ) {
        this.state = openState(tables);
        install(this.state, { profileId: profile.id, genesisNs: GENESIS_NS, roundsPerEpoch });
        this.state.mintingAccount.set(this.mintingAccount);
        for (const { pool, amountE8s } of profile.allocations) {
            if (pool !== 'public') this.ledger.fund(purseAccount(this.self, pool), amountE8s);
        }
    }

    putNode(n: number, options: { class?: NodeClass; wallet?: Account; e?: bigint; version?: bigint } = {}): Principal {
        const node = principalOf(n);
        const { class: nodeClass = 'compute', wallet, e = 100_000_000n, version = 1n } = options;
        expectOk(putNodes(this.state, [{ node, class: nodeClass, wallet, eValueE8: e, version }], this.nowNs));
        return node;
    }

    report(weights: readonly WeightItem[], trades: readonly TradeItem[] = [], round?: bigint): RoundReport {
        const moneyE8s = trades.reduce((sum, { priceE8s }) => sum + priceE8s, 0n);
        const next = round ?? this.state.settlements.length();
        return { round: next, sourceHash: Uint8Array.of(1, Number(next & 255n)), weights, trades, moneyE8s };
    }

    /** Lets the hub's money arrive and the round end, then settles as the job does. */
    settle(report: RoundReport): Result<SettlementRow, RewardsError> {
        const endNs = GENESIS_NS + (report.round + 1n) * ROUND_NS;
        if (this.nowNs < endNs) this.nowNs = endNs;
        if (report.moneyE8s > 0n) {
            this.ledger.fund(purseAccount(this.self, 'settlement'), report.moneyE8s - LEDGER_FEE_E8S);
            this.ledger.burnedE8s += LEDGER_FEE_E8S;
        }
        return this.settleOnly(report);
    }

    settleOnly(report: RoundReport): Result<SettlementRow, RewardsError> {
        const check = checkReport(this.state, report, this.nowNs);
        if (!check.ok) return check;
        if (check.value.kind === 'settled') return { ok: true, value: check.value.settlement };
        const balance = this.purseBalance('settlement');
        const money = checkMoney(this.state, moneyBooked(this.state), balance, check.value.expectedE8s);
        return money.ok ? { ok: true, value: commitRound(this.state, report, this.nowNs) } : money;
    }

    request(account: Account, amountE8s?: bigint): Result<bigint, RewardsError> {
        return requestClaim(this.state, account, amountE8s, this.nowNs);
    }

    pay(claim: bigint, fault: Fault = 'none'): Result<TransferIntent | undefined, RewardsError> {
        const started = startPayment(this.state, claim, principalOf(1), this.self, this.nowNs);
        return started.ok ? { ok: true, value: this.make(started.value, fault) } : started;
    }

    cancel(claim: bigint, owner: Principal): Result<null, RewardsError> {
        return cancelClaim(this.state, claim, owner);
    }

    stake(order: StakeOrder, fault: Fault = 'none'): Result<TransferIntent | undefined, RewardsError> {
        const prepared = prepareStake(this.state, order, this.self, this.nowNs);
        return prepared.ok ? { ok: true, value: this.send(prepared.value, fault) } : prepared;
    }

    topUp(order: TopUpOrder, fault: Fault = 'none'): Result<TransferIntent | undefined, RewardsError> {
        const prepared = prepareTopUp(this.state, order, this.self, this.nowNs);
        return prepared.ok ? { ok: true, value: this.send(prepared.value, fault) } : prepared;
    }

    release(node: Principal, fault: Fault = 'none'): Result<TransferIntent | undefined, RewardsError> {
        const prepared = prepareRelease(this.state, node, principalOf(1), this.self, this.nowNs);
        if (!prepared.ok) return prepared;
        return { ok: true, value: prepared.value === undefined ? undefined : this.send(prepared.value, fault) };
    }

    hold(order: HolderOrder, fault: Fault = 'none'): Result<bigint, RewardsError> {
        const prepared = prepareHolderStake(this.state, order, this.self, this.nowNs);
        if (prepared.ok) this.send(holderRow(this.state, prepared.value).transferId, fault);
        return prepared;
    }

    /** One step of a withdrawal: the reward's transfer, or the payout. */
    withdraw(id: bigint, owner: Principal, fault: Fault = 'none'): Result<TransferIntent | undefined, RewardsError> {
        const prepared = prepareWithdrawal(this.state, id, owner, this.self, this.nowNs);
        return prepared.ok ? { ok: true, value: this.send(prepared.value, fault) } : prepared;
    }

    claimAirdrop(claim: AirdropClaim, fault: Fault = 'none'): Result<TransferIntent | undefined, RewardsError> {
        const prepared = prepareAirdropClaim(this.state, claim, this.self, this.nowNs);
        return prepared.ok ? { ok: true, value: this.send(prepared.value, fault) } : prepared;
    }

    /** Decides and executes what is due; `answer` tells what becomes of calls. */
    runProposals(answer: CallEnd = { kind: 'executed' }): void {
        for (let id = takeDueProposal(this.state, this.nowNs); id !== undefined;) {
            const kind = this.state.proposals.get(id)?.state.kind;
            if (kind === 'open') expectOk(finalize(this.state, id, this.self, this.nowNs));
            else if (kind === 'executing') giveUpExecution(this.state, id, this.nowNs);
            else this.execute(id, answer);
            id = takeDueProposal(this.state, this.nowNs);
        }
    }

    beginExecution(id: bigint): Result<Execution, RewardsError> {
        return execute(this.state, id, principalOf(1), this.authority(), this.nowNs);
    }

    authority(): Authority {
        return { self: this.self, governor: this.governor ?? this.self };
    }

    execute(id: bigint, answer: CallEnd = { kind: 'executed' }): Result<Execution, RewardsError> {
        const execution = this.beginExecution(id);
        if (execution.ok && execution.value.kind === 'call') endExecution(this.state, id, answer, this.nowNs);
        return execution;
    }

    /** One attempt of a transfer, as jobs/send.ts makes it. */
    send(id: bigint, fault: Fault = 'none'): TransferIntent | undefined {
        const attempt = startAttempt(this.state, id, this.nowNs);
        return attempt && this.make(attempt, fault);
    }

    private make(attempt: Attempt, fault: Fault): TransferIntent | undefined {
        const executed = fault === 'none' || fault === 'lost_reply' || fault === 'upgrade_after';
        const answer: LedgerAnswer = executed
            ? this.ledger.transfer(this.self, attempt.transfer, this.nowNs)
            : { kind: fault === 'unsent' ? 'not_executed' : 'unknown', message: fault };
        if (fault === 'upgrade_before' || fault === 'upgrade_after') {
            interruptAll(this.state, this.nowNs);
            return undefined;
        }
        const seen: LedgerAnswer = fault === 'lost_reply' ? { kind: 'unknown', message: fault } : answer;
        return endAttempt(this.state, attempt, seen, this.nowNs);
    }

    /** One run of the timer: plans, sends what is due, plans, decides what was lost. */
    tick(fault: () => Fault = () => 'none'): void {
        plan(this.state, this.self, this.nowNs);
        for (let made = 0; made < 50; made++) {
            const id = nextDue(this.state, this.nowNs);
            if (id === undefined) break;
            this.send(id, fault());
        }
        plan(this.state, this.self, this.nowNs);
        this.reconcile();
    }

    /** Runs the timer without faults until nothing is open any more. */
    drain(): void {
        for (let run = 0; run < 500; run++) {
            this.nowNs += 660_000_000_000n;
            this.tick();
            if (this.state.due.size() === 0 && this.state.batch.get() === undefined) return;
        }
        const stuck = this.state.lost.get().map((id) => transferRow(this.state, id));
        expect({ open: this.state.due.size(), stuck }).toEqual({ open: 0, stuck: [] });
    }

    observeAll(): void {
        for (const purse of PURSES) {
            if (openAt(this.state, purse) === 0) {
                takeDeposit(this.state, purse, this.purseBalance(purse), this.nowNs);
                observe(this.state, purse, this.purseBalance(purse), this.nowNs);
            }
        }
    }

    /** What the books say lies in a node's subaccount. */
    bookedFor(node: Principal): bigint {
        const { dueE8s, sweepingE8s } = holdingOf(this.state, node);
        return dueE8s + sweepingE8s + (liveStake(this.state, node)?.remainingE8s ?? 0n);
    }

    purseBalance(purse: RewardsPurse): bigint {
        return this.ledger.balanceOf(purseAccount(this.self, purse));
    }

    private reconcile(): void {
        for (let search = nextSearch(this.state, this.nowNs); search !== undefined;) {
            takePage(this.state, search, this.ledger.history(search.account, search.start), this.nowNs);
            search = nextSearch(this.state, this.nowNs);
        }
    }
}

/** The value of a result that must be a success. */
export function expectOk<T>(result: Result<T, RewardsError>): T {
    if (!result.ok) expect(result.error).toBeUndefined();
    return (result as { value: T }).value;
}

/** The code of a result that must be a refusal. */
export function codeOf(result: Result<unknown, RewardsError>): string {
    return result.ok ? 'Ok' : result.error.code;
}
