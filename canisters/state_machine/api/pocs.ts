import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { azleEnv } from '../../../src/azle/azle_env';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { collectPage, PAGE_LIMIT, pageRange } from '../../../src/core/page';
import { ok } from '../../../src/core/result';
import type { KnownChallenge } from '../domain/poc/records';
import { drawRandomness } from '../clients/randomness';
import { pushSoon } from '../jobs/push_facts';
import { goOn, settleSoon } from '../jobs/settle_challenges';
import { challenges } from '../wiring';
import { answerType, toAnswer, type Answer } from './errors';
import { signedCaller } from './guards';
import { toOpt } from './mappers';
import { AttestArgs, Blob, CommitArgs, FalseVerdictPage, PocPage, PocScore, PocView } from './poc_idl';
import { toFalseVerdictView, toPocPage, toPocScore, toPocView } from './poc_mappers';
import type { Opt } from './tags';

const RequestAnswer = answerType(
    PocView,
    'Anonymous',
    'NotAValidator',
    'Suspended',
    'NotFound',
    'Removed',
    'NotAComputeNode',
    'NodeOffline',
    'AlreadyOpen',
    'TooSoon',
    'RateLimited',
    'TemporarilyUnavailable'
);
const STEP = ['Anonymous', 'NotFound', 'Unauthorized', 'AlreadyFinal', 'WrongStep', 'DeadlinePassed'] as const;
const AcceptAnswer = answerType(PocView, ...STEP, 'InvalidArgument', 'Suspended', 'TemporarilyUnavailable');
const CommitAnswer = answerType(PocView, ...STEP, 'InvalidArgument');
const OpenAnswer = answerType(PocView, ...STEP, 'WrongSize');
const AttestAnswer = answerType(
    PocView,
    'Anonymous',
    'NotAValidator',
    'NotFound',
    'AlreadyFinal',
    'WrongStep',
    'DeadlinePassed',
    'Duplicate'
);

const { course, verdicts, book, falseVerdicts } = challenges;

