import { errorText } from '../../client/error_text';
import { sleep } from '../../client/wait';
import { equalBytes } from '../../core/bytes';
import { commitChain } from '../../core/poc/chain';
import { drawSamples } from '../../core/poc/sampling';
import type { Digest } from '../../core/sha256';
import type { Log } from '../ports';
import type { PocMetrics } from './metrics';
import { openSamples } from './open_samples';
import type { Challenge, ChallengeSource, IdleGate } from './ports';
import type { Prover, Slot } from './prover';

/** What is left of a deadline for the message that must arrive before it. */
const MARGIN_MS = 5_000;

export interface ChallengerParts {
    readonly source: ChallengeSource;
    readonly prover: Prover;
    readonly idle: IdleGate;
    readonly log: Log;
    readonly metrics?: PocMetrics;
    /** Milliseconds since 1970; a test's own clock. */
    readonly nowMs?: () => number;
}

/** Rounds that were done for a challenge. */
interface Work {
    readonly id: bigint;
    readonly roots: readonly Digest[];
}

/**
 * Answers the challenges of a node: accept, work, commit, open. Every look takes the next step that the canister shows to be
 * the node's, so that lost answers are made up for, and a restarted node goes on: rounds that it has committed to it does
 * again, and what cannot be saved any more it drops.
 */
export class Challenger {
    private work: Work | undefined;
    /** Seed of the slot that the prover has taken up. */
    private loaded: Slot | undefined;
    /** The challenge that is not worth another try. */
    private droppedId: bigint | undefined;

    constructor(private readonly parts: ChallengerParts) {}

    async run(intervalMs: number, signal: AbortSignal): Promise<void> {
        while (!signal.aborted) {
            await this.look(signal);
            await sleep(intervalMs, signal);
        }
    }

    /** Takes the next step, if there is one. */
    async look(signal: AbortSignal): Promise<void> {
        try {
            const challenge = await this.parts.source.open();
            if (challenge?.id !== this.work?.id) await this.finish();
            if (challenge === undefined || challenge.id === this.droppedId) return;
            if (challenge.state === 'Requested') await this.begin(challenge, signal);
            else if (challenge.state === 'Accepted') await this.resume(challenge, signal);
            else if (challenge.state === 'Sampled') await this.show(challenge, signal);
        } catch (failure) {
            this.parts.log.warn({ error: errorText(failure) }, 'poc_failed');
        }
    }

    /** The clock begins with the acceptance, so everything that can be prepared is done before. */
    private async begin(challenge: Challenge, signal: AbortSignal): Promise<void> {
        const { source, idle, log } = this.parts;
        await this.load(challenge.slot);
        const release = await idle.reserve(this.leftMs(challenge) - MARGIN_MS, signal);
        try {
            if (signal.aborted) return;
            const accepted = await source.accept(challenge);
            if (!accepted.ok) return this.drop(challenge, accepted.error.code);
            log.info({ poc_id: `${challenge.id}`, ...challenge.slot.shape }, 'poc_accepted');
            await this.workOn(accepted.value, accepted.value.windowMs, signal);
        } finally {
            release();
        }
    }

    /** Accepted, but nothing is committed to: the message was lost, or this node was started anew. */
    private async resume(challenge: Challenge, signal: AbortSignal): Promise<void> {
        if (this.work?.id === challenge.id) return this.commit(challenge, this.work, signal);
        const leftMs = Math.min(challenge.windowMs, this.leftMs(challenge) - MARGIN_MS);
        if (leftMs <= 0) return this.drop(challenge, 'no time is left');
        await this.load(challenge.slot);
        await this.workOn(challenge, leftMs, signal);
    }

    private async workOn(challenge: Challenge, workMs: number, signal: AbortSignal): Promise<void> {
        const { prover, metrics } = this.parts;
        if (challenge.nodeSeed === undefined) return;
        const startedAt = performance.now();
        const endsAt = startedAt + workMs;
        const goOn = (): boolean => !signal.aborted && performance.now() < endsAt;
        const roots = await prover.run(challenge.nodeSeed, goOn);
        if (signal.aborted || roots.length === 0) return;
        metrics?.worked(challenge.slot.shape, roots.length, (performance.now() - startedAt) / 1_000);
        this.work = { id: challenge.id, roots };
        await this.commit(challenge, this.work, signal);
    }

