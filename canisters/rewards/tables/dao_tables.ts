/** Bytes of holders' stakes, governance and airdrops. Fields and cases are stored by position: append, never reorder. */
import { accountField, accountKey } from '../../../src/core/account';
import {
    blob,
    bool,
    codecOf,
    list,
    nat,
    natValue,
    oneOf,
    optional,
    principal,
    principalKey,
    record,
    text,
    u64,
    u64Key,
    variant,
    type Codec
} from '../../../src/core/codec';
import { cachedCell } from '../../../src/core/cached_cell';
import type { AirdropEntry } from '../../../src/core/governance/airdrop';
import type { Checkpoint } from '../../../src/core/governance/power';
import { CHOICES, type Tally } from '../../../src/core/governance/tally';
import { CANISTERS } from '../../../src/core/peers';
import { slotLog } from '../../../src/core/slot_log';
import type { TableFactory } from '../../../src/core/table';
import * as airdrops from '../domain/airdrops/airdrop_rows';
import type * as governance from '../domain/governance/governance_rows';
import * as holders from '../domain/holders/holder_rows';
import type { ProfileChange } from '../domain/profiles/profile_change';
import { profileField } from './profile_tables';

export interface DaoMemory {
    readonly holderStakes: number;
    readonly holderStakesOf: number;
    readonly holderPending: number;
    readonly powerOf: number;
    readonly totalPower: number;
    readonly proposals: number;
    readonly ballots: number;
    readonly voters: number;
    readonly vetoes: number;
    readonly proposalsDue: number;
    readonly airdrops: number;
    readonly airdropEntries: number;
    readonly airdropClaims: number;
    readonly airdropsDue: number;
}

/** For tables of which only the keys matter. */
const nothing: Codec<null> = { encode: () => Uint8Array.of(0), decode: () => null };

const holderStake = record<holders.HolderStakeRow>({
    staker: accountField,
    amountE8s: nat,
    termDays: u64,
    aprBasisPoints: nat,
    rewardE8s: nat,
    startNs: u64,
    endNs: u64,
    phase: oneOf(holders.HOLDER_PHASES),
    transferId: u64,
    rewardPaidE8s: nat,
    powerE8s: nat
});
const holderTotals = record<holders.HolderTotals>({ heldE8s: nat, rewardsPaidE8s: nat, owedE8s: nat });

export function openHolderTables(tables: TableFactory, memory: DaoMemory): holders.HolderTables {
    return {
        holderStakes: slotLog(
            tables.table(memory.holderStakes, u64Key, codecOf(holderStake)),
            cachedCell(tables.cell('free_holder_stakes', codecOf(list(u64)), []))
        ),
        holderStakesOf: tables.lists(memory.holderStakesOf, principalKey, u64Key),
        holderPending: tables.table(memory.holderPending, accountKey, u64Key),
        holders: tables.cell('holders', codecOf(holderTotals), { heldE8s: 0n, rewardsPaidE8s: 0n, owedE8s: 0n })
    };
}

const entry = record<AirdropEntry>({ account: accountField, amountE8s: nat });
const airdropOrder = record<airdrops.AirdropOrder>({
    class: oneOf(airdrops.AIRDROP_CLASSES),
    totalE8s: nat,
    expiresNs: u64,
    list: variant<airdrops.AirdropList>({
        root: record<{ root: Uint8Array; count: bigint }>({ root: blob, count: u64 }),
        entries: record<{ entries: readonly AirdropEntry[] }>({ entries: list(entry) })
    })
});
const airdrop = record<airdrops.AirdropRow>({
    class: oneOf(airdrops.AIRDROP_CLASSES),
    totalE8s: nat,
    claimedE8s: nat,
    claims: u64,
    root: optional(blob),
    count: u64,
    createdNs: u64,
    expiresNs: u64,
    proposal: u64,
    closed: bool
});
const place = codecOf(record<airdrops.AirdropPlace>({ airdrop: u64, index: u64 }));
const dueKey = codecOf(record<governance.ProposalKey>({ atNs: u64, id: u64 }));

