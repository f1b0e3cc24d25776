/** Bytes of node stakes. Fields and cases are stored by position: append, never reorder. */
import { accountField } from '../../../src/core/account';
import {
    bool,
    codecOf,
    nat,
    natValue,
    oneOf,
    optional,
    principal,
    principalKey,
    record,
    u64,
    u64Key,
    type Codec
} from '../../../src/core/codec';
import { cachedCell } from '../../../src/core/cached_cell';
import type { TableFactory } from '../../../src/core/table';
import * as rows from '../domain/stakes/stake_rows';

export interface StakeMemory {
    readonly stakes: number;
    readonly stakeIndex: number;
    readonly holdings: number;
    readonly slashes: number;
    readonly slashByCase: number;
    readonly slashesOfNode: number;
    readonly sweepQueue: number;
    readonly releases: number;
    readonly disputes: number;
}

const stake = record<rows.StakeRow>({
    class: oneOf(['validator', 'router', 'compute']),
    staker: accountField,
    initialE8s: nat,
    remainingE8s: nat,
    termDays: u64,
    startNs: u64,
    endNs: u64,
    eAtStakeE8: nat,
    phase: oneOf(['pending', 'active', 'releasing', 'released', 'forfeited']),
    transferId: u64,
    toppedUpE8s: nat,
    slashedE8s: nat,
    forfeitedE8s: nat,
    releasedE8s: nat,
    powerE8s: nat,
    windowsCharged: u64,
    renewals: u64,
    disputedBy: optional(u64),
    releaseDueNs: u64
});

const holding = record<rows.StakeHoldingRow>({
    dueE8s: nat,
    sweepingE8s: nat,
    openTransfer: optional(u64),
    queued: bool
});

const slash = record<rows.SlashRow>({
    node: principal,
    case: u64,
    windows: u64,
    reason: oneOf(rows.SLASH_REASONS),
    all: bool,
    slashedE8s: nat,
    remainingE8s: nat,
    atNs: u64
});

const slashKey = codecOf(record<rows.SlashKey>({ node: principal, case: u64 }));
const releaseKey = codecOf(record<rows.ReleaseKey>({ atNs: u64, node: principal }));
const sweep = codecOf(record<rows.SweepCursor>({ next: u64, until: u64, epoch: u64 }));
/** For tables of which only the keys matter. */
const nothing: Codec<null> = { encode: () => Uint8Array.of(0), decode: () => null };

export function openStakeTables(tables: TableFactory, memory: StakeMemory): rows.StakeTables {
    return {
        stakes: tables.table(memory.stakes, principalKey, codecOf(stake)),
        stakeIndex: tables.log(memory.stakeIndex, principalKey),
        stakedE8s: cachedCell(tables.cell('staked', natValue, 0n)),
        holdings: tables.table(memory.holdings, principalKey, codecOf(holding)),
        slashDueE8s: cachedCell(tables.cell('slash_due', natValue, 0n)),
        slashes: tables.log(memory.slashes, codecOf(slash)),
        slashByCase: tables.table(memory.slashByCase, slashKey, u64Key),
        slashesOfNode: tables.lists(memory.slashesOfNode, principalKey, u64Key),
        sweepQueue: tables.log(memory.sweepQueue, principalKey),
        sweep: cachedCell(tables.cell('sweep', sweep, { next: 0n, until: 0n, epoch: 0n })),
        releases: tables.ordered(memory.releases, releaseKey, nothing),
        disputes: tables.table(memory.disputes, principalKey, u64Key)
    };
}
