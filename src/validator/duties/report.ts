import type { Duty } from '../duty';
import type { ValidatorConfig } from '../config';
import type { Context } from '../ports';

const VERSION = '0.1.0';

type ReportConfig = Pick<ValidatorConfig, 'registration' | 'reportMs'>;

/** Keeps the agent online in the registry, and registers its key at first when it may. */
export function reportDuty({ state, clock, log }: Context, config: ReportConfig): Duty {
    const registerIfNew = async (): Promise<void> => {
        if (config.registration === undefined || (await state.isRegistered())) return;
        const { region, bandwidthMbps } = config.registration;
        const refused = await state.register(region, bandwidthMbps);
        if (refused === undefined) log.info({ region }, 'registered as a validator');
        else log.warn({ code: refused.code }, 'registration refused');
    };
    return {
        name: 'report',
        async run() {
            await registerIfNew();
            const refused = await state.report(VERSION);
            if (refused === undefined) log.debug('status reported');
            else if (refused.code === 'RateLimited') log.debug('status reported a moment ago');
            else log.warn({ code: refused.code }, 'status report refused');
        },
        // Never later than the configured time: a late report would look like an outage.
        nextMs: () => Math.round(config.reportMs * (0.8 + 0.2 * clock.random()))
    };
}
