import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { azleEnv } from '../../../src/azle/azle_env';
import { query, update } from '../../../src/azle/endpoint';
import { drawRandomness } from '../clients/randomness';
import { pushSoon } from '../jobs/push_facts';
import { attesting, pocs, proving } from '../wiring';
import { answerType, toAnswer, type Answer } from './errors';
import { signedCaller } from './guards';
import { AttestArgs, PocPage, PocView, type Opt } from './idl';
import { toOpt, toPocPage, toPocView } from './mappers';

const RequestAnswer = answerType(
    PocView,
    'Anonymous',
    'NotAValidator',
    'NotFound',
    'Removed',
    'NotAComputeNode',
    'NodeOffline',
    'AlreadyOpen',
    'TooSoon',
    'TemporarilyUnavailable'
);
const STEP = ['Anonymous', 'NotFound', 'Unauthorized', 'AlreadyFinal', 'WrongStep', 'DeadlinePassed'] as const;
const AcceptAnswer = answerType(PocView, ...STEP, 'TemporarilyUnavailable');
const SubmitAnswer = answerType(PocView, ...STEP, 'WrongSize');
const AttestAnswer = answerType(
    PocView,
    'Anonymous',
    'NotAValidator',
    'NotFound',
    'AlreadyFinal',
    'WrongStep',
    'DeadlinePassed',
    'Duplicate',
    'OutOfRange'
);

/** Proofs of computing: requested, accepted, submitted, checked, attested. Times are canister times. */
export class Pocs {
    /** Validator: challenges an online compute node. */
    @update([IDL.Principal], RequestAnswer)
    async request_poc(node: Principal): Promise<Answer<PocView>> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPocView);
        const allowed = proving.checkRequest(caller.value, node, azleEnv.nowNs());
        if (!allowed.ok) return toAnswer(allowed, toPocView);
        const seed = await drawRandomness();
        if (!seed.ok) return toAnswer(seed, toPocView);
        return toAnswer(proving.request(caller.value, node, seed.value, azleEnv.nowNs()), toPocView);
    }

    /** Challenged node: starts the clock; the answer carries both seeds. */
    @update([IDL.Nat64], AcceptAnswer)
    async accept_poc(id: bigint): Promise<Answer<PocView>> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPocView);
        const allowed = proving.checkAccept(caller.value, id, azleEnv.nowNs());
        if (!allowed.ok) return toAnswer(allowed, toPocView);
        const randomness = await drawRandomness();
        if (!randomness.ok) return toAnswer(randomness, toPocView);
        return toAnswer(proving.accept(caller.value, id, randomness.value, azleEnv.nowNs()), toPocView);
    }

    /** Challenged node: stops the clock and hands the product in; the canister then checks it with fresh randomness. */
    @update([IDL.Nat64, IDL.Vec(IDL.Nat8)], SubmitAnswer)
    async submit_poc(id: bigint, product: Uint8Array): Promise<Answer<PocView>> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPocView);
        const submitted = proving.submit(caller.value, id, product, azleEnv.nowNs());
        if (!submitted.ok) return toAnswer(submitted, toPocView);
        const randomness = await drawRandomness();
        // Without randomness the product stays submitted, and the timer checks it.
        const checked = randomness.ok ? proving.check(id, randomness.value, azleEnv.nowNs()) : pocs.find(id);
        return toAnswer(submitted, (before) => toPocView(checked ?? before));
    }

    /** Validator: its verdict on a product that passed the canister's own check; at the quorum the proof is final. */
    @update([AttestArgs], AttestAnswer)
    attest_poc(args: AttestArgs): Answer<PocView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPocView);
        const attestation = { id: args.id, ok: args.ok, elapsedMs: args.elapsed_ms };
        const attested = attesting.attest(caller.value, attestation, azleEnv.nowNs());
        if (attested.ok && attested.value.state === 'Passed') pushSoon();
        return toAnswer(attested, toPocView);
    }

    @query([IDL.Nat64], IDL.Opt(PocView))
    get_poc(id: bigint): Opt<PocView> {
        const poc = pocs.find(id);
        return toOpt(poc && toPocView(poc));
    }

    /** The submitted product while the proof is open: int32 entries, little-endian, row after row. */
    @query([IDL.Nat64], IDL.Opt(IDL.Vec(IDL.Nat8)))
    get_poc_product(id: bigint): Opt<Uint8Array> {
        return toOpt(pocs.product(id));
    }

    /** Decided proofs in the order of their decision: their positions are the references of state items. */
    @query([IDL.Nat64, IDL.Nat64], PocPage)
    list_poc_results(start: bigint, take: bigint): PocPage {
        return toPocPage(pocs.resultPage(start, take));
    }

    /** What a node has to do: at most one proof. */
    @query([IDL.Principal], IDL.Vec(PocView))
    list_open_pocs(node: Principal): PocView[] {
        const open = pocs.openOf(node);
        return open === undefined ? [] : [toPocView(open)];
    }

    /** Proofs that wait for verdicts among a page of the open ones; go on while there is a `next`. */
    @query([IDL.Nat64, IDL.Nat64], PocPage)
    list_pocs_to_attest(start: bigint, take: bigint): PocPage {
        return toPocPage(pocs.openPage('Attesting', start, take));
    }
}
