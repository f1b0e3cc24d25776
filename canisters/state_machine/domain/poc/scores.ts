import type { Principal } from '@dfinity/principal';
import { NS_PER_MS, NS_PER_S } from '../../../../src/core/clock';
import {
    epochEValueE8,
    isProven,
    NEWCOMER,
    nextClass,
    recentProbes,
    smoothedEValueE8
} from '../../../../src/core/poc/measure';
import type { Registry } from '../registry';
import type { ChallengeTables, KnownChallenge, Score } from './records';

/** Probes of an epoch that are kept; a node has about three in two hours. */
const MAX_PROBES = 32;
/** Failed probes in a row that make a node a newcomer again (compute.md §4.10). */
const FAILURES_OF_A_NEWCOMER = 2;

const UNKNOWN: Score = {
    epoch: 0n,
    probes: [],
    before: undefined,
    first: [],
    proven: false,
    failures: 0,
    nextClass: 'XS'
};

/**
 * From verdicts to E and standing. E of an epoch is the median over all of its probes with the failed ones as zero: were
 * they left out, skipping rows would cost nothing but the probes that catch it (docs/poc.md §9).
 */
export class Scores {
    constructor(
        private readonly tables: ChallengeTables,
        private readonly registry: Registry
    ) {}

    of(node: Principal): Score {
        return this.tables.challengeScores.get(node) ?? UNKNOWN;
    }

    isNewcomer(node: Principal): boolean {
        return !this.of(node).proven;
    }

    /** Validators by whom a newcomer has been probed: others must ask for what is missing. */
    proversOf(node: Principal, nowNs: bigint): readonly string[] {
        return recentProbes(this.of(node).first, nowNs / NS_PER_MS).map(({ validator }) => validator);
    }

    passed(challenge: KnownChallenge, eValueE8: bigint, nowNs: bigint): void {
        const { node, requestedBy, pocClass, commitment } = challenge;
        const score = this.withProbe(node, eValueE8, nowNs);
        const probe = { acceptedAtMs: nowNs / NS_PER_MS, validator: requestedBy.toText() };
        const first = score.proven ? [] : [...score.first, probe].slice(-NEWCOMER.probes * NEWCOMER.validators);
        const proven = score.proven || isProven(first, nowNs / NS_PER_MS);
        const next = { nextClass: nextClass(pocClass, commitment?.rounds ?? 0), failures: 0 };
        this.keep(node, { ...score, ...next, first: proven ? [] : first, proven });
        if (!proven) return;
        this.registry.apply(node, 'poc_passed', nowNs);
        this.registry.tookPart(node, nowNs);
    }

    failed({ node }: KnownChallenge, nowNs: bigint): void {
        const score = this.withProbe(node, 0n, nowNs);
        const failures = score.failures + 1;
        const isNewcomer = failures >= FAILURES_OF_A_NEWCOMER;
        const standing = isNewcomer ? { proven: false, first: [] } : {};
        // Whatever failed must not fail again because its rounds are too long.
        this.keep(node, { ...score, ...standing, failures, nextClass: 'XS' });
        if (isNewcomer) this.registry.apply(node, 'poc_failed', nowNs);
    }

    private withProbe(node: Principal, eValueE8: bigint, nowNs: bigint): Score {
        const score = this.of(node);
        const epoch = nowNs / (this.tables.challengePolicy.get().epochS * NS_PER_S);
        if (score.epoch === epoch) return { ...score, probes: [...score.probes, eValueE8].slice(-MAX_PROBES) };
        // A newcomer's first probes may lie on both sides of an epoch's end.
        const carried = score.proven ? [] : score.probes.slice(1 - NEWCOMER.probes);
        const before = score.proven ? this.registry.find(node)?.record.eValueE8 : undefined;
        return { ...score, epoch, before, probes: [...carried, eValueE8] };
    }

    private keep(node: Principal, score: Score): void {
        this.tables.challengeScores.set(node, score);
        const measured = score.proven ? epochEValueE8(score.probes) : undefined;
        const changed = !score.proven ? 0n : measured && smoothedEValueE8(score.before, measured);
        const known = this.registry.findLiving(node);
        if (!known.ok || changed === undefined || changed === known.value.record.eValueE8) return;
        this.registry.changeFacts(node, { eValueE8: changed });
    }
}
