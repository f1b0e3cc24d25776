import type { ActorSubclass } from '@dfinity/agent';
import { asked } from '../../client/asked';
import { reportableApps } from '../../core/compute/app_names';
import type { _SERVICE } from '../../declarations/state_machine';
import type { Registry } from '../ports';
import { toResult } from './to_result';

const AGENT_VERSION = '0.1.0';

/** The registry of the state_machine canister, for one node. */
export function canisterRegistry(actor: ActorSubclass<_SERVICE>): Registry {
    return {
        reportStatus: ({ apps, queueDepth, capacity }) =>
            asked('report_status', async () => {
                const report = {
                    apps: reportableApps(apps),
                    queue_depth: queueDepth,
                    capacity,
                    version: AGENT_VERSION
                };
                return toResult(await actor.report_status(report), nothing);
            })
    };
}

function nothing(): void {}
