import { policyFault, policyWith, type ChallengePolicy } from '../../../../src/core/poc/policy';
import { specV1, type PocSpec } from '../../../../src/core/poc/spec';
import type { ChallengeTables } from './records';
import type { Specs } from './specs';

/** The init argument asks for challenges that cannot work; `reason` names the field. The installation fails. */
export class InvalidChallenges extends Error {
    constructor(readonly reason: string) {
        super(`init argument poc: ${reason}`);
        this.name = 'InvalidChallenges';
    }
}

/** At the installation: the policy, and version 1 of the specification. @throws {@link InvalidChallenges} */
export function beginChallenges(
    tables: ChallengeTables,
    specs: Specs,
    given: { readonly policy: Partial<ChallengePolicy>; readonly spec: PocSpec | undefined },
    nowNs: bigint
): void {
    const policy = policyWith(given.policy);
    const fault = policyFault(policy);
    if (fault !== undefined) throw new InvalidChallenges(fault);
    tables.challengePolicy.set(policy);
    const added = specs.add(given.spec ?? specV1(), nowNs);
    if (!added.ok) throw new InvalidChallenges(added.error.reason);
}
