/** A canister that has the queue's rules and nothing else, and empty methods with the same arguments. */
import { IDL } from 'azle';
import { encodeJobAnswer, encodeWorkAnswer } from '../../canisters/compute_gateway/api/encode_job';
import { encodeLeases } from '../../canisters/compute_gateway/api/encode_leases';
import {
    ClaimArgs,
    ClaimJobsAnswer,
    CompleteJobArgs,
    HeartbeatReply,
    HeldLeases,
    SubmitJobAnswer,
    SubmitJobArgs
} from '../../canisters/compute_gateway/api/idl';
import { CompleteJobAnswer } from '../../canisters/compute_gateway/api/idl_work';
import {
    fromCompleteJobArgs,
    fromHeldLeases,
    fromSubmitJobArgs,
    grantedOf,
    toHeartbeatReply
} from '../../canisters/compute_gateway/api/mappers';
import { SERVED_WHILE_PAUSED, update } from '../../src/azle/endpoint';
import { accepted, QueueRules } from './rules';

const rules = new QueueRules();

class Measured {
    @update([SubmitJobArgs], SubmitJobAnswer.idl, SERVED_WHILE_PAUSED)
    submit_job(args: SubmitJobArgs) {
        return encodeJobAnswer(rules.submitted(accepted(fromSubmitJobArgs(args, rules.nextUser()))));
    }

    @update([ClaimArgs], ClaimJobsAnswer.idl, SERVED_WHILE_PAUSED)
    claim_jobs({ max }: ClaimArgs) {
        return encodeLeases(grantedOf(rules.book, rules.claimed(max)) ?? []);
    }

    @update([HeldLeases], HeartbeatReply, SERVED_WHILE_PAUSED)
    heartbeat(held: HeldLeases): HeartbeatReply {
        return toHeartbeatReply(rules.beaten(fromHeldLeases(held)));
    }

    @update([CompleteJobArgs], CompleteJobAnswer.idl, SERVED_WHILE_PAUSED)
    complete_job(args: CompleteJobArgs) {
        return encodeWorkAnswer(rules.completed(fromCompleteJobArgs(args, rules.node)));
    }
}

class Empty {
    @update([SubmitJobArgs], IDL.Null, SERVED_WHILE_PAUSED)
    empty_submit_job(): null {
        return null;
    }

    @update([ClaimArgs], IDL.Null, SERVED_WHILE_PAUSED)
    empty_claim_jobs(): null {
        return null;
    }

    @update([HeldLeases], IDL.Null, SERVED_WHILE_PAUSED)
    empty_heartbeat(): null {
        return null;
    }

    @update([CompleteJobArgs], IDL.Null, SERVED_WHILE_PAUSED)
    empty_complete_job(): null {
        return null;
    }
}

/** What the bench asks besides. */
class Fixture {
    @update([IDL.Nat32], IDL.Null, SERVED_WHILE_PAUSED)
    fill(jobs: number): null {
        rules.fill(jobs);
        return null;
    }

    @update([], IDL.Tuple(IDL.Nat64, IDL.Nat64), SERVED_WHILE_PAUSED)
    lengths(): [queued: bigint, unsent: bigint] {
        const { queued, unsent } = rules.lengths();
        return [queued, BigInt(unsent)];
    }

    @update([], IDL.Tuple(IDL.Nat64, IDL.Nat64, IDL.Vec(IDL.Nat8)), SERVED_WHILE_PAUSED)
    last_record(): [request: bigint, creditsUsed: bigint, receipt: Uint8Array] {
        const { requestId = 0n, creditsUsed = 0n, receipt = new Uint8Array() } = rules.sent ?? {};
        return [requestId, creditsUsed, receipt];
    }
}

export default [Measured, Empty, Fixture];
