/** Memory ids, codecs and tables. Fields and cases are stored by position: append, never reorder. */
import { accountField, accountKey } from '../../src/core/account';
import {
    blob,
    codecOf,
    list,
    nat,
    oneOf,
    optional,
    principal,
    principalKey,
    record,
    text,
    textKey,
    u32,
    u64,
    u64Key,
    variant,
    type Codec
} from '../../src/core/codec';
import { cachedCell } from '../../src/core/cached_cell';
import { slotLog } from '../../src/core/slot_log';
import type { TableFactory } from '../../src/core/table';
import type { RewardsPurse } from '../../src/core/tokenomics/pools';
import { transferIntentField } from '../../src/core/transfer_intents';
import * as rows from './domain/state';
import type { TradeEpochRow, TraderRow } from './domain/settlement/trade_limits';
import { cachedTable } from './tables/cached_table';
import { openAirdropTables, openGovernanceTables, openHolderTables } from './tables/dao_tables';
import { openProfileTables } from './tables/profile_tables';
import { recentLog, recentSlotLog } from './tables/recent_log';
import { openStakeTables } from './tables/stake_tables';
import { openTreasuryTables } from './tables/treasury_tables';

export const SCHEMA_VERSION = 1;

const MEMORY = {
    nodes: 0,
    nodeIndex: 1,
    unbound: 2,
    stakes: 3,
    settlements: 4,
    shares: 5,
    accounts: 6,
    accountIndex: 7,
    rewards: 8,
    claims: 9,
    claimsByAccount: 10,
    transfers: 11,
    due: 12,
    purses: 13,
    stakeIndex: 40,
    holdings: 41,
    slashes: 42,
    slashByCase: 43,
    slashesOfNode: 44,
    sweepQueue: 45,
    releases: 46,
    treasuryLedger: 47,
    profiles: 48,
    holderStakes: 49,
    holderStakesOf: 50,
    holderPending: 51,
    powerOf: 52,
    totalPower: 53,
    proposals: 54,
    ballots: 55,
    voters: 56,
    vetoes: 57,
    proposalsDue: 58,
    airdrops: 59,
    airdropEntries: 60,
    airdropClaims: 61,
    airdropsDue: 62,
    disputes: 63,
    traders: 64
} as const;

const nodeClass = oneOf(['validator', 'router', 'compute']);
const source = oneOf(rows.REWARD_SOURCES);
const parts = record<rows.Parts>({ payable: nat, node: nat, trading: nat, settlement: nat });
const ids = codecOf(list(u64));
const maybeAccount = codecOf(optional(accountField));

const config = record<rows.ConfigRow>({ profileId: text, genesisNs: u64, roundNs: u64, roundsPerEpoch: u64 });
const node = record<rows.NodeRow>({ class: nodeClass, wallet: optional(accountField), eValueE8: nat, version: u64 });

const settlement = record<rows.SettlementRow>({
    round: u64,
    poolE8s: nat,
    emissionE8s: nat,
    carryInE8s: nat,
    carryOutE8s: nat,
    totalWeight: nat,
    tradeVolumeE8s: nat,
    tradeFeesE8s: nat,
    tradeRewardsE8s: nat,
    sourceHash: blob,
    settledAtNs: u64
});

const share = record<rows.ShareRow>({ node: principal, account: optional(accountField), amountE8s: nat });

const reward = record<rows.RewardRow>({
    kind: oneOf(rows.REWARD_KINDS),
    round: u64,
    node: optional(principal),
    amountE8s: nat,
    atNs: u64
});

const account = record<rows.AccountRow>({
    available: parts,
    inClaimsE8s: nat,
    paidE8s: nat,
    earnedE8s: nat,
    openClaim: optional(u64)
});

const claim = record<rows.ClaimRow>({
    account: accountField,
    amountE8s: nat,
    parts,
    state: variant<rows.ClaimState>({
        requested: record({}),
        synced: record({}),
        transferring: record({}),
        paid: record<{ blockIndex?: bigint; paidE8s: bigint }>({ blockIndex: optional(u64), paidE8s: nat }),
        failed: record<{ reason: string }>({ reason: text }),
        cancelled: record({})
    }),
    createdAtNs: u64,
    transferId: optional(u64)
});

const holderStake = record<{ stake: bigint }>({ stake: u64 });

const transfer = record<rows.TransferRow>({
    purpose: variant<rows.TransferPurpose>({
        claim_payment: record<{ claim: bigint }>({ claim: u64 }),
        sync_move: record<{ source: rows.RewardSource }>({ source }),
        stake_pull: record({ node: principal }),
        stake_release: record({ node: principal }),
        treasury_sweep: record({}),
        burn: record({}),
        fee_top_up: record<{ purse: rows.RewardSource }>({ purse: source }),
        stake_top_up: record({ node: principal }),
        slash_sweep: record({ node: principal }),
        staking_feed: record({}),
        holder_pull: holderStake,
        holder_reward: holderStake,
        holder_payout: holderStake,
        holder_rest: holderStake,
        proposal_payment: record<{ proposal: bigint; purse: rows.PaymentPurse }>({
            proposal: u64,
            purse: oneOf(rows.PAYMENT_PURSES)
        }),
        airdrop_payment: record<{ airdrop: bigint; index: bigint }>({ airdrop: u64, index: u64 })
    }),
    intent: transferIntentField,
    attempts: u32,
    dueNs: u64
});

