import type { Principal } from '@dfinity/principal';
import { NS_PER_MS, NS_PER_S } from '../../../../src/core/clock';
import { openingBytes } from '../../../../src/core/poc/opening';
import { nodeSeed } from '../../../../src/core/poc/seeds';
import { isRounds } from '../../../../src/core/poc/shape';
import { shapeOf } from '../../../../src/core/poc/spec';
import { samePrincipal } from '../../../../src/core/principals';
import { DONE, err, ok, type Result } from '../../../../src/core/result';
import { secondsUp } from '../config';
import type { Refusal } from '../errors';
import { isOnline } from '../presence';
import type { StateTables } from '../records';
import type { Registry } from '../registry';
import type { ValidatorSet } from '../validators';
import { isFinal, type ChallengeBook } from './book';
import type { CheckQuota } from './check_quota';
import type { ChallengeState, ChallengeTables, KnownChallenge } from './records';
import type { Scores } from './scores';
import type { Specs } from './specs';
import type { Suspension } from './suspension';
import type { Verdicts } from './verdicts';

type RequestRefusal = Refusal<
    | 'NotAValidator'
    | 'Suspended'
    | 'NotFound'
    | 'Removed'
    | 'NotAComputeNode'
    | 'NodeOffline'
    | 'AlreadyOpen'
    | 'TooSoon'
    | 'RateLimited'
>;
type StepRefusal = Refusal<'NotFound' | 'Unauthorized' | 'AlreadyFinal' | 'WrongStep' | 'DeadlinePassed'>;

type AcceptRefusal = StepRefusal | Refusal<'InvalidArgument' | 'Suspended'>;

/** What a node says when it begins; without a version it takes that of the challenge. */
export interface Acceptance {
    readonly id: bigint;
    readonly version?: number;
}

const DIGEST_BYTES = 32;

/** Parts of the canister's rules that a challenge needs. */
export interface CourseParts {
    readonly tables: ChallengeTables & Pick<StateTables, 'config'>;
    readonly registry: Registry;
    readonly validators: ValidatorSet;
    readonly book: ChallengeBook;
    readonly scores: Scores;
    readonly specs: Specs;
    readonly verdicts: Verdicts;
    readonly suspension: Suspension;
    readonly quota: CheckQuota;
}

/**
 * The steps of a challenge that a validator or the node takes (docs/poc.md §10). Steps that need randomness come in two
 * halves with the draw between them; the second half decides everything again, on what is stored then.
 */
export class Course {
    constructor(private readonly parts: CourseParts) {}

    /**
     * Whether a validator may challenge a node now (AS-32: more than the spacing after the last request). Where the canister
     * will have to check the opening, its share of the quota must have a check left.
     */
    checkRequest(caller: Principal, node: Principal, nowNs: bigint): Result<void, RequestRefusal> {
        const { tables, registry, validators, book, suspension, quota } = this.parts;
        if (!validators.has(caller)) return err({ kind: 'NotAValidator' });
        if (suspension.isSuspended()) return err({ kind: 'Suspended' });
        const found = registry.findLiving(node);
        if (!found.ok) return found;
        const { record, presence } = found.value;
        if (record.nodeClass !== 'compute') return err({ kind: 'NotAComputeNode' });
        if (!isOnline(tables.config.get(), presence, nowNs)) return err({ kind: 'NodeOffline' });
        const open = book.openOf(node);
        if (open !== undefined) return err({ kind: 'AlreadyOpen', id: open.id });
        const waitNs = record.lastPocNs + tables.challengePolicy.get().spacingS * NS_PER_S - nowNs;
        if (record.lastPocNs > 0n && waitNs >= 0n) return err({ kind: 'TooSoon', retryAfterS: secondsUp(waitNs + 1n) });
        const quotaNs = this.isReserved(node) ? quota.waitNs(caller, 'newcomer', nowNs) : 0n;
        return quotaNs > 0n ? err({ kind: 'RateLimited', retryAfterS: secondsUp(quotaNs) }) : DONE;
    }

    /** The seed of the slot that is open; undefined when a new one must be drawn. */
    slotSeed(nowNs: bigint): Uint8Array | undefined {
        const { seed, drawnAtNs } = this.parts.tables.challengeSlot.get();
        const endsNs = drawnAtNs + this.parts.tables.challengePolicy.get().slotS * NS_PER_S;
        return drawnAtNs > 0n && nowNs < endsNs ? seed : undefined;
    }

