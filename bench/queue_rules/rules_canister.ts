/** The interface of the canister that has the queue's rules (`canister.ts`), and its module. */
import type { ActorMethod } from '@dfinity/agent';
import type { IDL } from '@dfinity/candid';
import { join } from 'node:path';
import { INTERFACES } from '../../src/client/canisters';
import type { _SERVICE as Gateway } from '../../src/declarations/compute_gateway';
import { sourcesOf } from '../lib/canister_sources';
import type { LocalActor } from '../lib/local_network';
import { smallCanister } from '../lib/small_canister';

/** Methods of the queue that are measured. */
const METHODS = ['submit_job', 'claim_jobs', 'heartbeat', 'complete_job'] as const;
type Method = (typeof METHODS)[number];

type Argument<M extends Method> = Parameters<LocalActor<Gateway>[M]>;

/** Its methods. */
export interface RulesService extends Pick<Gateway, Method> {
    fill: ActorMethod<[jobs: number], null>;
    /** Jobs that wait; messages that the hub has not answered. */
    lengths: ActorMethod<[], [queued: bigint, unsent: bigint]>;
    /** The latest record for the hub: request, credits used, receipt. */
    last_record: ActorMethod<[], [request: bigint, creditsUsed: bigint, receipt: Uint8Array]>;
    empty_submit_job: ActorMethod<Argument<'submit_job'>, null>;
    empty_claim_jobs: ActorMethod<Argument<'claim_jobs'>, null>;
    empty_heartbeat: ActorMethod<Argument<'heartbeat'>, null>;
    empty_complete_job: ActorMethod<Argument<'complete_job'>, null>;
}

export type RulesActor = LocalActor<RulesService>;

export const rulesInterface: IDL.InterfaceFactory = ({ IDL: idl }) => {
    const ofQueue = INTERFACES.compute_gateway({ IDL: idl })._fields.filter(([name]) =>
        METHODS.some((method) => method === name)
    );
    return idl.Service({
        ...Object.fromEntries(ofQueue),
        ...Object.fromEntries(ofQueue.map(([name, { argTypes }]) => [`empty_${name}`, idl.Func(argTypes, [idl.Null])])),
        fill: idl.Func([idl.Nat32], [idl.Null]),
        lengths: idl.Func([], [idl.Tuple(idl.Nat64, idl.Nat64)]),
        last_record: idl.Func([], [idl.Tuple(idl.Nat64, idl.Nat64, idl.Vec(idl.Nat8))])
    });
};

/** Gzipped module, as it is installed; built once per version of its sources. */
export function rulesCanister(): Promise<Uint8Array> {
    const source = (root: string): string =>
        `export { default } from ${JSON.stringify(join(root, 'bench', 'queue_rules', 'canister'))};\n`;
    const dependsOn = [...sourcesOf('compute_gateway'), 'bench/queue_rules'];
    return smallCanister({ name: 'queue_rules', source, dependsOn });
}
