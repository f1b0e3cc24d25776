import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { hasRandomness, randomWords } from '../../../src/azle/random';
import { err, mapOk, ok, type Result } from '../../../src/core/result';
import { getStandings } from '../clients/state_machine';
import { claim, goodbye, heartbeat, leasesOf, MAX_CLAIM, MAX_COMPLETIONS } from '../domain/claim';
import { complete, fail } from '../domain/finish';
import { countQueued } from '../domain/peek';
import type { Attachment } from '../domain/node';
import {
    attach,
    checkOffer,
    checkStanding,
    detach,
    nodeAccess,
    type Offer,
    type OfferError,
    type StandingError
} from '../domain/nodes';
import { checkRequirements } from '../domain/requirements';
import type { ErrorOf } from '../domain/errors';
import { deliverSoon } from '../jobs/deliver_outbox';
import { currentAccess } from '../jobs/refresh_nodes';
import { ensureSeeded } from '../jobs/seed_tokens';
import { book, env, peers, tables } from '../wiring';
import {
    AttachNodeAnswer,
    AttachNodeArgs,
    ClaimArgs,
    ClaimJobsAnswer,
    CompleteJobArgs,
    FailJobArgs,
    GetAttachmentAnswer,
    GoodbyeAnswer,
    HeartbeatReply,
    HeldLeases,
    LeaseView,
    PeekReply
} from './idl';
import { fromCandidCapacity } from './idl_requirements';
import { CompleteJobAnswer, CompleteJobsAnswer, FailJobAnswer } from './idl_work';
import { encodeWorkAnswer } from './encode_job';
import { encodeLeases } from './encode_leases';
import {
    fromCompleteJobArgs,
    fromFailJobArgs,
    fromHeldLeases,
    grantedOf,
    signedIn,
    toAttachmentView,
    toHeartbeatReply,
    toLeaseViews,
    toWorkView
} from './mappers';

export class Nodes {
    /** A compute node that the state machine calls Active, for itself. No apps at all withdraws it. */
    @update([AttachNodeArgs], AttachNodeAnswer.idl)
    async attach_node(args: AttachNodeArgs) {
        const node = signedIn(env.caller());
        if (!node.ok) return AttachNodeAnswer.of(node);
        const attachment = await attached(node.value, fromAttachNodeArgs(args));
        return AttachNodeAnswer.of(mapOk(attachment, (taken) => toAttachmentView(book, taken)));
    }

    /** Anyone. */
    @query([IDL.Principal], GetAttachmentAnswer.idl)
    get_attachment(node: Principal) {
        const attachment = tables.attachments.get(node);
        if (attachment === undefined) return GetAttachmentAnswer.of(err({ kind: 'NotFound' }));
        return GetAttachmentAnswer.of(ok(toAttachmentView(book, attachment)));
    }

    /**
     * Anyone: how many jobs of these apps wait; for an attached node, of those apps alone of which a claim could bring it one now. Costs
     * nothing, so that nodes can ask as often as they like.
     */
    @query([IDL.Vec(IDL.Text)], PeekReply)
    peek(appIds: string[]): PeekReply {
        return { queued: countQueued(book, appIds, env.nowNs(), env.caller()) };
    }

    /** An attached and active node. */
    @update([ClaimArgs], ClaimJobsAnswer.idl)
    claim_jobs(args: ClaimArgs) {
        const node = signedIn(env.caller());
        if (!node.ok) return ClaimJobsAnswer.of(node);
        const access = nodeAccess(tables, node.value, env.nowNs());
        if (access.kind === 'Refused') return ClaimJobsAnswer.of(err(access.error));
        if (access.kind === 'Ready' && hasRandomness()) return claimed(node.value, args);
        return claimedLater(node.value, args);
    }

    /** Anyone: the caller's own live leases, for a node that was restarted; at most 16 at a time. */
    @query([IDL.Nat64], IDL.Vec(LeaseView))
    my_leases(start: bigint): LeaseView[] {
        return toLeaseViews(book, leasesOf(book, env.caller(), start));
    }

