import type { ValidatorConfig } from '../config';
import { uniformMs, type Duty } from '../duty';
import type { Clock, Context, ProbeOutcome } from '../ports';

type ProbeConfig = Pick<ValidatorConfig, 'probeMinMs' | 'probeMaxMs' | 'probeTimeoutMs'>;

/**
 * Sends an ordinary request through the public API at random times, so that nobody can tell a probe from a user's call
 * (S0: every 1–2 h, over the nodes that reported within 30 minutes).
 */
export function probeDuty({ state, api, clock, log, metrics }: Context, config: ProbeConfig): Duty {
    const pauseMs = (): number => uniformMs(clock, config.probeMinMs, config.probeMaxMs);
    return {
        name: 'probe',
        async run(signal) {
            const online = (await state.onlineComputeNodes()).filter((node) => node.isActive);
            if (online.length === 0) return log.info('no active node to probe');
            const startedMs = clock.nowMs();
            const limit = AbortSignal.any([signal, AbortSignal.timeout(config.probeTimeoutMs)]);
            const outcome = await api.embed(randomSentence(clock), limit);
            if (signal.aborted) return;
            metrics.countProbe(outcome.kind);
            const facts = { outcome: withoutId(outcome), elapsedMs: clock.nowMs() - startedMs };
            if (outcome.kind === 'served') log.info(facts, 'probe served');
            else log.warn(facts, 'probe failed');
        },
        firstMs: pauseMs,
        nextMs: pauseMs
    };
}

const WORDS = (
    'the a this our every small large old new bright quiet early river market garden engine letter city winter window ' +
    'teacher child ship forest question answer price morning evening opens carries follows finds builds reads sells ' +
    'crosses under over before after with without near about some many few people houses songs roads'
).split(' ');

/** For the log, which knows no large numbers. */
function withoutId(outcome: ProbeOutcome): object {
    return outcome.kind === 'served' ? { kind: outcome.kind, dimensions: outcome.dimensions } : outcome;
}

/** A line of everyday words: a fixed text would give the prober away. */
export function randomSentence(clock: Clock): string {
    const length = uniformMs(clock, 4, 16);
    const words = Array.from({ length }, () => WORDS[Math.floor(clock.random() * WORDS.length)] ?? 'river');
    return words.join(' ');
}
