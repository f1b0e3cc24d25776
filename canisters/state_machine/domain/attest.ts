import type { Principal } from '@dfinity/principal';
import { eValueE8, MAX_POC_MS, MIN_POC_MS } from '../../../src/core/poc/e_value';
import { err, ok, type Result } from '../../../src/core/result';
import type { Refusal } from './errors';
import { elapsedMs, isFinal, type KnownPoc, type PocBook } from './pocs';
import type { Proving } from './prove';
import type { PocVote } from './records';
import type { Registry } from './registry';
import type { ValidatorSet } from './validators';

/** A validator's verdict on a submitted product. */
export interface Attestation {
    readonly id: bigint;
    readonly ok: boolean;
    readonly elapsedMs: bigint;
}

export type AttestRefusal = Refusal<
    'NotAValidator' | 'NotFound' | 'AlreadyFinal' | 'WrongStep' | 'DeadlinePassed' | 'Duplicate' | 'OutOfRange'
>;

/** The validators' verdicts on proofs of computing: at the quorum, either way, a proof is final. */
export class Attesting {
    constructor(
        private readonly registry: Registry,
        private readonly validators: ValidatorSet,
        private readonly book: PocBook,
        private readonly proving: Proving
    ) {}

    /** Counts one vote per validator (SM3); votes after the decision change nothing (AS-28, SM5). */
    attest(caller: Principal, attestation: Attestation, nowNs: bigint): Result<KnownPoc, AttestRefusal> {
        if (!this.validators.has(caller)) return err({ kind: 'NotAValidator' });
        const votable = this.votable(attestation.id, nowNs);
        if (!votable.ok) return votable;
        const poc = votable.value;
        if (poc.votes.some((vote) => vote.validator.compareTo(caller) === 'eq')) return err({ kind: 'Duplicate' });
        if (attestation.elapsedMs < MIN_POC_MS || attestation.elapsedMs > MAX_POC_MS) {
            return err({ kind: 'OutOfRange', minMs: MIN_POC_MS, maxMs: MAX_POC_MS });
        }
        const vote = { validator: caller, ok: attestation.ok, elapsedMs: attestation.elapsedMs };
        this.registry.tookPart(caller, nowNs);
        return ok(this.decide({ ...poc, votes: [...poc.votes, vote] }, nowNs));
    }

    private votable(
        id: bigint,
        nowNs: bigint
    ): Result<KnownPoc, Refusal<'NotFound' | 'AlreadyFinal' | 'WrongStep' | 'DeadlinePassed'>> {
        const poc = this.book.find(id);
        if (poc === undefined) return err({ kind: 'NotFound' });
        if (isFinal(poc)) return err({ kind: 'AlreadyFinal' });
        if (poc.state !== 'Attesting') return err({ kind: 'WrongStep' });
        if (nowNs <= poc.deadlineNs) return ok(poc);
        this.proving.expire(poc, nowNs);
        return err({ kind: 'DeadlinePassed' });
    }

    /** Ends a proof when one verdict has a quorum of today's set; votes of members that left do not count. */
    private decide(poc: KnownPoc, nowNs: bigint): KnownPoc {
        const counted = poc.votes.filter((vote) => this.validators.has(vote.validator));
        const agreeing = counted.filter((vote) => vote.ok).length;
        const quorum = this.validators.quorum();
        if (agreeing >= quorum) return this.pass(poc, nowNs);
        if (counted.length - agreeing >= quorum) return this.proving.fail(poc, 'RejectedByValidators', nowNs);
        return this.book.save(poc);
    }

    /** E comes from canister time alone (compute.md §4.5), so that no validator can set it. */
    private pass(poc: KnownPoc, nowNs: bigint): KnownPoc {
        const e = eValueE8(elapsedMs(poc) ?? MAX_POC_MS);
        const node = this.registry.findLiving(poc.node);
        if (node.ok) {
            this.registry.apply(poc.node, 'poc_passed', nowNs);
            this.registry.tookPart(poc.node, nowNs);
            this.registry.changeFacts(poc.node, { eValueE8: e });
        }
        return this.book.close({ ...poc, eValueE8: e }, 'Passed', nowNs);
    }
}

/** Median of the agreeing votes' own measurements: a lone liar does not move it (AS-29). Undefined without a vote. */
export function medianMs(votes: readonly PocVote[]): bigint | undefined {
    const times = votes.filter((vote) => vote.ok).map((vote) => vote.elapsedMs);
    times.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return times[(times.length - 1) >> 1];
}
