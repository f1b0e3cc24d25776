import type { Principal } from '@dfinity/principal';
import { accountField } from '../../src/core/account';
import {
    blob,
    bool,
    bytesKey,
    codecOf,
    fixedBytes,
    list,
    nat,
    oneOf,
    optional,
    principal,
    principalKey,
    record,
    text,
    u32,
    u64,
    u64Key
} from '../../src/core/codec';
import { SEED_BYTES } from '../../src/core/poc/generator';
import type { TableFactory } from '../../src/core/table';
import { DEFAULT_CONFIG, type StateMachineConfig } from './domain/config';
import {
    POC_FAULTS,
    POC_STATES,
    type DueKey,
    type NodeRecord,
    type PocRecord,
    type PocVote,
    type PocWork,
    type Presence,
    type StateTables,
    type WalletProposal
} from './domain/records';
import { NODE_CLASSES, NODE_STATUSES } from './domain/status';

/** Raised with every change of a codec or a memory id below; an upgrade over another version is refused. */
export const SCHEMA_VERSION = 1;

const MEMORY = {
    nodes: 0,
    presences: 1,
    nodeIds: 2,
    walletProposals: 3,
    stakeChecks: 4,
    pocs: 5,
    pocProducts: 6,
    openPocOfNode: 7,
    openPocs: 8,
    openPocPositions: 9,
    pocDeadlines: 10,
    uncheckedPocs: 11,
    factsOutbox: 12
} as const;

const configCodec = codecOf(
    record<StateMachineConfig>({
        onlineWindowS: u64,
        statusSpacingS: u64,
        verificationPeriodS: u64,
        pocDimension: u32,
        pocDeadlineS: u64,
        pocAttestationS: u64,
        pocSpacingS: u64,
        profile: text
    })
);

const nodeCodec = codecOf(
    record<NodeRecord>({
        nodeClass: oneOf(NODE_CLASSES),
        publicKey: blob,
        region: text,
        bandwidthMbps: u32,
        status: oneOf(NODE_STATUSES),
        wallet: optional(accountField),
        registeredAtNs: u64,
        statusSinceNs: u64,
        eValueE8: nat,
        factsVersion: u64,
        lastPocNs: u64
    })
);

const presenceCodec = codecOf(
    record<Presence>({
        lastStatusNs: u64,
        lastConsensusNs: u64,
        queueDepth: u32,
        capacity: u32,
        apps: list(text),
        version: text
    })
);

const proposalCodec = codecOf(record<WalletProposal>({ account: accountField, expiresAtNs: u64 }));

const pocCodec = codecOf(
    record<PocRecord>({
        node: principal,
        requestedBy: principal,
        dimension: u32,
        seed: fixedBytes(SEED_BYTES),
        state: oneOf(POC_STATES),
        fault: optional(oneOf(POC_FAULTS)),
        requestedAtNs: u64,
        deadlineNs: u64,
        work: optional(
            record<PocWork>({ nodeSeed: fixedBytes(SEED_BYTES), acceptedAtNs: u64, submittedAtNs: optional(u64) })
        ),
        votes: list(record<PocVote>({ validator: principal, ok: bool, elapsedMs: u64 })),
        eValueE8: optional(nat),
        finalAtNs: optional(u64)
    })
);

const dueKey = codecOf(record<DueKey>({ atNs: u64, id: u64 }));
const present = codecOf(bool);
const noValidators: readonly Principal[] = [];

/** Opens the tables of this canister: in stable memory, or in a test's memory. */
export function openTables(factory: TableFactory): StateTables {
    return {
        config: factory.cell('config', configCodec, DEFAULT_CONFIG),
        nodes: factory.table(MEMORY.nodes, principalKey, nodeCodec),
        presences: factory.table(MEMORY.presences, principalKey, presenceCodec),
        nodeIds: factory.log(MEMORY.nodeIds, principalKey),
        walletProposals: factory.table(MEMORY.walletProposals, principalKey, proposalCodec),
        stakeChecks: factory.table(MEMORY.stakeChecks, principalKey, u64Key),
        validators: factory.cell('validators', codecOf(list(principal)), noValidators),
        pocs: factory.log(MEMORY.pocs, pocCodec),
        pocProducts: factory.table(MEMORY.pocProducts, u64Key, bytesKey),
        openPocOfNode: factory.table(MEMORY.openPocOfNode, principalKey, u64Key),
        openPocs: factory.table(MEMORY.openPocs, u64Key, u64Key),
        openPocPositions: factory.table(MEMORY.openPocPositions, u64Key, u64Key),
        pocDeadlines: factory.ordered(MEMORY.pocDeadlines, dueKey, present),
        uncheckedPocs: factory.ordered(MEMORY.uncheckedPocs, u64Key, present),
        factsOutbox: factory.ordered(MEMORY.factsOutbox, u64Key, principalKey),
        factsSequence: factory.cell('facts_sequence', u64Key, 0n)
    };
}
