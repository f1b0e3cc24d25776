import { NS_PER_S } from '../../../../src/core/clock';
import { invariant } from '../../../../src/core/assert';
import { policyFault, policyWith, type ChallengePolicy } from '../../../../src/core/poc/policy';
import { acceptedSpecs, isSameSpec, specFault, type PocSpec } from '../../../../src/core/poc/spec';
import { DONE, err, type Result } from '../../../../src/core/result';
import type { Refusal } from '../errors';
import type { ChallengeTables } from './records';

/** The versions of the specification: appended by governance, never changed. */
export class Specs {
    constructor(private readonly tables: ChallengeTables) {}

    all(): readonly PocSpec[] {
        const { pocSpecs } = this.tables;
        const specs: PocSpec[] = [];
        for (let index = 0n; index < pocSpecs.length(); index++) {
            const spec = pocSpecs.get(index);
            if (spec !== undefined) specs.push(spec);
        }
        return specs;
    }

    epochAt(nowNs: bigint): bigint {
        return nowNs / (this.tables.challengePolicy.get().epochS * NS_PER_S);
    }

    /** The version that new challenges are made by; undefined before the first is active. */
    newest(nowNs: bigint): PocSpec | undefined {
        return this.accepted(nowNs)[0];
    }

    /** Versions that a node may begin by now, the newest first. */
    accepted(nowNs: bigint): readonly PocSpec[] {
        return acceptedSpecs(this.all(), this.epochAt(nowNs));
    }

    /** A version that some challenge was made by. */
    of(version: number): PocSpec {
        const spec = this.tables.pocSpecs.get(BigInt(version - 1));
        invariant(spec !== undefined, 'PoC1', `version ${version} of the specification is unknown`);
        return spec;
    }

    /**
     * Governance: adds the next version, to begin in a later epoch; the first may begin at once. The last version again is
     * the same success, since governance asks again when an answer was lost.
     */
    add(spec: PocSpec, nowNs: bigint): Result<void, Refusal<'InvalidArgument'>> {
        const count = this.tables.pocSpecs.length();
        const last = count === 0n ? undefined : this.tables.pocSpecs.get(count - 1n);
        if (last !== undefined && isSameSpec(last, spec)) return DONE;
        if (BigInt(spec.version) !== count + 1n) return refuse(`version: expected ${count + 1n}`);
        const earliest = last === undefined ? 0n : this.epochAt(nowNs) + 1n;
        if (spec.activationEpoch < earliest || (last !== undefined && spec.activationEpoch <= last.activationEpoch)) {
            return refuse('activation_epoch: must lie ahead, behind the version before');
        }
        const fault = specFault(spec);
        if (fault !== undefined) return refuse(fault);
        this.tables.pocSpecs.append(spec);
        return DONE;
    }

    /**
     * Governance: who verifies, and how often nodes may be asked. The length of the epochs stays once a later version is
     * added: its activation is counted in them, so another length would move it, even into the past.
     */
    setPolicy(given: Partial<ChallengePolicy>): Result<void, Refusal<'InvalidArgument'>> {
        const policy = policyWith(given, this.tables.challengePolicy.get());
        const fault = policyFault(policy);
        if (fault !== undefined) return refuse(fault);
        const isOtherEpoch = policy.epochS !== this.tables.challengePolicy.get().epochS;
        if (isOtherEpoch && this.all().some(({ activationEpoch }) => activationEpoch > 0n)) {
            return refuse('epochS: versions are to begin in epochs of the present length');
        }
        this.tables.challengePolicy.set(policy);
        return DONE;
    }
}

function refuse(reason: string) {
    return err({ kind: 'InvalidArgument', reason } as const);
}
