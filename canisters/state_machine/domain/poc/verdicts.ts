import type { Principal } from '@dfinity/principal';
import { NS_PER_MS, NS_PER_S } from '../../../../src/core/clock';
import { probeEValueE8 } from '../../../../src/core/poc/measure';
import { shapeOf } from '../../../../src/core/poc/spec';
import { lazyCheckVectors, verifyOpening, type Claim, type Fault } from '../../../../src/core/poc/verify';
import { err, ok, type Result } from '../../../../src/core/result';
import { invariant } from '../../../../src/core/assert';
import { samePrincipal } from '../../../../src/core/principals';
import type { Duties } from '../duties';
import type { Refusal } from '../errors';
import type { Registry } from '../registry';
import type { ValidatorSet } from '../validators';
import { isFinal, type ChallengeBook } from './book';
import type { FalseVerdicts } from './false_verdicts';
import type { CheckQuota } from './check_quota';
import type { ChallengeFault, ChallengeTables, KnownChallenge } from './records';
import type { Scores } from './scores';
import type { Specs } from './specs';
import type { Suspension } from './suspension';

const FAULTS: Readonly<Record<Fault['code'], ChallengeFault>> = {
    // The canister refuses other numbers of rounds and other lengths before it stores them.
    rounds: 'Path',
    size: 'Path',
    range: 'Range',
    fold: 'Fold',
    path: 'Path',
    product: 'Product'
};

/** In `hybrid`, the canister checks a challenge itself when this byte of fresh randomness is below: one in ten. */
const CHECKED_BELOW = 26;

export interface VerdictParts {
    readonly tables: ChallengeTables;
    readonly registry: Registry;
    readonly validators: ValidatorSet;
    readonly book: ChallengeBook;
    readonly scores: Scores;
    readonly specs: Specs;
    readonly falseVerdicts: FalseVerdicts;
    readonly suspension: Suspension;
    readonly quota: CheckQuota;
    readonly duties: Pick<Duties, 'proofFailed'>;
}

/** Who says what of an opening, and what follows. The canister's own check is final: it cannot err against a node. */
export class Verdicts {
    constructor(private readonly parts: VerdictParts) {}

    /** After an opening is stored: the canister checks it, or hands it to the validators. */
    opened(challenge: KnownChallenge, randomness: Uint8Array, nowNs: bigint): KnownChallenge {
        const { mode, attestationS } = this.parts.tables.challengePolicy.get();
        const chosen = (randomness[randomness.length - 1] ?? 0) < CHECKED_BELOW;
        const bySelf = mode === 'onchain' || (mode === 'hybrid' && (challenge.newcomer || chosen));
        if (bySelf) return this.check(challenge, randomness, nowNs);
        const deadlineNs = nowNs + attestationS * NS_PER_S;
        return this.parts.book.save({ ...challenge, state: 'Attesting', deadlineNs });
    }

    /** The canister's own check with randomness drawn after the opening was stored. */
    check(challenge: KnownChallenge, randomness: Uint8Array, nowNs: bigint): KnownChallenge {
        const opening = this.parts.book.opening(challenge.id);
        const claim = this.claimOf(challenge);
        const { sampleRandomness, samples } = challenge;
        invariant(opening !== undefined && claim !== undefined && sampleRandomness !== undefined, 'PoC2', 'no opening');
        const vectors = lazyCheckVectors(claim.slotSeed, claim.shape.dimension, randomness);
        const drawing = { count: samples, randomness: sampleRandomness };
        const verdict = verifyOpening(claim, drawing, opening, vectors);
        this.parts.falseVerdicts.keep(challenge, opening, verdict.ok, nowNs);
        const checked = { ...challenge, checkRandomness: randomness };
        return verdict.ok ? this.pass(checked, nowNs) : this.fail(checked, FAULTS[verdict.error.code], nowNs);
    }

    /** What the verifier is told of a challenge; undefined before the commitment. */
    claimOf({ version, pocClass, slotSeed, work, commitment }: KnownChallenge): Claim | undefined {
        if (work === undefined || commitment === undefined) return undefined;
        const shape = shapeOf(this.parts.specs.of(version), pocClass);
        const { rounds, digest } = commitment;
        return { shape, slotSeed, nodeSeed: work.nodeSeed, rounds, commitment: digest };
    }

