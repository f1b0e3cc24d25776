import type { ValidatorConfig } from '../config';
import { jitteredMs, type Duty } from '../duty';
import { sideBySide } from '../side_by_side';
import type { Clock, ComputeNode, Context, Standing } from '../ports';

type ChallengeConfig = Pick<ValidatorConfig, 'challengeMs' | 'reproofMeanMs' | 'reproofMaxMs'>;

/** The canister checks no more newcomers for now. */
const OVER_QUOTA = 'RateLimited';
/** Another validator was faster, the node has just been asked, or the validators have paused the proofs: nothing to do and nothing to report. */
const EXPECTED_REFUSALS: readonly string[] = [
    'AlreadyOpen',
    'TooSoon',
    'NodeOffline',
    'NotFound',
    'Removed',
    'Suspended',
    OVER_QUOTA
];

/** A newcomer that fails is asked again after twice the time, and so on, until it is this power of two. */
const MAX_DOUBLINGS = 4;
/** Requests under way at a time: a network answers in seconds, and there may be a thousand newcomers. */
const AT_A_TIME = Array.from({ length: 8 }, (_, lane) => lane);
const NO_STANDING: Standing = { failures: 0, isMine: false };

/**
 * Asks online nodes for proofs. Newcomers at once, but each validator only once: three must have asked. Active ones at random
 * times that nobody can foresee (compute.md §4.4: a Poisson process per node, shared by the validators), and surely
 * before their last proof is too old for rewards. In random order, but those that failed come last: newcomers that answer
 * nothing, however many, keep nobody waiting.
 */
export function challengeDuty({ state, clock, log }: Context, config: ChallengeConfig): Duty {
    /** Whether the canister takes more such requests. */
    const challenge = async ({ node }: ComputeNode): Promise<boolean> => {
        const refused = await state.requestProof(node);
        if (refused === undefined) log.info({ node }, 'proof requested');
        else if (EXPECTED_REFUSALS.includes(refused.code)) log.debug({ node, code: refused.code }, 'no proof needed');
        else log.warn({ node, code: refused.code }, 'proof request refused');
        return refused?.code !== OVER_QUOTA;
    };
    return {
        name: 'challenge',
        async run(signal) {
            if (!(await state.isValidator())) return;
            const [spacingMs, validators] = [await state.proofSpacingMs(), await state.validatorCount()];
            const nodes = (await state.onlineComputeNodes()).filter(
                ({ lastPocMs }) => clock.nowMs() - lastPocMs > spacingMs
            );
            const inactive = nodes.filter(({ isActive }) => !isActive).map(({ node }) => node);
            const standings = inactive.length === 0 ? new Map<string, Standing>() : await state.standings(inactive);
            const standingOf = ({ node }: ComputeNode): Standing => standings.get(node) ?? NO_STANDING;
            const chance = 1 - Math.exp(-config.challengeMs / (config.reproofMeanMs * validators));
            const isDue = (node: ComputeNode): boolean => {
                const ageMs = clock.nowMs() - node.lastPocMs;
                if (node.isActive) return ageMs > config.reproofMaxMs || clock.random() < chance;
                return !standingOf(node).isMine && ageMs > patienceMs(node, standingOf(node), spacingMs);
            };
            const due = shuffled(clock, nodes.filter(isDue));
            due.sort((a, b) => standingOf(a).failures - standingOf(b).failures);
            let hasQuota = true;
            await sideBySide(due, AT_A_TIME, signal, async (node) => {
                if (hasQuota || node.isActive) hasQuota = (await challenge(node)) && hasQuota;
            });
        },
        nextMs: () => jitteredMs(clock, config.challengeMs)
    };
}

/** How long a node that is not active is left alone. Only one that never was Active waits longer when it fails. */
function patienceMs({ isNew }: ComputeNode, { failures }: Standing, spacingMs: number): number {
    return isNew ? spacingMs * 2 ** Math.min(failures, MAX_DOUBLINGS) : spacingMs;
}

/** The same in an order that nobody can foresee (Fisher and Yates). */
function shuffled<T>(chance: Pick<Clock, 'random'>, given: readonly T[]): T[] {
    const items = [...given];
    for (let last = items.length - 1; last > 0; last--) {
        const chosen = Math.floor(chance.random() * (last + 1));
        [items[last], items[chosen]] = [items[chosen] as T, items[last] as T];
    }
    return items;
}
