/** Tables of rounds that come in pages. */
import {
    blob,
    bytesKey,
    codecOf,
    fixedBytes,
    nat,
    optional,
    principalKey,
    record,
    u64,
    u64Key
} from '../../../src/core/codec';
import type { TableFactory } from '../../../src/core/table';
import type { RoundInProgress } from '../domain/settlement/distribution';
import type { Announcement, PageKey, StagedRound, StagedSums, StagingTables } from '../domain/settlement/staged_rounds';

const MEMORY = { pages: 100, weighedIn: 101 } as const;

const HASH = fixedBytes(32);
const announced = record<Announcement>({
    round: u64,
    sourceHash: blob,
    moneyE8s: nat,
    weights: u64,
    trades: u64,
    weightPages: u64,
    tradePages: u64
});
const sums = record<StagedSums>({
    weights: u64,
    trades: u64,
    totalWeight: nat,
    pricesE8s: nat,
    feesE8s: nat,
    weightsDigest: HASH,
    tradesDigest: HASH
});
const progress = record<RoundInProgress>({
    round: u64,
    sourceHash: blob,
    totalWeight: nat,
    moneyE8s: nat,
    feesE8s: nat,
    emissionE8s: nat,
    carryInE8s: nat,
    rewardsE8s: nat,
    feeDebtE8s: nat
});
const paying = record<NonNullable<StagedRound['paying']>>({ progress, nextPaid: u64 });
const staged = record<StagedRound>({ announced, attempt: u64, nextPage: u64, sums, paying: optional(paying) });

export function openStagingTables(tables: TableFactory): StagingTables {
    return {
        staged: tables.cell('staged_round', codecOf(optional(staged)), undefined),
        attempts: tables.cell('staging_attempts', u64Key, 0n),
        pages: tables.table(MEMORY.pages, codecOf(record<PageKey>({ attempt: u64, seq: u64 })), bytesKey),
        weighedIn: tables.table(MEMORY.weighedIn, principalKey, u64Key)
    };
}
