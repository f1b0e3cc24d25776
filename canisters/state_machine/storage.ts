import { bool, bytesKey, codecOf, principalKey, record, text, u32, u64, u64Key } from '../../src/core/codec';
import type { Cell, TableFactory } from '../../src/core/table';
import {
    batchCodec,
    evidenceCodec,
    evidenceKey,
    FIRST_TIP,
    membersCodec,
    membershipCodec,
    NO_CHAIN,
    NO_MEMBERS,
    proposalCodec as stateCodec,
    roundKey,
    tipCodec
} from './codecs/agreement';
import { openChallengeTables } from './codecs/challenges';
import { commitmentCodec, digestCodec, headCodec, NO_COMMITMENTS, treeKey } from './codecs/commitments';
import {
    caseCodec,
    caseVoteKey,
    dutyCodec,
    electorsCodec,
    failedProofsCodec,
    nodeDueKey,
    NO_ELECTORS,
    NO_ROUND,
    poolCodec,
    poolPlace,
    slashCodec,
    stakeCodec,
    stakeSyncCodec
} from './codecs/duties';
import {
    dueKey,
    newcomerNoteCodec,
    nodeCodec,
    nodeKey,
    presenceCodec,
    profileCodec,
    proposalCodec
} from './codecs/nodes';
import type { AgreementTables } from './domain/agreement_records';
import type { CommitmentTables } from './domain/commitment_records';
import { DEFAULT_CONFIG, type StateMachineConfig } from './domain/config';
import type { DutyTables } from './domain/duty_records';
import type { ChallengeTables } from './domain/poc/records';
import type { StateTables } from './domain/records';

/**
 * Raised with every change of a codec or a memory id below; an upgrade over another version is refused. A memory that is
 * only added is empty after the upgrade and changes nothing that is stored.
 */
export const SCHEMA_VERSION = 4;

const MEMORY = {
    nodes: 0,
    presences: 1,
    nodeIds: 2,
    walletProposals: 3,
    stakeChecks: 4,
    // 5 to 11 held the proofs of schema 2.
    factsOutbox: 12,
    profiles: 13,
    pocResults: 14,
    memberships: 15,
    proposals: 16,
    payloads: 17,
    states: 18,
    evidence: 19,
    evidenceKeys: 20,
    commitments: 21,
    commitmentLevels: 22,
    commitmentNodes: 23,
    stakes: 24,
    stakeQueue: 25,
    duties: 26,
    dutyDue: 27,
    slashes: 28,
    slashOutbox: 29,
    cases: 30,
    caseVotes: 31,
    openCaseOf: 32,
    caseDeadlines: 33,
    pools: 34,
    poolMembers: 35,
    poolOfNode: 36,
    /** And the memories behind it: {@link CHALLENGE_MEMORIES} in all. */
    challenges: 37,
    holdOutbox: 50,
    heldStakes: 51,
    newcomers: 52,
    newcomerPositions: 53,
    newcomerDue: 54,
    falseVerdicts: 55,
    failedProofs: 56,
    newcomerNotes: 57,
    checkTimes: 58,
    ownStakeChecks: 59
} as const;

const configCodec = codecOf(
    record<StateMachineConfig>({
        onlineWindowS: u64,
        statusSpacingS: u64,
        verificationPeriodS: u64,
        roundTimeoutS: u64,
        roundDoublings: u32,
        validatorWindowS: u64,
        routerWindowS: u64,
        computeWindowS: u64,
        impeachmentS: u64,
        keyLeakS: u64,
        stakeSyncS: u64,
        profile: text
    })
);

const present = codecOf(bool);

/** Opens the tables of this canister: in stable memory, or in a test's memory. */
export function openTables(factory: TableFactory): StateTables {
    return {
        ...agreementTables(factory),
        ...challengeTables(factory),
        ...commitmentTables(factory),
        validatorBatch: factory.cell('validator_batch', batchCodec, undefined),
        ...dutyTables(factory),
        config: onHeap(factory.cell('config', configCodec, DEFAULT_CONFIG)),
        nodes: factory.table(MEMORY.nodes, nodeKey, nodeCodec),
        profiles: factory.table(MEMORY.profiles, nodeKey, profileCodec),
        presences: factory.table(MEMORY.presences, nodeKey, presenceCodec),
        nodeIds: factory.log(MEMORY.nodeIds, principalKey),
        newcomers: factory.table(MEMORY.newcomers, u64Key, nodeKey),
        newcomerPositions: factory.table(MEMORY.newcomerPositions, nodeKey, u64Key),
        newcomerDue: factory.ordered(MEMORY.newcomerDue, nodeDueKey, present),
        newcomerNotes: factory.table(MEMORY.newcomerNotes, nodeKey, newcomerNoteCodec),
        walletProposals: factory.table(MEMORY.walletProposals, nodeKey, proposalCodec),
        stakeChecks: factory.table(MEMORY.stakeChecks, nodeKey, u64Key),
        ownStakeChecks: factory.table(MEMORY.ownStakeChecks, nodeKey, u64Key),
        factsOutbox: factory.ordered(MEMORY.factsOutbox, u64Key, principalKey),
        factsSequence: factory.cell('facts_sequence', u64Key, 0n)
    };
}