    /** A node, for leases of its own: whoever holds none learns that all are unknown. */
    @update([HeldLeases], HeartbeatReply, SERVED_WHILE_PAUSED)
    heartbeat(held: HeldLeases): HeartbeatReply {
        const reply = heartbeat(book, env.caller(), fromHeldLeases(held), env.nowNs());
        deliverSoon();
        return toHeartbeatReply(reply);
    }

    /** The holder of the job's latest lease. */
    @update([CompleteJobArgs], CompleteJobAnswer.idl, SERVED_WHILE_PAUSED)
    complete_job(args: CompleteJobArgs) {
        const node = signedIn(env.caller());
        if (!node.ok) return CompleteJobAnswer.of(node);
        const job = complete(book, fromCompleteJobArgs(args, node.value), env.nowNs());
        deliverSoon();
        return job.ok ? encodeWorkAnswer(job.value) : CompleteJobAnswer.of(job);
    }

    /** The holder of the jobs' latest leases: up to 16 results at once, each with an answer of its own. */
    @update([IDL.Vec(CompleteJobArgs)], CompleteJobsAnswer, SERVED_WHILE_PAUSED)
    complete_jobs(all: CompleteJobArgs[]) {
        const node = signedIn(env.caller());
        const nowNs = env.nowNs();
        const answers = all.map((args, index) => {
            if (!node.ok) return CompleteJobAnswer.of(node);
            if (index >= MAX_COMPLETIONS) return CompleteJobAnswer.of(err({ kind: 'StaleLease' }));
            const job = complete(book, fromCompleteJobArgs(args, node.value), nowNs);
            return job.ok ? encodeWorkAnswer(job.value) : CompleteJobAnswer.of(job);
        });
        deliverSoon();
        return answers;
    }

    /** An attached node that is about to stop: its leases go back at once and without blame, and it gets no more jobs. */
    @update([], GoodbyeAnswer.idl, SERVED_WHILE_PAUSED)
    goodbye() {
        const node = signedIn(env.caller());
        if (!node.ok) return GoodbyeAnswer.of(node);
        if (!detach(tables, node.value)) return GoodbyeAnswer.of(err({ kind: 'NotAttached' }));
        const given = goodbye(book, node.value, env.nowNs());
        deliverSoon();
        return GoodbyeAnswer.of(ok(given));
    }

    /** The holder of the job's live lease. */
    @update([FailJobArgs], FailJobAnswer.idl, SERVED_WHILE_PAUSED)
    fail_job(args: FailJobArgs) {
        const node = signedIn(env.caller());
        if (!node.ok) return FailJobAnswer.of(node);
        const job = fail(book, fromFailJobArgs(args, node.value), env.nowNs());
        deliverSoon();
        return FailJobAnswer.of(mapOk(job, toWorkView));
    }
}

function fromAttachNodeArgs({ apps, slots, capacity: [capacity] }: AttachNodeArgs): Offer {
    return { apps, slots, capacity: capacity && fromCandidCapacity(capacity) };
}

async function attached(
    node: Principal,
    offer: Offer
): Promise<Result<Attachment, OfferError | StandingError | ErrorOf<'TemporarilyUnavailable'>>> {
    const checked = checkOffer(tables, node, offer);
    if (!checked.ok) return checked;
    const standings = await getStandings(peers, [node]);
    if (!standings.ok) return standings;
    const standing = checkStanding(standings.value[0]);
    if (!standing.ok) return standing;
    const allowed = checkRequirements(tables, offer.apps, standing.value, offer.capacity, env.nowNs());
    return allowed.ok ? attach(tables, node, offer, env.nowNs(), standing.value.region) : allowed;
}

function claimed(node: Principal, args: ClaimArgs) {
    const { max, apps } = args;
    const jobs = claim(book, node, randomWords(Math.min(max, MAX_CLAIM)), env.nowNs(), apps[0]);
    deliverSoon();
    const granted = grantedOf(book, jobs);
    return granted === undefined ? ClaimJobsAnswer.of(ok(toLeaseViews(book, jobs))) : encodeLeases(granted);
}

/** For a node whose standing must be asked for first, or before there is randomness. */
async function claimedLater(node: Principal, args: ClaimArgs) {
    const access = await currentAccess(node);
    if (access.kind === 'Refused') return ClaimJobsAnswer.of(err(access.error));
    await ensureSeeded();
    return claimed(node, args);
}
