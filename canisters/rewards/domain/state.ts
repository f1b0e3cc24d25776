/** Rows of the rewards canister and the tables that hold them. Storage gives them bytes; the domain only knows these. */
import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import type { RewardsPurse } from '../../../src/core/tokenomics/pools';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { SlotLog } from '../../../src/core/slot_log';
import type { Cell, Lists, Log, OrderedTable, Table } from '../../../src/core/table';
import type { TransferIntent } from '../../../src/core/transfer_intents';
import type { AirdropTables } from './airdrops/airdrop_rows';
import type { GovernanceTables } from './governance/governance_rows';
import type { HolderTables } from './holders/holder_rows';
import type { ProfileTables } from './profiles/profile_rows';
import type { StakeTables } from './stakes/stake_rows';
import type { TradeLimitTables } from './settlement/trade_limits';
import type { TreasuryTables } from './treasury/treasury_rows';

export type { StakePhase, StakeRow } from './stakes/stake_rows';

/** Purses that what an account earned may lie in. `payable`: moved there for a claim that was cancelled. */
export const REWARD_SOURCES = ['payable', 'node', 'trading', 'settlement'] as const;
/** A purse that an account’s earnings lie in. */
export type RewardSource = (typeof REWARD_SOURCES)[number];

/** An amount by the purse that it lies in. */
export type Parts = Readonly<Record<RewardSource, bigint>>;

/** What the install fixed. */
export interface ConfigRow {
    readonly profileId: string;
    readonly genesisNs: bigint;
    readonly roundNs: bigint;
    readonly roundsPerEpoch: bigint;
}

/** What the state machine has told of a node; E in 1/10⁸. */
export interface NodeRow {
    readonly class: NodeClass;
    readonly wallet?: Account;
    readonly eValueE8: bigint;
    /** Of the state machine's record; only a higher one replaces. */
    readonly version: bigint;
}

/** A settled round. R1: pool = emission + carry in = Σ shares + carry out, in e8s. */
export interface SettlementRow {
    readonly round: bigint;
    readonly poolE8s: bigint;
    readonly emissionE8s: bigint;
    readonly carryInE8s: bigint;
    readonly carryOutE8s: bigint;
    readonly totalWeight: bigint;
    readonly tradeVolumeE8s: bigint;
    readonly tradeFeesE8s: bigint;
    readonly tradeRewardsE8s: bigint;
    readonly sourceHash: Uint8Array;
    readonly settledAtNs: bigint;
}

/** A node’s part of a round’s emission, and the account that it was credited to, if one was bound. */
export interface ShareRow {
    readonly node: Principal;
    readonly account?: Account;
    readonly amountE8s: bigint;
}

/** `held`: what a node earned before a wallet was bound to it. */
export const REWARD_KINDS = ['emission', 'compute_income', 'provider_reward', 'buyer_reward', 'held'] as const;
/** For what something was earned. */
export type RewardKind = (typeof REWARD_KINDS)[number];

/** An entry of an account’s history. */
export interface RewardRow {
    readonly kind: RewardKind;
    /** The next unsettled round for `held`. */
    readonly round: bigint;
    readonly node?: Principal;
    readonly amountE8s: bigint;
    readonly atNs: bigint;
}

/** R3: earned = Σ available + inClaims + paid. */
export interface AccountRow {
    readonly available: Parts;
    readonly inClaimsE8s: bigint;
    /** Ledger fees of the payments included. */
    readonly paidE8s: bigint;
    readonly earnedE8s: bigint;
    readonly openClaim?: bigint;
}

/**
 * requested → synced → transferring → paid, or failed and paid again under the same identity; cancelled before the
 * first payment.
 */
export type ClaimState =
    | { readonly kind: 'requested' }
    | { readonly kind: 'synced' }
    | { readonly kind: 'transferring' }
    | { readonly kind: 'paid'; readonly blockIndex?: bigint; readonly paidE8s: bigint }
    | { readonly kind: 'failed'; readonly reason: string }
    | { readonly kind: 'cancelled' };

/** A claim: an amount that left the balance, of which purses, and where its payment stands. */
export interface ClaimRow {
    readonly account: Account;
    readonly amountE8s: bigint;
    readonly parts: Parts;
    readonly state: ClaimState;
    readonly createdAtNs: bigint;
    /** The payment, from the first attempt on. */
    readonly transferId?: bigint;
}

/** The claims that are being moved to `payable` together. */
export interface SyncBatch {
    readonly claims: readonly bigint[];
    readonly openMoves: number;
    /** Purses whose move has ended. */
    readonly movedFrom: readonly RewardSource[];
}

/** What a transfer is for: decides what its end does to the books. */
export type TransferPurpose =
    | { readonly kind: 'claim_payment'; readonly claim: bigint }
    | { readonly kind: 'sync_move'; readonly source: RewardSource }
    | { readonly kind: 'stake_pull'; readonly node: Principal }
    | { readonly kind: 'stake_release'; readonly node: Principal }
    | { readonly kind: 'treasury_sweep' }
    | { readonly kind: 'burn' }
    | { readonly kind: 'fee_top_up'; readonly purse: RewardSource }
    | { readonly kind: 'stake_top_up'; readonly node: Principal }
    | { readonly kind: 'slash_sweep'; readonly node: Principal }
    | { readonly kind: 'staking_feed' }
    | { readonly kind: 'holder_pull'; readonly stake: bigint }
    | { readonly kind: 'holder_reward'; readonly stake: bigint }
    | { readonly kind: 'holder_payout'; readonly stake: bigint }
    | { readonly kind: 'holder_rest'; readonly stake: bigint }
    | { readonly kind: 'proposal_payment'; readonly proposal: bigint; readonly purse: PaymentPurse }
    | { readonly kind: 'airdrop_payment'; readonly airdrop: bigint; readonly index: bigint };