function agreementTables(factory: TableFactory): AgreementTables {
    return {
        membership: onHeap(factory.cell('membership', membershipCodec, NO_MEMBERS)),
        memberships: factory.log(MEMORY.memberships, membersCodec),
        chainId: onHeap(factory.cell('chain_id', digestCodec, NO_CHAIN)),
        tip: onHeap(factory.cell('tip', tipCodec, FIRST_TIP)),
        proposals: factory.table(MEMORY.proposals, roundKey, stateCodec),
        payloads: factory.table(MEMORY.payloads, u64Key, bytesKey),
        states: factory.log(MEMORY.states, stateCodec),
        evidence: factory.log(MEMORY.evidence, evidenceCodec),
        evidenceKeys: factory.table(MEMORY.evidenceKeys, evidenceKey, present),
        pocResults: factory.log(MEMORY.pocResults, u64Key)
    };
}

/** The policy is read in every step of a challenge, the suspension for every node whose weight is asked for. */
function challengeTables(factory: TableFactory): ChallengeTables {
    const tables = openChallengeTables(factory, MEMORY.challenges, MEMORY);
    const { challengePolicy, pocSuspension } = tables;
    return { ...tables, challengePolicy: onHeap(challengePolicy), pocSuspension: onHeap(pocSuspension) };
}

function commitmentTables(factory: TableFactory): CommitmentTables {
    return {
        commitments: factory.log(MEMORY.commitments, commitmentCodec),
        commitmentLevels: factory.table(MEMORY.commitmentLevels, u64Key, bytesKey),
        commitmentNodes: factory.table(MEMORY.commitmentNodes, treeKey, digestCodec),
        commitmentHead: onHeap(factory.cell('commitment_head', headCodec, NO_COMMITMENTS))
    };
}

function dutyTables(factory: TableFactory): DutyTables {
    return {
        stakes: factory.table(MEMORY.stakes, nodeKey, stakeCodec),
        electors: factory.cell('electors', electorsCodec, NO_ELECTORS),
        stakeSync: factory.cell('stake_sync', stakeSyncCodec, NO_ROUND),
        stakeQueue: factory.ordered(MEMORY.stakeQueue, nodeDueKey, present),
        duties: factory.table(MEMORY.duties, nodeKey, dutyCodec),
        dutyDue: factory.ordered(MEMORY.dutyDue, nodeDueKey, present),
        failedProofs: factory.table(MEMORY.failedProofs, nodeKey, failedProofsCodec),
        slashes: factory.log(MEMORY.slashes, slashCodec),
        slashOutbox: factory.ordered(MEMORY.slashOutbox, u64Key, present),
        cases: factory.log(MEMORY.cases, caseCodec),
        caseVotes: factory.table(MEMORY.caseVotes, caseVoteKey, present),
        openCaseOf: factory.table(MEMORY.openCaseOf, nodeKey, u64Key),
        caseDeadlines: factory.ordered(MEMORY.caseDeadlines, dueKey, present),
        holdOutbox: factory.ordered(MEMORY.holdOutbox, u64Key, present),
        heldStakes: factory.table(MEMORY.heldStakes, u64Key, present),
        pools: factory.log(MEMORY.pools, poolCodec),
        poolMembers: factory.table(MEMORY.poolMembers, poolPlace, principalKey),
        poolOfNode: factory.table(MEMORY.poolOfNode, nodeKey, poolPlace)
    };
}

/**
 * Keeps a cell's value on the heap as well, so that it is decoded once per upgrade. The heap and stable memory roll back
 * together when a message traps, so the two cannot differ.
 */
function onHeap<V>(cell: Cell<V>): Cell<V> {
    let known: { readonly value: V } | undefined;
    return {
        get: () => (known ??= { value: cell.get() }).value,
        set(value) {
            cell.set(value);
            known = { value };
        }
    };
}
