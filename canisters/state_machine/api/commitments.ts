import { dataCertificate, IDL } from 'azle';
import { azleEnv } from '../../../src/azle/azle_env';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { collectPage, pageRange } from '../../../src/core/page';
import { mapOk, err } from '../../../src/core/result';
import { certifyHead } from '../jobs/certify';
import { commitments, proofs } from '../wiring';
import { AttestCommitmentArgs, CommitmentPage, CommitmentView, ProofArgs, ProofView, RangeArgs } from './agreement_idl';
import { fromProofArgs, fromRangeArgs, toCommitmentView, toProofView } from './agreement_mappers';
import { answerType, toAnswer, type Answer } from './errors';
import { signedCaller } from './guards';
import type { Opt } from './idl';
import { toOpt } from './mappers';

const SubmitAnswer = answerType(
    CommitmentView,
    'Anonymous',
    'NotAValidator',
    'InvalidArgument',
    'Gap',
    'Overlap',
    'NotFinal',
    'TooLarge',
    'RootMismatch'
);
const AttestAnswer = answerType(
    CommitmentView,
    'Anonymous',
    'NotAValidator',
    'NotFound',
    'AlreadyVoted',
    'AlreadyFinal'
);
const ProofAnswer = answerType(ProofView, 'NotFound', 'NotCommitted', 'TemporarilyUnavailable');

const identity = <T>(value: T): T => value;

/** Ranges of final states under one root, certified by the network: what users and other chains rely on. */
export class StateCommitments {
    /** Validator: packs the states behind the last commitment. Users may rely on it at once. */
    @update([RangeArgs], SubmitAnswer, SERVED_WHILE_PAUSED)
    submit_commitment(args: RangeArgs): Answer<CommitmentView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toCommitmentView);
        const submitted = commitments.submit(caller.value, fromRangeArgs(args), azleEnv.nowNs());
        if (submitted.ok) certifyHead();
        return toAnswer(submitted, toCommitmentView);
    }

    /** Validator: whether it could verify the network's certificate of a commitment; at the quorum it is confirmed. */
    @update([AttestCommitmentArgs], AttestAnswer, SERVED_WHILE_PAUSED)
    attest_commitment(args: AttestCommitmentArgs): Answer<CommitmentView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toCommitmentView);
        return toAnswer(commitments.attest(caller.value, args, azleEnv.nowNs()), toCommitmentView);
    }

    @query([IDL.Nat64], IDL.Opt(CommitmentView))
    get_commitment(index: bigint): Opt<CommitmentView> {
        const commitment = commitments.find(index);
        return toOpt(commitment && toCommitmentView(commitment));
    }

    @query([IDL.Nat64, IDL.Nat64], CommitmentPage)
    list_commitments(start: bigint, take: bigint): CommitmentPage {
        const length = commitments.count();
        const page = collectPage(start, take, length, (index) => commitments.find(index)).map(toCommitmentView);
        const [, end] = pageRange(start, take, length);
        return { commitments: page, next: toOpt(end < length ? end : undefined), next_from: commitments.nextFrom() };
    }

    /**
     * Witness and certificate of an item or a state; `verifyStateProof` of src/core checks them against the root key of the
     * network. Only a query has a certificate.
     */
    @query([ProofArgs], ProofAnswer)
    get_proof(args: ProofArgs): Answer<ProofView> {
        const certificate = dataCertificate();
        if (certificate === undefined) {
            return toAnswer(err({ kind: 'TemporarilyUnavailable', reason: 'ask as a query' }), identity<ProofView>);
        }
        const proof = mapOk(proofs.witness(fromProofArgs(args)), (witness) => toProofView(witness, certificate));
        return toAnswer(proof, identity<ProofView>);
    }
}
