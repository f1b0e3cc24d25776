/** Verification of the state machine's proofs, off chain: canisters must not import this module. */
import {
    checkWitness,
    isAbout,
    type ProofSubject,
    type ProvenState,
    type StateWitness,
    type WitnessFault
} from '../consensus/state_proof';
import { err, ok, type Result } from '../result';
import { verifyCertifiedData, type CertificateFault, type Trust } from './verify_certificate';

/** A proof's content and the time at which the network stood by it. */
export interface VerifiedState extends ProvenState {
    readonly certifiedAtNs: bigint;
}

/**
 * Checks a proof that `get_proof` of the state machine answered: certificate, freshness, witness, and that it is about what was
 * asked, against the network's root key alone. The node that answered need not be trusted.
 */
export function verifyStateProof(
    subject: ProofSubject,
    witness: StateWitness,
    certificate: Uint8Array,
    trust: Trust
): Result<VerifiedState, CertificateFault | WitnessFault | 'AnotherSubject'> {
    const certified = verifyCertifiedData(certificate, trust);
    if (!certified.ok) return certified;
    const proven = checkWitness(witness, certified.value.data);
    if (!proven.ok) return proven;
    if (!isAbout(proven.value, subject)) return err('AnotherSubject');
    return ok({ ...proven.value, certifiedAtNs: certified.value.timeNs });
}
