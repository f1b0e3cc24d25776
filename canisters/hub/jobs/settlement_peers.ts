import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import type { HistoryPage } from '../../../src/core/lost_transfers';
import type { Result } from '../../../src/core/result';
import type { RoundHeader, TradeGroup, WeightItem } from '../../../src/core/round_pages';
import type { LedgerAnswer, LedgerTransfer } from '../../../src/core/transfer_intents';
import type { NodeStake, SnapshotNode } from '../domain/node_weights';
import type { NodeFacts } from '../domain/screening';
import type { Receipt, WindowRules } from '../domain/settlement';

/** Why a step could not go on; it is asked again later. */
export type Obstacle = string;

/** Which report a call to rewards belongs to. */
export interface ReportKey {
    readonly round: bigint;
    readonly sourceHash: Uint8Array;
}

/** A whole window in one call, for those that are small. */
export interface RoundReport extends ReportKey {
    readonly weights: readonly WeightItem[];
    readonly trades: readonly TradeGroup[];
    /** Sum of the prices. */
    readonly moneyE8s: bigint;
}

/** What rewards is told before the pages of a window come. */
export interface RoundBeginning extends ReportKey {
    readonly header: RoundHeader;
    readonly weightPages: bigint;
    readonly tradePages: bigint;
}

/** One page of a report: canonical bytes of src/core/round_pages.ts. */
export interface RoundPage extends ReportKey {
    readonly seq: bigint;
    readonly bytes: Uint8Array;
}

/** How far rewards is with a report: it has the pages before `next`, or has settled the round. */
export type RoundProgress =
    { readonly kind: 'staged'; readonly next: bigint } | { readonly kind: 'settled'; readonly receipt: Receipt };

/** `undefined` while rewards has shares left to write: it is asked again. */
export type CommitAnswer = Receipt | undefined;

export type ReportRefused =
    /** The window's money is not in rewards' settlement purse. */
    | { readonly kind: 'MoneyMissing' }
    /** Rewards does not have what was told before: it is told from the start. */
    | { readonly kind: 'Restart' }
    | { readonly kind: 'Other'; readonly detail: Obstacle };

/** The calls that a settlement makes; answers are in the order of the questions. */
export interface SettlementPeers {
    /** By which rules the windows of an epoch are settled. */
    rules(epoch: bigint): Promise<Result<WindowRules, Obstacle>>;
    /** Whom rewards would pay; undefined for nodes that rewards has not heard of. */
    payees(nodes: readonly Principal[]): Promise<Result<readonly (NodeFacts | undefined)[], Obstacle>>;
    /** Whether the state machine knows nodes. */
    areRegistered(nodes: readonly Principal[]): Promise<Result<readonly boolean[], Obstacle>>;
    weightSnapshot(
        atNs: bigint,
        start: bigint,
        take: bigint
    ): Promise<Result<{ readonly nodes: readonly SnapshotNode[]; readonly next?: bigint }, Obstacle>>;
    nodeStakes(nodes: readonly Principal[]): Promise<Result<readonly (NodeStake | undefined)[], Obstacle>>;
    transfer(transfer: LedgerTransfer): Promise<LedgerAnswer>;
    history(account: Account, before: bigint | undefined): Promise<Result<HistoryPage, Obstacle>>;
    settleRound(report: RoundReport): Promise<Result<Receipt, ReportRefused>>;
    beginRound(beginning: RoundBeginning): Promise<Result<RoundProgress, ReportRefused>>;
    sendPage(page: RoundPage): Promise<Result<RoundProgress, ReportRefused>>;
    commitRound(key: ReportKey): Promise<Result<CommitAnswer, ReportRefused>>;
    /** Comes back in a message of its own, so that work without another call does not pile up in one. */
    pause(): Promise<void>;
    /** The account that receives the money of windows; undefined while rewards is unknown. */
    settlementPurse(): Account | undefined;
    hubAccount(): Account;
}
