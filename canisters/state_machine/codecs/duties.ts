import {
    bool,
    codecOf,
    fixedBytes,
    list,
    nat,
    oneOf,
    optional,
    principal,
    record,
    text,
    u32,
    u64,
    type Codec
} from '../../../src/core/codec';
import {
    CASE_KINDS,
    CASE_STATES,
    SLASH_REASONS,
    type CaseRecord,
    type CaseVoteKey,
    type DutyRecord,
    type ElectorCounts,
    type KnownStake,
    type NodeDueKey,
    type PoolPlace,
    type PoolRecord,
    type SlashOutcome,
    type SlashRecord,
    type StakeSync
} from '../domain/duty_records';
import { NODE_CLASSES } from '../domain/status';

const DIGEST_BYTES = 32;

export const stakeCodec: Codec<KnownStake> = codecOf(record<KnownStake>({ endNs: u64, sinceNs: u64 }));
export const dutyCodec = codecOf(record<DutyRecord>({ sinceNs: u64, anchorNs: u64, examined: u64 }));
export const failedProofsCodec = codecOf(list(u64));
export const nodeDueKey = codecOf(record<NodeDueKey>({ atNs: u64, node: principal }));
export const electorsCodec = codecOf(record<ElectorCounts>({ validator: u64, router: u64, compute: u64 }));
export const stakeSyncCodec = codecOf(record<StakeSync>({ cursor: u64, startedNs: u64 }));

export const NO_ELECTORS: ElectorCounts = { validator: 0n, router: 0n, compute: 0n };
export const NO_ROUND: StakeSync = { cursor: 0n, startedNs: 0n };

export const slashCodec = codecOf(
    record<SlashRecord>({
        node: principal,
        reason: oneOf(SLASH_REASONS),
        windows: u64,
        all: bool,
        decidedNs: u64,
        outcome: optional(record<SlashOutcome>({ slashedE8s: nat, remainingE8s: nat, atNs: u64 }))
    })
);

export const caseCodec = codecOf(
    record<CaseRecord>({
        kind: oneOf(CASE_KINDS),
        accused: principal,
        nodeClass: oneOf(NODE_CLASSES),
        reason: text,
        evidenceHash: fixedBytes(DIGEST_BYTES),
        filedBy: principal,
        filedNs: u64,
        deadlineNs: u64,
        setVersion: u32,
        electorate: u64,
        yes: u64,
        no: u64,
        state: oneOf(CASE_STATES),
        decidedNs: optional(u64)
    })
);

export const caseVoteKey = codecOf(record<CaseVoteKey>({ id: u64, voter: principal }));
export const poolCodec = codecOf(record<PoolRecord>({ name: text, founder: principal, foundedNs: u64, members: u64 }));
export const poolPlace = codecOf(record<PoolPlace>({ pool: u64, position: u64 }));
