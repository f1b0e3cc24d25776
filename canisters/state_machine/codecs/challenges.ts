import {
    bool,
    bytesKey,
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
    u64Key
} from '../../../src/core/codec';
import type { NewcomerProbe } from '../../../src/core/poc/measure';
import { DEFAULT_POLICY, VERIFICATION_MODES, type ChallengePolicy } from '../../../src/core/poc/policy';
import { SEED_BYTES } from '../../../src/core/poc/seeds';
import { CLASSES, type PocSpec } from '../../../src/core/poc/spec';
import type { Cell, TableFactory } from '../../../src/core/table';
import {
    CHALLENGE_FAULTS,
    CHALLENGE_STATES,
    CHECK_CAUSES,
    type ChallengeCommitment,
    type ChallengeRecord,
    type ChallengeTables,
    type ChallengeVote,
    type ChallengeWork,
    type CheckShare,
    type FalseVerdict,
    type PocSuspension,
    type Score,
    type Slot,
    type SuspendedSpan
} from '../domain/poc/records';
import { dueKey, nodeKey } from './nodes';

const seed = fixedBytes(SEED_BYTES);

const challengeCodec = codecOf(
    record<ChallengeRecord>({
        node: principal,
        requestedBy: principal,
        version: u32,
        pocClass: oneOf(CLASSES),
        samples: u32,
        newcomer: bool,
        slotSeed: seed,
        state: oneOf(CHALLENGE_STATES),
        fault: optional(oneOf(CHALLENGE_FAULTS)),
        requestedAtNs: u64,
        deadlineNs: optional(u64),
        work: optional(record<ChallengeWork>({ nodeSeed: seed, acceptedAtNs: u64 })),
        commitment: optional(record<ChallengeCommitment>({ digest: seed, rounds: u32, committedAtNs: u64 })),
        sampleRandomness: optional(seed),
        checkRandomness: optional(seed),
        votes: list(record<ChallengeVote>({ validator: principal, ok: bool })),
        eValueE8: optional(nat),
        finalAtNs: optional(u64)
    })
);

const specCodec = codecOf(
    record<PocSpec>({
        version: u32,
        activationEpoch: u64,
        dimension: u32,
        rows: record<PocSpec['rows']>({ XS: u32, S: u32, L: u32, XL: u32 }),
        windowMs: u64,
        slackMs: u64,
        acceptWithinMs: u64,
        commitWithinMs: u64,
        openWithinMs: u64,
        samples: u32,
        newcomerSamples: u32,
        standardWork: nat,
        vectorsHash: seed
    })
);

type Limits = Pick<ChallengePolicy, 'checksPerHour' | 'minEValueE8'>;

const policyCodec = codecOf(
    record<Omit<ChallengePolicy, keyof Limits>>({
        mode: oneOf(VERIFICATION_MODES),
        slotS: u64,
        spacingS: u64,
        attestationS: u64,
        epochS: u64
    })
);

const limitsCodec = codecOf(record<Limits>({ checksPerHour: u32, minEValueE8: nat }));

const shareCodec = codecOf(record<CheckShare>({ validator: principal, cause: oneOf(CHECK_CAUSES) }));

const scoreCodec = codecOf(
    record<Score>({
        epoch: u64,
        probes: list(nat),
        before: optional(nat),
        first: list(record<NewcomerProbe>({ acceptedAtMs: u64, validator: text })),
        proven: bool,
        failures: u32,
        nextClass: oneOf(CLASSES)
    })
);

const falseVerdictCodec = codecOf(
    record<FalseVerdict>({ validator: principal, challenge: u64, saidOk: bool, openingHash: seed, seenNs: u64 })
);

const slotCodec = codecOf(record<Slot>({ seed, drawnAtNs: u64 }));

const suspensionCodec = codecOf(
    record<PocSuspension>({
        votes: list(principal),
        spans: list(record<SuspendedSpan>({ sinceNs: u64, untilNs: optional(u64) }))
    })
);

/** Memories that {@link openChallengeTables} takes. */
export const CHALLENGE_MEMORIES = 9;
const present = codecOf(bool);

/** Opens the tables of EMC-PoC-1 in the memories from `first` on, and what came later in memories of its own. */
export function openChallengeTables(
    factory: TableFactory,
    first: number,
    added: { readonly falseVerdicts: number; readonly checkTimes: number }
): ChallengeTables {
    return {
        challengePolicy: policyCell(factory),
        pocSuspension: factory.cell('poc_suspension', suspensionCodec, { votes: [], spans: [] }),
        challengeSlot: factory.cell('challenge_slot', slotCodec, { seed: new Uint8Array(SEED_BYTES), drawnAtNs: 0n }),
        pocSpecs: factory.log(first, specCodec),
        challenges: factory.log(first + 1, challengeCodec),
        challengeOfNode: factory.table(first + 2, nodeKey, u64Key),
        challengeDeadlines: factory.ordered(first + 3, dueKey, present),
        challengeDraws: factory.ordered(first + 4, u64Key, present),
        openChallenges: factory.table(first + 5, u64Key, u64Key),
        openChallengePositions: factory.table(first + 6, u64Key, u64Key),
        challengeOpenings: factory.table(first + 7, u64Key, bytesKey),
        challengeScores: factory.table(first + 8, nodeKey, scoreCodec),
        falseVerdicts: factory.log(added.falseVerdicts, falseVerdictCodec),
        checkTimes: factory.table(added.checkTimes, shareCodec, u64Key)
    };
}

/** The policy; its limits came later and have a cell of their own, which holds the defaults after an upgrade from before. */
function policyCell(factory: TableFactory): Cell<ChallengePolicy> {
    const times = factory.cell('challenge_policy', policyCodec, DEFAULT_POLICY);
    const limits = factory.cell('challenge_limits', limitsCodec, DEFAULT_POLICY);
    return {
        get: () => ({ ...times.get(), ...limits.get() }),
        set(policy) {
            times.set(policy);
            limits.set(policy);
        }
    };
}