/** Purses that proposals pay from. */
export const PAYMENT_PURSES = ['developer', 'treasury'] as const;
/** A purse that proposals pay from. */
export type PaymentPurse = (typeof PAYMENT_PURSES)[number];

/** A movement that was asked of the ledger, and why. */
export interface TransferRow {
    readonly purpose: TransferPurpose;
    readonly intent: TransferIntent;
    readonly attempts: number;
    /** Its key in the queue; meaningless once final. */
    readonly dueNs: bigint;
}

/** What is known of one subaccount of this canister. R4: booked ≥ owed + held + what is set aside in it (purses.ts). */
export interface PurseRow {
    readonly bookedE8s: bigint;
    /** To accounts and claims. */
    readonly owedE8s: bigint;
    /** For transfers that are open, as far as `owed` does not cover them. */
    readonly heldE8s: bigint;
    /** Ledger fees that this purse bore for transfers between purses. */
    readonly feesPaidE8s: bigint;
    /** Transfers that are open out of the purse and into it. */
    readonly openOut: number;
    readonly openIn: number;
    /** Last ledger balance that was read while nothing was open. */
    readonly observedE8s?: bigint;
    /** What the books said then: they have moved since, the comparison has not. */
    readonly bookedThenE8s: bigint;
    readonly observedAtNs: bigint;
}

/** R1 over all rounds: emitted = assigned + carry. */
export interface EmissionTotals {
    readonly emittedE8s: bigint;
    readonly assignedE8s: bigint;
    readonly carryE8s: bigint;
    /** Held under nodes without a wallet. */
    readonly unboundE8s: bigint;
}

/** R7: rewards ≤ the programme's cap. `due` amounts still lie in the purse `settlement`. */
export interface TradeTotals {
    readonly volumeE8s: bigint;
    readonly feesE8s: bigint;
    readonly rewardsE8s: bigint;
    readonly treasuryDueE8s: bigint;
    readonly treasurySweptE8s: bigint;
    readonly burnDueE8s: bigint;
    readonly burnedE8s: bigint;
}

/** When a transfer is to be looked at next, and which. */
export interface DueKey {
    readonly dueNs: bigint;
    readonly id: bigint;
}

/** All tables of the canister, as the domain sees them. */
export interface RewardsState
    extends
        StakeTables,
        TreasuryTables,
        ProfileTables,
        HolderTables,
        GovernanceTables,
        AirdropTables,
        TradeLimitTables {
    readonly config: Cell<ConfigRow | undefined>;
    readonly nodes: Table<Principal, NodeRow>;
    readonly nodeIndex: Log<Principal>;
    readonly unbound: Table<Principal, Parts>;
    /** Indexed by round: rounds are settled strictly in order (R5). */
    readonly settlements: Log<SettlementRow>;
    readonly shares: Lists<bigint, ShareRow>;
    readonly accounts: Table<Account, AccountRow>;
    readonly accountIndex: Log<Account>;
    readonly rewards: Lists<Account, RewardRow>;
    readonly claims: Log<ClaimRow>;
    readonly claimsByAccount: Lists<Account, bigint>;
    readonly claimsCancelled: Cell<bigint>;
    readonly nextToSync: Cell<bigint>;
    readonly batch: Cell<SyncBatch | undefined>;
    /** A pull that the ledger refused leaves no row. */
    readonly transfers: SlotLog<TransferRow>;
    readonly due: OrderedTable<DueKey, bigint>;
    readonly inFlight: Cell<readonly bigint[]>;
    readonly lost: Cell<readonly bigint[]>;
    /** How far the ledger's history was read for one of them. */
    readonly lostSearch: Cell<{ readonly id: bigint; readonly start: bigint } | undefined>;
    /** Purses that a float from the treasury is on its way to. */
    readonly topUpsOpen: Cell<readonly RewardSource[]>;
    readonly purses: Table<RewardsPurse, PurseRow>;
    readonly emission: Cell<EmissionTotals>;
    readonly trade: Cell<TradeTotals>;
    readonly mintingAccount: Cell<Account | undefined>;
}

/** Nothing in any purse. */
export const NO_PARTS: Parts = { payable: 0n, node: 0n, trading: 0n, settlement: 0n };

/** The sum of two amounts, purse by purse. */
export function addParts(a: Parts, b: Parts): Parts {
    return {
        payable: a.payable + b.payable,
        node: a.node + b.node,
        trading: a.trading + b.trading,
        settlement: a.settlement + b.settlement
    };
}

/** The amount over all purses, in e8s. */
export function sumParts(parts: Parts): bigint {
    return parts.payable + parts.node + parts.trading + parts.settlement;
}

/** The part of each purse that makes up the amount, purses in the order of {@link REWARD_SOURCES}; the sum must suffice. */
export function takeParts(available: Parts, amountE8s: bigint): { taken: Parts; left: Parts } {
    const taken = { ...NO_PARTS };
    const left = { ...available };
    let missing = amountE8s;
    for (const source of REWARD_SOURCES) {
        const part = left[source] < missing ? left[source] : missing;
        taken[source] = part;
        left[source] -= part;
        missing -= part;
    }
    return { taken, left };
}