const purse = record<rows.PurseRow>({
    bookedE8s: nat,
    owedE8s: nat,
    heldE8s: nat,
    feesPaidE8s: nat,
    openOut: u32,
    openIn: u32,
    observedE8s: optional(nat),
    bookedThenE8s: nat,
    observedAtNs: u64
});

const emission = record<rows.EmissionTotals>({ emittedE8s: nat, assignedE8s: nat, carryE8s: nat, unboundE8s: nat });

const trade = record<rows.TradeTotals>({
    volumeE8s: nat,
    feesE8s: nat,
    rewardsE8s: nat,
    treasuryDueE8s: nat,
    treasurySweptE8s: nat,
    burnDueE8s: nat,
    burnedE8s: nat
});

const tradeEpoch = record<TradeEpochRow>({ epoch: u64, rewardsBeforeE8s: nat });
const trader = record<TraderRow>({ epoch: u64, rewardsE8s: nat });

const batch = record<rows.SyncBatch>({ claims: list(u64), openMoves: u32, movedFrom: list(source) });
const lostSearch = record<{ id: bigint; start: bigint }>({ id: u64, start: u64 });
const dueKey = codecOf(record<rows.DueKey>({ dueNs: u64, id: u64 }));

const NO_EMISSION: rows.EmissionTotals = { emittedE8s: 0n, assignedE8s: 0n, carryE8s: 0n, unboundE8s: 0n };
const NO_TRADE: rows.TradeTotals = {
    volumeE8s: 0n,
    feesE8s: 0n,
    rewardsE8s: 0n,
    treasuryDueE8s: 0n,
    treasurySweptE8s: 0n,
    burnDueE8s: 0n,
    burnedE8s: 0n
};

/** The canister's state over stable memory, or over plain memory in a test. */
export function openState(tables: TableFactory): rows.RewardsState {
    return {
        ...openStakeTables(tables, MEMORY),
        ...openTreasuryTables(tables, MEMORY),
        ...openProfileTables(tables, MEMORY),
        ...openHolderTables(tables, MEMORY),
        ...openGovernanceTables(tables, MEMORY),
        ...openAirdropTables(tables, MEMORY),
        config: tables.cell('config', codecOf(optional(config)), undefined),
        nodes: tables.table(MEMORY.nodes, principalKey, codecOf(node)),
        nodeIndex: tables.log(MEMORY.nodeIndex, principalKey),
        unbound: tables.table(MEMORY.unbound, principalKey, codecOf(parts)),
        settlements: tables.log(MEMORY.settlements, codecOf(settlement)),
        shares: tables.lists(MEMORY.shares, u64Key, codecOf(share)),
        accounts: tables.table(MEMORY.accounts, accountKey, codecOf(account)),
        accountIndex: tables.log(MEMORY.accountIndex, accountKey),
        rewards: tables.lists(MEMORY.rewards, accountKey, codecOf(reward)),
        claims: recentLog(tables.log(MEMORY.claims, codecOf(claim))),
        claimsByAccount: tables.lists(MEMORY.claimsByAccount, accountKey, u64Key),
        claimsCancelled: tables.cell('claims_cancelled', u64Key, 0n),
        nextToSync: cachedCell(tables.cell('next_to_sync', u64Key, 0n)),
        batch: cachedCell(tables.cell('batch', codecOf(optional(batch)), undefined)),
        transfers: recentSlotLog(
            slotLog(
                tables.table(MEMORY.transfers, u64Key, codecOf(transfer)),
                cachedCell(tables.cell('free_transfers', ids, []))
            )
        ),
        due: tables.ordered(MEMORY.due, dueKey, u64Key),
        inFlight: cachedCell(tables.cell('in_flight', ids, [])),
        lost: cachedCell(tables.cell('lost', ids, [])),
        topUpsOpen: cachedCell(tables.cell('top_ups_open', codecOf(list(source)), [])),
        purses: cachedTable(tables.table(MEMORY.purses, textKey as Codec<RewardsPurse>, codecOf(purse))),
        emission: cachedCell(tables.cell('emission', codecOf(emission), NO_EMISSION)),
        trade: cachedCell(tables.cell('trade', codecOf(trade), NO_TRADE)),
        lostSearch: cachedCell(tables.cell('lost_search', codecOf(optional(lostSearch)), undefined)),
        tradeEpoch: cachedCell(tables.cell('trade_epoch', codecOf(tradeEpoch), { epoch: 0n, rewardsBeforeE8s: 0n })),
        traders: tables.table(MEMORY.traders, principalKey, codecOf(trader)),
        mintingAccount: cachedCell(tables.cell('minting_account', maybeAccount, undefined))
    };
}