/** EMC-PoC-1, step by step (docs/poc.md §10). Times are canister times; what was read before a draw is decided again after it. */
export class Pocs {
    /** Validator: challenges an online compute node. */
    @update([IDL.Principal], RequestAnswer, SERVED_WHILE_PAUSED)
    async request_poc(node: Principal): Promise<Answer<PocView>> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPocView);
        const allowed = course.checkRequest(caller.value, node, azleEnv.nowNs());
        if (!allowed.ok) return toAnswer(allowed, toPocView);
        const isOpen = course.slotSeed(azleEnv.nowNs()) !== undefined;
        const drawn = isOpen ? ok(undefined) : await drawRandomness();
        if (!drawn.ok) return toAnswer(drawn, toPocView);
        return toAnswer(course.request(caller.value, node, drawn.value, azleEnv.nowNs()), toPocView);
    }

    /**
     * Challenged node: starts the clock; the answer carries both seeds. In the first epoch of a version of the specification
     * a node may ask for the one before it.
     */
    @update([IDL.Nat64, IDL.Opt(IDL.Nat32)], AcceptAnswer, SERVED_WHILE_PAUSED)
    async accept_poc(id: bigint, [version]: Opt<number>): Promise<Answer<PocView>> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPocView);
        const allowed = course.checkAccept(caller.value, { id, version }, azleEnv.nowNs());
        // Asked again, it has its seeds already.
        if (!allowed.ok || allowed.value.state === 'Accepted') return toAnswer(allowed, toPocView);
        const drawn = await drawRandomness();
        if (!drawn.ok) return toAnswer(drawn, toPocView);
        return toAnswer(course.accept(caller.value, { id, version }, drawn.value, azleEnv.nowNs()), toPocView);
    }

    /** Challenged node: stops the clock by committing to its rounds; the canister then draws the rows to open. */
    @update([CommitArgs], CommitAnswer, SERVED_WHILE_PAUSED)
    async commit_poc({ id, commitment, rounds }: CommitArgs): Promise<Answer<PocView>> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPocView);
        const digest = Uint8Array.from(commitment);
        const committed = course.commit(caller.value, id, digest, rounds, azleEnv.nowNs());
        return committed.ok ? answerAfter(committed.value) : toAnswer(committed, toPocView);
    }

    /** Challenged node: shows the rows that were drawn; the canister then draws who checks them, and by what. */
    @update([IDL.Nat64, Blob], OpenAnswer, SERVED_WHILE_PAUSED)
    async open_poc(id: bigint, opening: Uint8Array): Promise<Answer<PocView>> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPocView);
        const opened = course.open(caller.value, id, opening, azleEnv.nowNs());
        return opened.ok ? answerAfter(opened.value) : toAnswer(opened, toPocView);
    }

    /** Validator: its verdict on an opening that was left to the validators; at the quorum the challenge is final or disputed. */
    @update([AttestArgs], AttestAnswer, SERVED_WHILE_PAUSED)
    attest_poc(args: AttestArgs): Answer<PocView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPocView);
        const attested = verdicts.attest(caller.value, args.id, args.ok, azleEnv.nowNs());
        if (attested.ok && attested.value.state === 'Disputed') settleSoon();
        if (attested.ok && attested.value.finalAtNs !== undefined) pushSoon();
        return toAnswer(attested, toPocView);
    }

    @query([IDL.Nat64], IDL.Opt(PocView))
    get_poc(id: bigint): Opt<PocView> {
        const challenge = book.find(id);
        return toOpt(challenge && toPocView(challenge));
    }

    /** The opening while the challenge is open. */
    @query([IDL.Nat64], IDL.Opt(Blob))
    get_poc_opening(id: bigint): Opt<Uint8Array> {
        return toOpt(book.opening(id));
    }

    /** What a node has to do: at most one challenge. */
    @query([IDL.Principal], IDL.Opt(PocView))
    get_open_poc(node: Principal): Opt<PocView> {
        const open = book.openOf(node);
        return toOpt(open && toPocView(open));
    }

    /** Decided challenges in the order of their decision: their positions are the references of state items. */
    @query([IDL.Nat64, IDL.Nat64], PocPage)
    list_poc_results(start: bigint, take: bigint): PocPage {
        return toPocPage(book.resultPage(start, take));
    }

    /** Challenges that wait for verdicts among a page of the open ones; go on while there is a `next`. */
    @query([IDL.Nat64, IDL.Nat64], PocPage)
    list_pocs_to_attest(start: bigint, take: bigint): PocPage {
        return toPocPage(book.attestingPage(start, take));
    }

    /** Votes that the canister's own check of the opening contradicts, oldest first. Anybody may base a case on them. */
    @query([IDL.Nat64, IDL.Nat64], FalseVerdictPage)
    list_false_verdicts(start: bigint, take: bigint): FalseVerdictPage {
        const length = falseVerdicts.count();
        const verdicts = collectPage(start, take, length, (index) => falseVerdicts.at(index)).map(toFalseVerdictView);
        const [, end] = pageRange(start, take, length);
        return { verdicts, next: toOpt(end < length ? end : undefined) };
    }

    /** How nodes have done lately; answers the first 100 in their order. */
    @query([IDL.Vec(IDL.Principal)], IDL.Vec(PocScore))
    get_poc_scores(nodes: Principal[]): PocScore[] {
        const nowNs = azleEnv.nowNs();
        return nodes.slice(0, Number(PAGE_LIMIT)).map((node) => toPocScore(node, nowNs));
    }
}

/** Answers with the challenge as it is once the canister has done its part; of one that has failed there is none. */
async function answerAfter(challenge: KnownChallenge): Promise<Answer<PocView>> {
    if (challenge.finalAtNs !== undefined) {
        pushSoon();
        return toAnswer(ok(challenge), toPocView);
    }
    const reached = await goOn(challenge);
    return toAnswer(ok(reached ?? challenge), toPocView);
}
