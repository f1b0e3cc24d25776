/** A canister that has the queue's rules and nothing else, and empty methods with the same arguments. */
import type { ActorMethod } from '@dfinity/agent';
import type { IDL } from '@dfinity/candid';
import { join } from 'node:path';
import { INTERFACES } from '../../src/client/canisters';
import type { _SERVICE as Gateway } from '../../src/declarations/compute_gateway';
import { sourcesOf } from '../lib/canister_sources';
import type { LocalActor } from '../lib/local_network';
import { smallCanister } from '../lib/small_canister';

/** Methods of the queue that are measured, and their argument types in the canister's sources. */
const METHODS = {
    submit_job: 'SubmitJobArgs',
    claim_jobs: 'ClaimArgs',
    heartbeat: 'HeldLeases',
    complete_job: 'CompleteJobArgs'
} as const;
type Method = keyof typeof METHODS;

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
    const ofQueue = INTERFACES.compute_gateway({ IDL: idl })._fields.filter(([name]) => name in METHODS);
    return idl.Service({
        ...Object.fromEntries(ofQueue),
        ...Object.fromEntries(ofQueue.map(([name, { argTypes }]) => [`empty_${name}`, idl.Func(argTypes, [idl.Null])])),
        fill: idl.Func([idl.Nat32], [idl.Null]),
        lengths: idl.Func([], [idl.Tuple(idl.Nat64, idl.Nat64)]),
        last_record: idl.Func([], [idl.Tuple(idl.Nat64, idl.Nat64, idl.Vec(idl.Nat8))])
    });
};

/** The queue's own argument and answer types, its rules, and what the bench asks besides. */
function source(root: string): string {
    const path = (...parts: string[]): string => JSON.stringify(join(root, ...parts));
    return `import { IDL } from 'azle';
import { encodeJobAnswer } from ${path('canisters', 'compute_gateway', 'api', 'encode_job')};
import { encodeLeases } from ${path('canisters', 'compute_gateway', 'api', 'encode_leases')};
import {
    ClaimArgs, ClaimJobsAnswer, CompleteJobAnswer, CompleteJobArgs, HeartbeatReply, HeldLeases, SubmitJobAnswer, SubmitJobArgs
} from ${path('canisters', 'compute_gateway', 'api', 'idl')};
import {
    fromCompleteJobArgs, fromHeldLeases, fromSubmitJobArgs, grantedOf, toHeartbeatReply
} from ${path('canisters', 'compute_gateway', 'api', 'mappers')};
import { SERVED_WHILE_PAUSED, update } from ${path('src', 'azle', 'endpoint')};
import { QueueRules } from ${path('bench', 'queue_rules', 'rules')};

const rules = new QueueRules();

export default class {
    @update([SubmitJobArgs], SubmitJobAnswer.idl, SERVED_WHILE_PAUSED)
    submit_job(args: SubmitJobArgs) {
        return encodeJobAnswer(rules.submitted(fromSubmitJobArgs(args, rules.nextUser()).value));
    }

    @update([ClaimArgs], ClaimJobsAnswer.idl, SERVED_WHILE_PAUSED)
    claim_jobs(args: ClaimArgs) {
        return encodeLeases(grantedOf(rules.book, rules.claimed(args.max)));
    }

    @update([HeldLeases], HeartbeatReply, SERVED_WHILE_PAUSED)
    heartbeat(held: HeldLeases) {
        return toHeartbeatReply(rules.beaten(fromHeldLeases(held)));
    }

    @update([CompleteJobArgs], CompleteJobAnswer.idl, SERVED_WHILE_PAUSED)
    complete_job(args: CompleteJobArgs) {
        return encodeJobAnswer(rules.completed(fromCompleteJobArgs(args, rules.node)));
    }

    @update([], IDL.Tuple(IDL.Nat64, IDL.Nat64, IDL.Vec(IDL.Nat8)), SERVED_WHILE_PAUSED)
    last_record() {
        const { requestId, creditsUsed, receipt } = rules.sent;
        return [requestId, creditsUsed, receipt];
    }

    @update([IDL.Nat32], IDL.Null, SERVED_WHILE_PAUSED)
    fill(jobs: number): null {
        rules.fill(jobs);
        return null;
    }

    @update([], IDL.Tuple(IDL.Nat64, IDL.Nat64), SERVED_WHILE_PAUSED)
    lengths() {
        const { queued, unsent } = rules.lengths();
        return [queued, BigInt(unsent)];
    }
${Object.entries(METHODS).map(emptyMethod).join('\n')}
}
`;
}

function emptyMethod([method, type]: [string, string]): string {
    return `
    @update([${type}], IDL.Null, SERVED_WHILE_PAUSED)
    empty_${method}(): null {
        return null;
    }`;
}

/** Gzipped module, as it is installed; built once per version of its sources. */
export function rulesCanister(): Promise<Uint8Array> {
    const dependsOn = [...sourcesOf('compute_gateway'), 'bench/queue_rules'];
    return smallCanister({ name: 'queue_rules', source, dependsOn });
}