export function openAirdropTables(tables: TableFactory, memory: DaoMemory): airdrops.AirdropTables {
    return {
        airdrops: tables.log(memory.airdrops, codecOf(airdrop)),
        airdropEntries: tables.table(memory.airdropEntries, place, codecOf(entry)),
        airdropClaims: tables.table(memory.airdropClaims, place, u64Key),
        airdropsDue: tables.ordered(memory.airdropsDue, dueKey, nothing),
        airdropUnpaidE8s: tables.cell('airdrop_unpaid', natValue, 0n)
    };
}

const document = { url: text, hash: blob };
const payment = record<governance.Payment>({ to: accountField, amountE8s: nat });
const action = variant<governance.ProposalAction>({
    text: record({}),
    user_reward_rule: record<governance.Document>(document),
    poc_standard: record<governance.Document>(document),
    developer_grant: payment,
    treasury_spend: payment,
    profile_change: record<ProfileChange>({ fromEpoch: u64, profile: profileField }),
    airdrop: airdropOrder,
    elect_committee: record<Pick<governance.Committee, 'members'>>({ members: list(principal) }),
    set_peer: record<Omit<Extract<governance.ProposalAction, { kind: 'set_peer' }>, 'kind'>>({
        canister: oneOf(CANISTERS),
        id: principal
    }),
    call: record<governance.RemoteCall>({ canister: oneOf(CANISTERS), method: text, args: blob })
});
const proposalState = variant<governance.ProposalState>({
    open: record({}),
    passed: record<{ executableNs: bigint; note: string }>({ executableNs: u64, note: text }),
    rejected: record<{ vetoed: boolean }>({ vetoed: bool }),
    executing: record<{ sinceNs: bigint }>({ sinceNs: u64 }),
    executed: record<{ atNs: bigint; transferId?: bigint }>({ atNs: u64, transferId: optional(u64) }),
    failed: record<{ atNs: bigint; reason: string }>({ atNs: u64, reason: text })
});
const proposal = record<governance.ProposalRow>({
    proposer: principal,
    title: text,
    summary: text,
    action,
    submittedNs: u64,
    endsNs: u64,
    totalPowerE8s: nat,
    tally: record<Tally>({ yes: nat, no: nat, abstain: nat }),
    votes: u64,
    state: proposalState
});
const vote = record<governance.VoteRow>({ voter: principal, choice: oneOf(CHOICES), powerE8s: nat, atNs: u64 });
const voteKey = codecOf(record<governance.VoteKey>({ proposal: u64, voter: principal }));
const checkpoint = record<Checkpoint>({ atNs: u64, powerE8s: nat });
const committee = record<governance.Committee>({ members: list(principal), proposal: optional(u64), sinceNs: u64 });
const adopted = record<governance.Adopted>({ ...document, proposal: u64, atNs: u64 });

export function openGovernanceTables(tables: TableFactory, memory: DaoMemory): governance.GovernanceTables {
    return {
        powerOf: tables.lists(memory.powerOf, principalKey, codecOf(checkpoint)),
        totalPower: tables.log(memory.totalPower, codecOf(checkpoint)),
        proposals: tables.log(memory.proposals, codecOf(proposal)),
        ballots: tables.table(memory.ballots, voteKey, codecOf(vote)),
        voters: tables.lists(memory.voters, u64Key, principalKey),
        vetoes: tables.table(memory.vetoes, u64Key, codecOf(list(principal))),
        proposalsDue: tables.ordered(memory.proposalsDue, dueKey, nothing),
        openProposals: tables.cell('open_proposals', u64Key, 0n),
        committee: tables.cell('committee', codecOf(committee), { members: [], sinceNs: 0n }),
        pocStandard: tables.cell('poc_standard', codecOf(optional(adopted)), undefined),
        rewardRule: tables.cell('reward_rule', codecOf(optional(adopted)), undefined)
    };
}
