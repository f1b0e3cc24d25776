import type { ActorSubclass } from '@dfinity/agent';
import { asked } from '../../client/asked';
import type { Principal } from '@dfinity/principal';
import type { _SERVICE } from '../../declarations/state_machine';
import type { OpenPoc, Registry } from '../ports';
import { toResult } from './to_result';

type Actor = ActorSubclass<_SERVICE>;
type PocView = Awaited<ReturnType<Actor['list_open_pocs']>>[number];

const AGENT_VERSION = '0.1.0';

/** The registry of the state_machine canister, for one node. */
export function canisterRegistry(actor: Actor, node: Principal): Registry {
    return {
        reportStatus: ({ apps, queueDepth, capacity }) =>
            asked('report_status', async () => {
                const report = { apps: [...apps], queue_depth: queueDepth, capacity, version: AGENT_VERSION };
                return toResult(await actor.report_status(report), nothing);
            }),
        listOpenPocs: () =>
            asked('list_open_pocs', async () => {
                const open = await actor.list_open_pocs(node);
                return open.filter(({ state }) => 'Requested' in state || 'Accepted' in state).map(fromPocView);
            }),
        acceptPoc: (id) => asked('accept_poc', async () => toResult(await actor.accept_poc(id), fromPocView)),
        submitPoc: (id, product) =>
            asked('submit_poc', async () => toResult(await actor.submit_poc(id, product), nothing))
    };
}

function fromPocView({ id, dimension, seed, node_seed }: PocView): OpenPoc {
    const [nodeSeed] = node_seed;
    return {
        id,
        dimension,
        seed: Uint8Array.from(seed),
        nodeSeed: nodeSeed === undefined ? undefined : Uint8Array.from(nodeSeed)
    };
}

function nothing(): void {}