    /** Puts a challenge into the open slot, or opens one with a seed that was drawn after the first check. */
    request(
        caller: Principal,
        node: Principal,
        drawn: Uint8Array | undefined,
        nowNs: bigint
    ): Result<KnownChallenge, RequestRefusal | Refusal<'TemporarilyUnavailable'>> {
        const allowed = this.checkRequest(caller, node, nowNs);
        if (!allowed.ok) return allowed;
        const spec = this.parts.specs.newest(nowNs);
        const slotSeed = this.slotSeed(nowNs) ?? drawn;
        if (spec === undefined || slotSeed === undefined) {
            return err({ kind: 'TemporarilyUnavailable', reason: 'no specification or slot is in force' });
        }
        if (slotSeed === drawn) this.parts.tables.challengeSlot.set({ seed: drawn, drawnAtNs: nowNs });
        if (this.isReserved(node)) this.parts.quota.take(caller, 'newcomer', nowNs);
        this.parts.registry.update(node, { lastPocNs: nowNs });
        const { proven, nextClass } = this.parts.scores.of(node);
        const challenge = this.parts.book.add({
            ...UNTOUCHED,
            node,
            requestedBy: caller,
            version: spec.version,
            pocClass: nextClass,
            samples: proven ? spec.samples : spec.newcomerSamples,
            newcomer: !proven,
            slotSeed,
            requestedAtNs: nowNs,
            deadlineNs: nowNs + spec.acceptWithinMs * NS_PER_MS
        });
        return ok(challenge);
    }

    /**
     * Whether a node may begin; a repeated acceptance gets the seeds that were drawn at the first. The answer has the version
     * that the node asks for, if any: in the first epoch of a version that may be the one before it.
     */
    checkAccept(caller: Principal, { id, version }: Acceptance, nowNs: bigint): Result<KnownChallenge, AcceptRefusal> {
        const step = this.step(caller, id, nowNs, 'Requested', 'Accepted');
        if (!step.ok) return step;
        const { specs, suspension } = this.parts;
        if (step.value.state === 'Requested' && suspension.isSuspended()) return err({ kind: 'Suspended' });
        if (version === undefined || version === step.value.version) return step;
        const spec = specs.accepted(nowNs).find((accepted) => accepted.version === version);
        if (spec === undefined || step.value.state === 'Accepted') {
            return err({ kind: 'InvalidArgument', reason: 'version: not accepted for this challenge' });
        }
        const samples = step.value.newcomer ? spec.newcomerSamples : spec.samples;
        return ok({ ...step.value, version, samples });
    }

    /** T0, with randomness that was drawn after the node asked for it. */
    accept(
        caller: Principal,
        wanted: Acceptance,
        drawn: Uint8Array,
        nowNs: bigint
    ): Result<KnownChallenge, AcceptRefusal> {
        const step = this.checkAccept(caller, wanted, nowNs);
        if (!step.ok || step.value.state === 'Accepted') return step;
        const challenge = step.value;
        const { id, version, slotSeed } = challenge;
        const seed = nodeSeed(slotSeed, { version, id, node: caller.toUint8Array() }, drawn);
        const deadlineNs = nowNs + this.parts.specs.of(version).commitWithinMs * NS_PER_MS;
        const work = { nodeSeed: seed, acceptedAtNs: nowNs };
        return ok(this.parts.book.save({ ...challenge, state: 'Accepted', work, deadlineNs }));
    }

    private isReserved(node: Principal): boolean {
        return this.parts.quota.isReserved({ newcomer: this.parts.scores.isNewcomer(node) });
    }

    /** T1. Only then may the samples be drawn; a claim that is worth too little has failed here, before anything is checked. */
    commit(
        caller: Principal,
        id: bigint,
        digest: Uint8Array,
        rounds: number,
        nowNs: bigint
    ): Result<KnownChallenge, StepRefusal | Refusal<'InvalidArgument'>> {
        const step = this.step(caller, id, nowNs, 'Accepted');
        if (!step.ok) return step;
        if (digest.length !== DIGEST_BYTES || !isRounds(rounds)) {
            return err({ kind: 'InvalidArgument', reason: 'commitment: 32 bytes; rounds: 1 to 2^24' });
        }
        const commitment = { digest, rounds, committedAtNs: nowNs };
        const committed: KnownChallenge = { ...step.value, state: 'Committed', commitment, deadlineNs: undefined };
        const isWorth = this.parts.verdicts.worthE8(committed) >= this.parts.tables.challengePolicy.get().minEValueE8;
        return ok(isWorth ? this.parts.book.save(committed) : this.parts.verdicts.spare(committed, 'TooLittle', nowNs));
    }

