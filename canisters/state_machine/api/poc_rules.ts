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
import { governanceCaller, signedCaller } from './guards';
import { PocSuspensionView } from './poc_idl';
import { toSuspensionView } from './poc_mappers';

const RuleAnswer = answerType(IDL.Null, 'Unauthorized', 'InvalidArgument');
const PauseVoteAnswer = answerType(PocSuspensionView, 'Anonymous', 'NotAValidator');

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

    /** Governance or a controller: who verifies, and how often nodes may be asked. Ends a suspension by the validators. */
    @update([PocPolicyView], RuleAnswer, SERVED_WHILE_PAUSED)
    set_poc_policy(view: PocPolicyView): Answer<null> {
        const caller = governanceCaller();
        if (!caller.ok) return toAnswer(caller, nothing);
        const set = challenges.specs.setPolicy(fromPolicyView(view));
        if (set.ok) challenges.suspension.end(azleEnv.nowNs());
        return toAnswer(set, nothing);
    }

    /**
     * Validator: stands for an emergency pause of EMC-PoC-1, or withdraws that. While two thirds of the set stand for it, no
     * challenge begins (docs/poc.md §10).
     */
    @update([IDL.Bool], PauseVoteAnswer, SERVED_WHILE_PAUSED)
    vote_poc_pause(stands: boolean): Answer<PocSuspensionView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toSuspensionView);
        return toAnswer(challenges.suspension.vote(caller.value, stands, azleEnv.nowNs()), toSuspensionView);
    }

    /** Whether the validators have suspended EMC-PoC-1, and who stands for it. */
    @query([], PocSuspensionView)
    get_poc_suspension(): PocSuspensionView {
        return toSuspensionView();
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
