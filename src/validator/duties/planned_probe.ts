import type { ValidatorConfig } from '../config';
import { jitteredMs, type Duty } from '../duty';
import type { Context, DueProbe, ProbeOutcome, ProbePlanPort, ProbeStatus } from '../ports';
import { probeInput } from './probe_input';

type PlannedProbeConfig = Pick<ValidatorConfig, 'planMs' | 'probeTimeoutMs'>;

/**
 * Follows the hub's plan: each due node gets an ordinary request through the public API, by a key whose limits lead to that
 * node alone, so that the node cannot tell the probe from a user's call (S0: every 1–2 h).
 */
export function plannedProbeDuty(context: Context, plan: ProbePlanPort, config: PlannedProbeConfig): Duty {
    const { state, clock } = context;
    return {
        name: 'probe',
        async run(signal) {
            if (!(await state.isValidator())) return;
            for (const due of await plan.dueProbes()) {
                if (signal.aborted) return;
                await probe(context, plan, config, due, signal);
            }
        },
        nextMs: () => jitteredMs(clock, config.planMs)
    };
}

async function probe(
    { api, clock, log, metrics }: Context,
    plan: ProbePlanPort,
    config: PlannedProbeConfig,
    due: DueProbe,
    signal: AbortSignal
): Promise<void> {
    const directed = await plan.direct(due.node);
    if (directed !== undefined) return log.warn({ ...facts(due), code: directed.code }, 'API key cannot be directed');
    const startedMs = clock.nowMs();
    const limit = AbortSignal.any([signal, AbortSignal.timeout(config.probeTimeoutMs)]);
    const outcome = await api.embed(probeInput(clock), limit);
    if (signal.aborted) return;
    const elapsedMs = clock.nowMs() - startedMs;
    const requestId = outcome.kind === 'served' ? outcome.requestId : undefined;
    const executor = requestId === undefined ? undefined : await plan.executorOf(requestId);
    if (executor !== undefined && executor !== due.node) {
        metrics.countProbe('misdirected');
        return log.warn({ ...facts(due), executor }, 'another node answered the probe');
    }
    const status = statusOf(outcome);
    metrics.countProbe(status);
    const refused = await plan.submit({ ...due, status, elapsedMs: BigInt(elapsedMs), requestId });
    log.info({ ...facts(due), status, elapsedMs, code: refused?.code }, 'probe done');
}

function facts(due: DueProbe): { readonly probe: string; readonly node: string } {
    return { probe: due.probeId.toString(), node: due.node };
}

function statusOf(outcome: ProbeOutcome): ProbeStatus {
    if (outcome.kind === 'served') return 'Success';
    if (outcome.kind === 'refused') return outcome.httpStatus === 504 ? 'Timeout' : 'Failed';
    return outcome.reason === 'TimeoutError' ? 'Timeout' : 'Unreachable';
}
