import { randomBytes } from 'node:crypto';
import { SEED_BYTES } from '../../core/poc/seeds';
import { checkVectors, verifyOpening } from '../../core/poc/verify';
import type { ValidatorConfig } from '../config';
import { jitteredMs, type Duty } from '../duty';
import type { Context, PendingProof } from '../ports';

/**
 * Verifies openings with randomness of its own, drawn after the canister has stored them, and tells the canister the verdict:
 * once per proof. A wrong row passes with probability 1 / (2^26 - 5) = 1.5e-8, and other validators draw other randomness.
 */
export function attestDuty({ state, clock, log, metrics }: Context, config: Pick<ValidatorConfig, 'attestMs'>): Duty {
    const attest = async ({ id, node, claim, drawing }: PendingProof): Promise<void> => {
        const opening = await state.opening(id);
        if (opening === undefined) return;
        const vectors = checkVectors(claim.slotSeed, claim.shape.dimension, randomBytes(SEED_BYTES));
        const verdict = verifyOpening(claim, drawing, opening, vectors);
        const refused = await state.attest(id, verdict.ok);
        metrics.countProof(verdict.ok, refused?.code);
        const fault = verdict.ok ? undefined : verdict.error.code;
        const facts = { poc: id.toString(), node, verdict: verdict.ok, fault, code: refused?.code };
        if (refused === undefined) log.info(facts, 'proof attested');
        else log.debug(facts, 'attestation refused');
    };
    return {
        name: 'attest',
        async run(signal) {
            if (!(await state.isValidator())) return;
            for (const proof of await state.pendingProofs()) {
                if (signal.aborted) return;
                if (!proof.hasMyVote) await attest(proof);
            }
        },
        nextMs: () => jitteredMs(clock, config.attestMs)
    };
}
