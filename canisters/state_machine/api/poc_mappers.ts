import { Principal } from '@dfinity/principal';
import { fromPocMode, fromSpecView } from '../../../src/azle/poc_candid';
import { shapeOf } from '../../../src/core/poc/spec';
import type { FalseVerdict, KnownChallenge } from '../domain/poc/records';
import type { Page } from '../domain/registry';
import { challenges } from '../wiring';
import { toTag } from './errors';
import { toOpt } from './mappers';
import type { FalseVerdictView, PocInit, PocPage, PocScore, PocSuspensionView, PocView } from './poc_idl';

export function fromPocInit(init: PocInit | undefined) {
    const [mode] = init?.mode ?? [];
    const [spec] = init?.spec ?? [];
    const policy = {
        mode: mode && fromPocMode(mode),
        slotS: init?.slot_s[0],
        spacingS: init?.spacing_s[0],
        attestationS: init?.attestation_s[0],
        epochS: init?.epoch_s[0],
        checksPerHour: init?.checks_per_hour[0],
        minEValueE8: init?.min_e_value_e8[0]
    };
    return { policy, spec: spec && fromSpecView(spec) };
}

/** A challenge with the parameters of its version. */
export function toPocView(challenge: KnownChallenge): PocView {
    const spec = challenges.specs.of(challenge.version);
    const { dimension, rows } = shapeOf(spec, challenge.pocClass);
    return {
        ...toProgress(challenge),
        id: challenge.id,
        node: challenge.node,
        requested_by: challenge.requestedBy,
        version: challenge.version,
        class: toTag(challenge.pocClass),
        dimension,
        rows,
        window_ms: spec.windowMs,
        samples: challenge.samples,
        newcomer: challenge.newcomer,
        slot_seed: challenge.slotSeed,
        requested_at_ns: challenge.requestedAtNs
    };
}

/** What the steps of a challenge have left behind so far. */
function toProgress(challenge: KnownChallenge) {
    const { fault, work, commitment, votes } = challenge;
    const agreeing = votes.filter((vote) => vote.ok).length;
    return {
        state: toTag(challenge.state),
        fault: toOpt(fault && toTag(fault)),
        node_seed: toOpt(work?.nodeSeed),
        commitment: toOpt(commitment?.digest),
        rounds: toOpt(commitment?.rounds),
        sample_randomness: toOpt(challenge.sampleRandomness),
        check_randomness: toOpt(challenge.checkRandomness),
        accepted_at_ns: toOpt(work?.acceptedAtNs),
        committed_at_ns: toOpt(commitment?.committedAtNs),
        final_at_ns: toOpt(challenge.finalAtNs),
        deadline_ns: toOpt(challenge.deadlineNs),
        voters: votes.map((vote) => vote.validator),
        votes_ok: agreeing,
        votes_bad: votes.length - agreeing,
        e_value_e8: toOpt(challenge.eValueE8)
    };
}

export function toPocPage(page: Page<KnownChallenge>): PocPage {
    return { pocs: page.items.map(toPocView), next: toOpt(page.next) };
}

export function toFalseVerdictView(verdict: FalseVerdict): FalseVerdictView {
    return {
        validator: verdict.validator,
        poc: verdict.challenge,
        said_ok: verdict.saidOk,
        opening_hash: verdict.openingHash,
        seen_at_ns: verdict.seenNs
    };
}

export function toSuspensionView(): PocSuspensionView {
    const { suspension } = challenges;
    return {
        suspended: suspension.isSuspended(),
        since_ns: toOpt(suspension.sinceNs()),
        votes: [...suspension.votes()],
        threshold: suspension.threshold()
    };
}

/** How a node has done lately. */
export function toPocScore(node: Principal, nowNs: bigint): PocScore {
    const score = challenges.scores.of(node);
    return {
        node,
        proven: score.proven,
        probed_by: challenges.scores.proversOf(node, nowNs).map((text) => Principal.fromText(text)),
        failures: score.failures,
        epoch: score.epoch,
        probes: [...score.probes],
        next_class: toTag(score.nextClass)
    };
}
