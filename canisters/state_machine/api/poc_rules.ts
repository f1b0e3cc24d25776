import { IDL } from 'azle';
import { azleEnv } from '../../../src/azle/azle_env';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import {
    fromPolicyView,
    fromSpecView,
    PocPolicyView,
    PocSpecView,
    toPolicyView,
    toSpecView
} from '../../../src/azle/poc_candid';
import vectorsV1 from '../../../src/core/poc/vectors.json';
import { challenges, tables } from '../wiring';
import { answerType, nothing, toAnswer, type Answer } from './errors';
import { governanceCaller } from './guards';

const RuleAnswer = answerType(IDL.Null, 'Unauthorized', 'InvalidArgument');

/** What governance decides about EMC-PoC-1: the versions of its specification, and who verifies and when. */
export class PocRules {
    /**
     * Governance or a controller: adds the next version of the specification, to begin in a later epoch. The last one
     * again is the same success.
     */
    @update([PocSpecView], RuleAnswer, SERVED_WHILE_PAUSED)
    add_poc_spec(spec: PocSpecView): Answer<null> {
        const caller = governanceCaller();
        if (!caller.ok) return toAnswer(caller, nothing);
        return toAnswer(challenges.specs.add(fromSpecView(spec), azleEnv.nowNs()), nothing);
    }

    /** Governance or a controller: who verifies, and how often nodes may be asked. */
    @update([PocPolicyView], RuleAnswer, SERVED_WHILE_PAUSED)
    set_poc_policy(view: PocPolicyView): Answer<null> {
        const caller = governanceCaller();
        if (!caller.ok) return toAnswer(caller, nothing);
        return toAnswer(challenges.specs.setPolicy(fromPolicyView(view)), nothing);
    }

    @query([], PocPolicyView)
    get_poc_policy(): PocPolicyView {
        return toPolicyView(tables.challengePolicy.get());
    }

    /** All versions, in the order of their activation. */
    @query([], IDL.Vec(PocSpecView))
    list_poc_specs(): PocSpecView[] {
        return challenges.specs.all().map(toSpecView);
    }

    /** The test vectors of version 1 as compact JSON: their SHA-256 is the version's `vectors_hash`. */
    @query([], IDL.Text)
    get_poc_vectors(): string {
        return JSON.stringify(vectorsV1);
    }
}
