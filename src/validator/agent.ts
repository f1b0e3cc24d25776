import type { ValidatorConfig } from './config';
import { agreeDuty } from './duties/agree';
import { attestDuty } from './duties/attest';
import { challengeDuty } from './duties/challenge';
import { commitDuty } from './duties/commit';
import { plannedProbeDuty } from './duties/planned_probe';
import { probeDuty } from './duties/probe';
import { reportDuty } from './duties/report';
import { repeat } from './duty';
import type { AgentContext } from './ports';

/** Runs all duties of a validator side by side until the signal aborts; then lets what is under way end. */
export async function runDuties(context: AgentContext, config: ValidatorConfig, signal: AbortSignal): Promise<void> {
    const { plan } = context;
    const duties = [
        reportDuty(context, config),
        attestDuty(context, config),
        challengeDuty(context, config),
        agreeDuty(context, config),
        commitDuty(context, config),
        plan === undefined ? probeDuty(context, config) : plannedProbeDuty(context, plan, config)
    ];
    await Promise.all(duties.map((duty) => repeat(duty, context, signal)));
    context.log.info('validator stopped');
}
