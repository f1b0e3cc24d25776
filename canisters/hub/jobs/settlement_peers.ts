import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import type { Result } from '../../../src/core/result';
import type { LedgerAnswer, LedgerTransfer } from '../../../src/core/transfer_intents';
import type { NodeStake, SnapshotNode } from '../domain/node_weights';
import type { Receipt, WeightItem } from '../domain/settlement';
import type { NodeFacts } from '../domain/settlements';

/** Why a step could not go on; it is asked again later. */
export type Obstacle = string;

/** What rewards is told about a window. */
export interface RoundReport {
    readonly round: bigint;
    readonly sourceHash: Uint8Array;
    readonly weights: readonly WeightItem[];
    readonly trades: readonly { readonly node: Principal; readonly buyer: Principal; readonly priceE8s: bigint }[];
    /** Sum of the prices. */
    readonly moneyE8s: bigint;
}

export type ReportRefused =
    /** The window's money is not in rewards' settlement purse. */
    { readonly kind: 'MoneyMissing' } | { readonly kind: 'Other'; readonly detail: Obstacle };

/** The calls that a settlement makes; answers are in the order of the questions. */
export interface SettlementPeers {
    nodeFacts(nodes: readonly Principal[]): Promise<Result<readonly (NodeFacts | undefined)[], Obstacle>>;
    weightSnapshot(
        atNs: bigint,
        start: bigint,
        take: bigint
    ): Promise<Result<{ readonly nodes: readonly SnapshotNode[]; readonly next?: bigint }, Obstacle>>;
    nodeStakes(nodes: readonly Principal[]): Promise<Result<readonly (NodeStake | undefined)[], Obstacle>>;
    transfer(transfer: LedgerTransfer): Promise<LedgerAnswer>;
    settleRound(report: RoundReport): Promise<Result<Receipt, ReportRefused>>;
    /** The account that receives the money of windows; undefined while rewards is unknown. */
    settlementPurse(): Account | undefined;
    hubAccount(): Account;
}
