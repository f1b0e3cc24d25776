import type { ValidatorConfig } from '../config';
import { jitteredMs, uniformMs, type Duty } from '../duty';
import type { ComputeNode, Context } from '../ports';

type ChallengeConfig = Pick<ValidatorConfig, 'challengeMs' | 'reproofMinMs' | 'reproofMaxMs'>;

/** Another validator was faster, or the node has just been asked: nothing to do and nothing to report. */
const EXPECTED_REFUSALS: readonly string[] = ['AlreadyOpen', 'TooSoon', 'NodeOffline', 'NotFound', 'Removed'];

/** Asks online nodes for proofs: those that have none at once, active ones again at irregular times (white paper §2). */
export function challengeDuty({ state, clock, log }: Context, config: ChallengeConfig): Duty {
    const isDue = (node: ComputeNode, spacingMs: number): boolean => {
        const ageMs = clock.nowMs() - node.lastPocMs;
        if (!node.isActive) return ageMs > spacingMs;
        return ageMs > Math.max(spacingMs, uniformMs(clock, config.reproofMinMs, config.reproofMaxMs));
    };
    const challenge = async ({ node }: ComputeNode): Promise<void> => {
        const refused = await state.requestProof(node);
        if (refused === undefined) log.info({ node }, 'proof requested');
        else if (EXPECTED_REFUSALS.includes(refused.code)) log.debug({ node, code: refused.code }, 'no proof needed');
        else log.warn({ node, code: refused.code }, 'proof request refused');
    };
    return {
        name: 'challenge',
        async run(signal) {
            if (!(await state.isValidator())) return;
            const spacingMs = await state.proofSpacingMs();
            const nodes = await state.onlineComputeNodes();
            for (const node of nodes.filter((candidate) => isDue(candidate, spacingMs))) {
                if (signal.aborted) return;
                await challenge(node);
            }
        },
        nextMs: () => jitteredMs(clock, config.challengeMs)
    };
}
