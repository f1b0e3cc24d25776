import type { ValidatorConfig } from '../config';
import { jitteredMs, type Duty } from '../duty';
import type { Context, DueProbe, ProbeKey, ProbeOutcome, ProbePlanPort, ProbeStatus } from '../ports';
import { sideBySide } from '../side_by_side';
import { OTHER_ANSWER } from './compared_api';
import { modelFor, probeCall } from './probe_call';

type PlannedProbeConfig = Pick<ValidatorConfig, 'planMs' | 'probeTimeoutMs' | 'probeModel' | 'recordMs'>;

/** Between two looks for the record of a call. */
const RECORD_POLL_MS = 1_000;

/** What a probe came to. */
interface Finding {
    readonly status: ProbeStatus;
    /** The request that the call became, if it did. */
    readonly requestId?: bigint;
}

/**
 * Follows the hub's plan: each due node gets an ordinary request through the public API, by a key whose limits lead to that
 * node alone, so that the node cannot tell the probe from a user's call (S0: every 1–2 h). What is said of a probe is what
 * the hub recorded of that request, wherever it became one. A probe takes the seconds that a job takes, so a validator of many
 * nodes has several keys, and as many probes on their way.
 */
export function plannedProbeDuty(context: Context, plan: ProbePlanPort, config: PlannedProbeConfig): Duty {
    const { state, clock } = context;
    return {
        name: 'probe',
        async run(signal) {
            if (!(await state.isValidator())) return;
            const tried = new Set<bigint>();
            // The hub lists a hundred at most.
            while (!signal.aborted) {
                const listed = (await plan.dueProbes()).filter(({ probeId }) => !tried.has(probeId));
                if (listed.length === 0) return;
                for (const { probeId } of listed) tried.add(probeId);
                await sideBySide(listed, plan.keys, signal, (due, key) =>
                    probe(context, plan, config, { due, key, signal })
                );
            }
        },
        nextMs: () => jitteredMs(clock, config.planMs)
    };
}

interface Errand {
    readonly due: DueProbe;
    readonly key: ProbeKey;
    readonly signal: AbortSignal;
}

async function probe(
    context: Context,
    plan: ProbePlanPort,
    config: PlannedProbeConfig,
    { due, key, signal }: Errand
): Promise<void> {
    const { state, api, clock, texts, log, metrics } = context;
    const model = modelFor(clock, await api.models(signal), await state.appsOf(due.node), config.probeModel);
    const directed = await key.direct(due.node);
    if (directed !== undefined) return log.warn({ ...facts(due), code: directed.code }, 'API key cannot be directed');
    const startedMs = clock.nowMs();
    const limit = AbortSignal.any([signal, AbortSignal.timeout(config.probeTimeoutMs)]);
    const outcome = await key.api.send(probeCall(clock, model, texts), limit);
    if (signal.aborted) return;
    const elapsedMs = clock.nowMs() - startedMs;
    const isServed = outcome.kind === 'served';
    const finding = isServed
        ? await servedFinding(context, plan, config, { due, requestId: outcome.requestId, signal })
        : failedFinding(outcome, await plan.callTo(due.node));
    if (finding === undefined && outcome.kind === 'refused') {
        metrics.countProbe('not_judged');
        log.warn({ ...facts(due), ...outcome }, 'no node had the probe');
    }
    if (finding === undefined) return;
    metrics.countProbe(finding.status);
    const tell = ({ status, requestId }: Finding) =>
        plan.submit({ ...due, status, elapsedMs: BigInt(elapsedMs), requestId });
    let refused = await tell(finding);
    if (refused?.code === 'NotBacked' && !isServed && finding.requestId === undefined) {
        // The call was still on its way when the probe gave up, and has been opened since.
        const found = failedFinding(outcome, await plan.callTo(due.node));
        if (found?.requestId !== undefined) refused = await tell(found);
    }
    const fault = outcome.kind === 'refused' ? outcome.code : undefined;
    const { status } = finding;
    log.info({ ...facts(due), model: model.id, status, fault, elapsedMs, code: refused?.code }, 'probe done');
}

/** A served probe: a Success once the hub has it as one of this node. Nothing is said of what it does not know. */
async function servedFinding(
    { clock, log, metrics }: Context,
    plan: ProbePlanPort,
    { recordMs }: PlannedProbeConfig,
    served: { readonly due: DueProbe; readonly requestId: bigint | undefined; readonly signal: AbortSignal }
): Promise<Finding | undefined> {
    const { due, signal } = served;
    const requestId = served.requestId ?? (await plan.callTo(due.node));
    const untilMs = clock.nowMs() + recordMs;
    let record = requestId === undefined ? undefined : await plan.recordOf(requestId);
    while (requestId !== undefined && record === undefined && clock.nowMs() < untilMs && !signal.aborted) {
        await clock.sleep(RECORD_POLL_MS, signal);
        record = await plan.recordOf(requestId);
    }
    if (record === undefined) {
        metrics.countProbe('unrecorded');
        log.warn(facts(due), 'the hub has no record of a served probe');
        return undefined;
    }
    const { executor, isSuccess } = record;
    if (executor !== undefined && executor !== due.node) {
        metrics.countProbe('misdirected');
        log.warn({ ...facts(due), executor }, 'another node answered the probe');
        return undefined;
    }
    return { status: isSuccess ? 'Success' : 'Failed', requestId };
}

/** Codes of refusals that a node is the reason of; gateways of others may have more, which judge nobody. */
const NODE_REFUSALS: ReadonlyMap<string, ProbeStatus> = new Map([
    ['node_failed', 'Failed'],
    ['job_failed', 'Failed'],
    ['internal_error', 'Failed'],
    ['malformed_answer', 'Failed'],
    [OTHER_ANSWER, 'Failed'],
    ['deadline_exceeded', 'Timeout']
]);

/**
 * What became a request has reached the API, however its answer was lost. Undefined for a refusal before any node had the
 * request: a paused market, a full queue, or a key without credits is nobody's fault, and the probe stays due.
 */
function failedFinding(
    outcome: Exclude<ProbeOutcome, { kind: 'served' }>,
    requestId: bigint | undefined
): Finding | undefined {
    if (outcome.kind === 'refused') {
        const status = NODE_REFUSALS.get(outcome.code);
        return status && { status, requestId };
    }
    if (outcome.reason === 'TimeoutError') return { status: 'Timeout', requestId };
    return { status: requestId === undefined ? 'Unreachable' : 'Failed', requestId };
}

function facts(due: DueProbe): { readonly probe: string; readonly node: string } {
    return { probe: due.probeId.toString(), node: due.node };
}
