import type { ValidatorConfig } from './config';
import { attestDuty } from './duties/attest';
import { challengeDuty } from './duties/challenge';
import { probeDuty } from './duties/probe';
import { reportDuty } from './duties/report';
import { repeat } from './duty';
import type { Context } from './ports';

/** Runs all duties of a validator side by side until the signal aborts; then lets what is under way end. */
export async function runDuties(context: Context, config: ValidatorConfig, signal: AbortSignal): Promise<void> {
    const duties = [
        reportDuty(context, config),
        attestDuty(context, config),
        challengeDuty(context, config),
        probeDuty(context, config)
    ];
    await Promise.all(duties.map((duty) => repeat(duty, context.clock, context.log, signal)));
    context.log.info('validator stopped');
}