    /** Fixes the opening. Only then may the check's randomness be drawn. */
    open(
        caller: Principal,
        id: bigint,
        opening: Uint8Array,
        nowNs: bigint
    ): Result<KnownChallenge, StepRefusal | Refusal<'WrongSize'>> {
        const step = this.step(caller, id, nowNs, 'Sampled');
        if (!step.ok) return step;
        const { commitment } = step.value;
        if (commitment === undefined) return err({ kind: 'WrongStep' });
        const expected = this.openingBytesOf(step.value, commitment.rounds);
        if (opening.length !== expected) return err({ kind: 'WrongSize', expectedBytes: BigInt(expected) });
        this.parts.book.keepOpening(id, opening);
        return ok(this.parts.book.save({ ...step.value, state: 'Opened', deadlineNs: undefined }));
    }

    /**
     * Goes on with a challenge for which the canister owes randomness. `state` is the one that it had when the draw was
     * asked for: randomness of an earlier step, which came late, decides nothing.
     */
    supply(id: bigint, state: ChallengeState, drawn: Uint8Array, nowNs: bigint): KnownChallenge | undefined {
        const challenge = this.parts.book.find(id);
        if (challenge === undefined || challenge.state !== state) return challenge;
        if (state === 'Opened') return this.parts.verdicts.opened(challenge, drawn, nowNs);
        const isWaiting = challenge.deadlineNs !== undefined;
        if (state === 'Disputed' && !isWaiting) return this.parts.verdicts.check(challenge, drawn, nowNs);
        if (state !== 'Committed') return challenge;
        const deadlineNs = nowNs + this.parts.specs.of(challenge.version).openWithinMs * NS_PER_MS;
        return this.parts.book.save({ ...challenge, state: 'Sampled', sampleRandomness: drawn, deadlineNs });
    }

    /** Bytes of the opening that a node is about to show; undefined while none is asked of it. */
    expectedOpeningBytes(node: Principal): number | undefined {
        const challenge = this.parts.book.openOf(node);
        if (challenge?.state !== 'Sampled' || challenge.commitment === undefined) return undefined;
        return this.openingBytesOf(challenge, challenge.commitment.rounds);
    }

    /** Ends overdue steps, at most so many; more may be left. */
    sweep(nowNs: bigint, budget: number): number {
        for (let swept = 0; swept < budget; swept++) {
            const overdue = this.parts.book.nextOverdue(nowNs);
            if (overdue === undefined) return swept;
            this.parts.verdicts.expire(overdue, nowNs);
        }
        return budget;
    }

    private openingBytesOf({ version, pocClass, samples }: KnownChallenge, rounds: number): number {
        return openingBytes(shapeOf(this.parts.specs.of(version), pocClass), rounds, samples);
    }

    private step(
        caller: Principal,
        id: bigint,
        nowNs: bigint,
        ...states: readonly ChallengeState[]
    ): Result<KnownChallenge, StepRefusal> {
        const challenge = this.parts.book.find(id);
        if (challenge === undefined) return err({ kind: 'NotFound' });
        if (!samePrincipal(challenge.node, caller)) return err({ kind: 'Unauthorized' });
        if (isFinal(challenge)) return err({ kind: 'AlreadyFinal' });
        const { deadlineNs } = challenge;
        if (deadlineNs !== undefined && nowNs > deadlineNs) {
            this.parts.verdicts.expire(challenge, nowNs);
            return err({ kind: 'DeadlinePassed' });
        }
        return states.includes(challenge.state) ? ok(challenge) : err({ kind: 'WrongStep' });
    }
}

const UNTOUCHED = {
    state: 'Requested',
    fault: undefined,
    work: undefined,
    commitment: undefined,
    sampleRandomness: undefined,
    checkRandomness: undefined,
    votes: [],
    eValueE8: undefined,
    finalAtNs: undefined
} as const;
