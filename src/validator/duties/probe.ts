import type { ValidatorConfig } from '../config';
import { uniformMs, type Duty } from '../duty';
import type { Context, ProbeOutcome } from '../ports';
import { modelFor, probeCall } from './probe_call';

type ProbeConfig = Pick<ValidatorConfig, 'probeMinMs' | 'probeMaxMs' | 'probeTimeoutMs' | 'probeModel'>;

/**
 * Sends an ordinary request through the public API at random times, so that nobody can tell a probe from a user's call
 * (S0: every 1–2 h, over the nodes that reported within 30 minutes).
 */
export function probeDuty({ state, api, clock, texts, log, metrics }: Context, config: ProbeConfig): Duty {
    const pauseMs = (): number => uniformMs(clock, config.probeMinMs, config.probeMaxMs);
    return {
        name: 'probe',
        async run(signal) {
            const online = (await state.onlineComputeNodes()).filter((node) => node.isActive);
            if (online.length === 0) return log.info('no active node to probe');
            const apps = online.flatMap((node) => node.apps);
            const model = modelFor(clock, await api.models(signal), apps, config.probeModel);
            const startedMs = clock.nowMs();
            const limit = AbortSignal.any([signal, AbortSignal.timeout(config.probeTimeoutMs)]);
            const outcome = await api.send(probeCall(clock, model, texts), limit);
            if (signal.aborted) return;
            metrics.countProbe(outcome.kind);
            const facts = { outcome: withoutId(outcome), model: model.id, elapsedMs: clock.nowMs() - startedMs };
            if (outcome.kind === 'served') log.info(facts, 'probe served');
            else log.warn(facts, 'probe failed');
        },
        firstMs: pauseMs,
        nextMs: pauseMs
    };
}

/** For the log, which knows no large numbers. */
function withoutId(outcome: ProbeOutcome): object {
    return outcome.kind === 'served' ? { kind: outcome.kind } : outcome;
}
