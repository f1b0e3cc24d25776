import type { ValidatorConfig } from '../config';
import { jitteredMs, type Duty } from '../duty';
import type { ComputeNode, Context } from '../ports';

type ChallengeConfig = Pick<ValidatorConfig, 'challengeMs' | 'reproofMeanMs' | 'reproofMaxMs'>;

/** Another validator was faster, the node has just been asked, or the validators have paused the proofs: nothing to do and nothing to report. */
const EXPECTED_REFUSALS: readonly string[] = [
    'AlreadyOpen',
    'TooSoon',
    'NodeOffline',
    'NotFound',
    'Removed',
    'Suspended'
];

/**
 * Asks online nodes for proofs. Newcomers at once, but each validator only once: three must have asked. Active ones at random
 * times that nobody can foresee (compute.md §4.4: a Poisson process per node, shared by the validators), and surely
 * before their last proof is too old for rewards.
 */
export function challengeDuty({ state, clock, log }: Context, config: ChallengeConfig): Duty {
    const isDue = (node: ComputeNode, spacingMs: number, validators: number): boolean => {
        const ageMs = clock.nowMs() - node.lastPocMs;
        if (ageMs <= spacingMs) return false;
        if (!node.isActive || ageMs > config.reproofMaxMs) return true;
        return clock.random() < 1 - Math.exp(-config.challengeMs / (config.reproofMeanMs * validators));
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
            const [spacingMs, validators] = [await state.proofSpacingMs(), await state.validatorCount()];
            const due = (await state.onlineComputeNodes()).filter((node) => isDue(node, spacingMs, validators));
            const inactive = due.filter(({ isActive }) => !isActive).map(({ node }) => node);
            const mine = inactive.length === 0 ? new Set<string>() : await state.newcomersOfMine(inactive);
            for (const node of due) {
                if (signal.aborted) return;
                if (!mine.has(node.node)) await challenge(node);
            }
        },
        nextMs: () => jitteredMs(clock, config.challengeMs)
    };
}
