import { MAX_POC_MS, MIN_POC_MS } from '../../core/poc/e_value';
import { recomputeProduct } from '../../core/poc/product';
import type { ValidatorConfig } from '../config';
import { jitteredMs, type Duty } from '../duty';
import type { Context, PendingProof } from '../ports';

/** Verifies submitted products by doing the task again, and tells the canister the verdict: once per proof. */
export function attestDuty({ state, clock, log }: Context, config: Pick<ValidatorConfig, 'attestMs'>): Duty {
    const attest = async (proof: PendingProof): Promise<void> => {
        const product = await state.product(proof.id);
        if (product === undefined) return;
        const { ok } = recomputeProduct(proof.task, product);
        const refused = await state.attest(proof.id, { ok, elapsedMs: inRange(proof.elapsedMs) });
        const facts = { poc: proof.id.toString(), node: proof.node, verdict: ok, code: refused?.code };
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

function inRange(elapsedMs: bigint): bigint {
    if (elapsedMs < MIN_POC_MS) return MIN_POC_MS;
    return elapsedMs > MAX_POC_MS ? MAX_POC_MS : elapsedMs;
}