    /** Counts one vote per validator; a missing one is an abstention. */
    attest(
        caller: Principal,
        id: bigint,
        isTrue: boolean,
        nowNs: bigint
    ): Result<
        KnownChallenge,
        Refusal<'NotAValidator' | 'NotFound' | 'AlreadyFinal' | 'WrongStep' | 'DeadlinePassed' | 'Duplicate'>
    > {
        if (!this.parts.validators.has(caller)) return err({ kind: 'NotAValidator' });
        const challenge = this.parts.book.find(id);
        if (challenge === undefined) return err({ kind: 'NotFound' });
        if (isFinal(challenge)) return err({ kind: 'AlreadyFinal' });
        if (challenge.state !== 'Attesting') return err({ kind: 'WrongStep' });
        if (challenge.deadlineNs !== undefined && nowNs > challenge.deadlineNs) {
            this.expire(challenge, nowNs);
            return err({ kind: 'DeadlinePassed' });
        }
        if (challenge.votes.some(({ validator }) => samePrincipal(validator, caller))) {
            return err({ kind: 'Duplicate' });
        }
        this.parts.registry.tookPart(caller, nowNs);
        const votes = [...challenge.votes, { validator: caller, ok: isTrue }];
        return ok(this.decide({ ...challenge, votes }, nowNs));
    }

    /**
     * Ends a step that was not done in time. By the node it is its failure, unless a suspension kept it from beginning.
     * Silence of the validators is the canister's work, except where governance has left all of it to them.
     */
    expire(challenge: KnownChallenge, nowNs: bigint): KnownChallenge {
        if (challenge.state === 'Requested') {
            const { requestedAtNs, deadlineNs = nowNs } = challenge;
            const wasSuspended = this.parts.suspension.overlapNs(requestedAtNs, deadlineNs) > 0n;
            if (!wasSuspended) return this.spare(challenge, 'NotAccepted', nowNs);
            this.giveBack(challenge);
            return this.parts.book.close(challenge, 'Lapsed', nowNs);
        }
        if (challenge.state === 'Accepted') return this.spare(challenge, 'NotCommitted', nowNs);
        if (challenge.state === 'Sampled') return this.spare(challenge, 'NotOpened', nowNs);
        const { mode } = this.parts.tables.challengePolicy.get();
        return mode === 'quorum' ? this.parts.book.close(challenge, 'Lapsed', nowNs) : this.dispute(challenge, nowNs);
    }

    private decide(challenge: KnownChallenge, nowNs: bigint): KnownChallenge {
        const counted = challenge.votes.filter(({ validator }) => this.parts.validators.has(validator));
        const agreeing = counted.filter((vote) => vote.ok).length;
        const quorum = this.parts.validators.quorum();
        if (agreeing >= quorum) return this.pass(challenge, nowNs);
        if (counted.length - agreeing < quorum) return this.parts.book.save(challenge);
        const { mode } = this.parts.tables.challengePolicy.get();
        return mode === 'quorum' ? this.fail(challenge, 'RejectedByValidators', nowNs) : this.dispute(challenge, nowNs);
    }

    /** No validator's no is believed unchecked: the canister looks itself, as soon as the quota lets it. */
    private dispute(challenge: KnownChallenge, nowNs: bigint): KnownChallenge {
        const { quota, book } = this.parts;
        const waitNs = quota.waitNs(challenge.requestedBy, 'dispute', nowNs);
        if (waitNs > 0n) return book.save({ ...challenge, state: 'Disputed', deadlineNs: nowNs + waitNs });
        quota.take(challenge.requestedBy, 'dispute', nowNs);
        return book.save({ ...challenge, state: 'Disputed', deadlineNs: undefined });
    }

    /** The node has failed before there was anything to check. */
    spare(challenge: KnownChallenge, fault: ChallengeFault, nowNs: bigint): KnownChallenge {
        this.giveBack(challenge);
        return this.fail(challenge, fault, nowNs);
    }

    private giveBack(challenge: KnownChallenge): void {
        const { quota } = this.parts;
        if (quota.isReserved(challenge)) quota.giveBack(challenge.requestedBy, 'newcomer');
    }

    /** E of what a node has committed to, if it is true. */
    worthE8({ version, pocClass, work, commitment }: KnownChallenge): bigint {
        invariant(work !== undefined && commitment !== undefined, 'PoC2', 'nothing was committed to');
        const elapsedMs = (commitment.committedAtNs - work.acceptedAtNs) / NS_PER_MS;
        return probeEValueE8(this.parts.specs.of(version), { pocClass, rounds: commitment.rounds, elapsedMs });
    }

    private pass(challenge: KnownChallenge, nowNs: bigint): KnownChallenge {
        const eValueE8 = this.worthE8(challenge);
        if (this.parts.registry.findLiving(challenge.node).ok) this.parts.scores.passed(challenge, eValueE8, nowNs);
        return this.parts.book.close({ ...challenge, eValueE8 }, 'Passed', nowNs);
    }

    private fail(challenge: KnownChallenge, fault: ChallengeFault, nowNs: bigint): KnownChallenge {
        if (this.parts.registry.findLiving(challenge.node).ok) this.parts.scores.failed(challenge, nowNs);
        this.parts.duties.proofFailed(challenge.node, nowNs);
        return this.parts.book.close(challenge, 'Failed', nowNs, fault);
    }
}