    private async commit(challenge: Challenge, { roots }: Work, signal: AbortSignal): Promise<void> {
        const { source, log } = this.parts;
        if (challenge.nodeSeed === undefined) return;
        const work = { rounds: roots.length, commitment: commitChain(challenge.nodeSeed, roots) };
        const committed = await source.commit(challenge.id, work);
        if (!committed.ok) return this.drop(challenge, committed.error.code);
        log.info({ poc_id: `${challenge.id}`, rounds: work.rounds }, 'poc_committed');
        if (committed.value.state === 'Sampled') await this.show(committed.value, signal);
    }

    private async show(challenge: Challenge, signal: AbortSignal): Promise<void> {
        const { source, prover, log } = this.parts;
        const { id, slot, nodeSeed, committed, sampleRandomness } = challenge;
        if (nodeSeed === undefined || committed === undefined || sampleRandomness === undefined) return;
        await this.load(slot);
        const roots = this.work?.id === id ? this.work.roots : await this.redo(challenge, signal);
        if (signal.aborted) return;
        if (roots === undefined) return this.drop(challenge, 'the rounds are lost');
        this.work = { id, roots };
        const { rounds, commitment } = committed;
        const samples = drawSamples(slot.shape, rounds, challenge.samples, commitment, sampleRandomness);
        const shown = await source.show(id, await openSamples(prover, slot, nodeSeed, roots, samples));
        if (!shown.ok) return this.drop(challenge, shown.error.code);
        log.info({ poc_id: `${id}`, state: shown.value.state }, 'poc_opened');
    }

    /** Does the rounds again that an earlier run of this node has committed to; undefined when they are not those. */
    private async redo(
        { nodeSeed, committed, ...challenge }: Challenge,
        signal: AbortSignal
    ): Promise<readonly Digest[] | undefined> {
        if (nodeSeed === undefined || committed === undefined) return undefined;
        const endsAt = performance.now() + this.leftMs(challenge) - MARGIN_MS;
        const goOn = (): boolean => !signal.aborted && performance.now() < endsAt;
        const roots = await this.parts.prover.run(nodeSeed, goOn, committed.rounds);
        const isSame =
            roots.length === committed.rounds && equalBytes(commitChain(nodeSeed, roots), committed.commitment);
        return isSame ? roots : undefined;
    }

    /** Tells what became of the last challenge. */
    private async finish(): Promise<void> {
        const { source, log, metrics } = this.parts;
        const ended = this.work && (await source.find(this.work.id));
        this.work = undefined;
        if (ended === undefined) return;
        metrics?.ended(ended.state, ended.eValueE8);
        const facts = { poc_id: `${ended.id}`, e_value_e8: ended.eValueE8?.toString(), fault: ended.fault };
        if (ended.state === 'Failed') log.warn(facts, 'poc_lost');
        else log.info(facts, `poc_${ended.state.toLowerCase()}`);
    }

    private async load(slot: Slot): Promise<void> {
        if (this.loaded !== undefined && isSameSlot(this.loaded, slot)) return;
        this.loaded = undefined;
        await this.parts.prover.load(slot);
        this.loaded = slot;
    }

    private leftMs({ deadlineMs }: Pick<Challenge, 'deadlineMs'>): number {
        return Math.max(0, (deadlineMs ?? 0) - (this.parts.nowMs ?? Date.now)());
    }

    /** Asking again would change nothing. */
    private drop({ id }: Challenge, reason: string): void {
        this.droppedId = id;
        this.parts.metrics?.dropped();
        this.parts.log.warn({ poc_id: `${id}`, reason }, 'poc_dropped');
    }
}

function isSameSlot(a: Slot, b: Slot): boolean {
    const sameShape = a.shape.dimension === b.shape.dimension && a.shape.rows === b.shape.rows;
    return sameShape && equalBytes(a.slotSeed, b.slotSeed);
}
