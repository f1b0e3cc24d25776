import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { query, update } from '../../../src/azle/endpoint';
import { comparePrincipals } from '../../../src/core/account';
import type { DueProbe as DueProbeRow } from '../domain/probe_plan';
import type { ProbeResult, ProbeStatus as Status, SubmittedProbe } from '../domain/probes';
import { env, hub, peers } from '../wiring';
import { signedIn } from './access';
import type { CandidResultOf } from './idl';
import { resultOf, type Opt } from './idl_errors';
import {
    DueProbe,
    NextProbe,
    ProbePlanView,
    ProbeView,
    SubmitProbeArgs,
    type CandidDueProbe,
    type CandidNextProbe,
    type CandidProbePlanView,
    type CandidProbeStatus,
    type CandidProbeView,
    type CandidSubmitProbeArgs
} from './idl_probes';
import { fromOpt, never, toOpt, toResult } from './mappers';

const SubmitResult = resultOf(
    NextProbe,
    'Anonymous',
    'NotAValidator',
    'NotFound',
    'NotDue',
    'NotOnline',
    'AlreadySubmitted',
    'InvalidArgument',
    'NotBacked',
    'NotRecorded',
    'TemporarilyUnavailable'
);

/** The plan of probes and their results. */
export class ProbeDesk {
    /**
     * Role: a validator. Takes the result of a due probe of an online node, once, and plans the next one. The result names
     * the call that the probe was, if it became one; a Success is one that the hub recorded as such.
     */
    @update([SubmitProbeArgs], SubmitResult)
    async submit_probe(args: CandidSubmitProbeArgs): Promise<CandidResultOf<CandidNextProbe>> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        const submitted = await hub.planProbes.submit(caller.value, fromSubmitProbe(args));
        return toResult(submitted, (nextDueNs) => ({ next_due_ns: nextDueNs }));
    }

    /** Due probes of a validator, at most 100; told to that validator, the state machine and controllers only. */
    @query([IDL.Principal], IDL.Vec(DueProbe))
    list_due_probes(validator: Principal): CandidDueProbe[] {
        if (!mayRead(validator)) return [];
        return hub.probePlan.due(validator, hub.tables.config.get().onlineWindowS, env.nowNs()).map(toDueProbe);
    }

    /** The call that the result of a validator's due probe of the node has to name, told as the due probes are. */
    @query([IDL.Principal, IDL.Principal], IDL.Opt(IDL.Nat64))
    get_probe_call(validator: Principal, node: Principal): Opt<bigint> {
        return mayRead(validator) ? toOpt(hub.probes.callOf(validator, node)) : [];
    }

    @query([IDL.Nat64], IDL.Opt(ProbeView))
    get_probe(id: bigint): Opt<CandidProbeView> {
        const result = hub.probes.get(id);
        return toOpt(result && toProbeView(result));
    }

    /** Results about a node, newest first. */
    @query([IDL.Principal, IDL.Nat64, IDL.Nat64], IDL.Vec(ProbeView))
    list_node_probes(node: Principal, start: bigint, take: bigint): CandidProbeView[] {
        return hub.probes.listByNode(node, start, take).map(toProbeView);
    }

    /** Results of a validator, newest first. */
    @query([IDL.Principal, IDL.Nat64, IDL.Nat64], IDL.Vec(ProbeView))
    list_validator_probes(validator: Principal, start: bigint, take: bigint): CandidProbeView[] {
        return hub.probes.listByValidator(validator, start, take).map(toProbeView);
    }

    @query([], ProbePlanView)
    probe_plan(): CandidProbePlanView {
        const { minS, maxS } = hub.planProbes.interval();
        return {
            min_s: minS,
            max_s: maxS,
            online_nodes: hub.onlineNodes.count(),
            validators: [...hub.probePlan.probers().members],
            waiting: BigInt(hub.probePlan.waitingCount()),
            results: BigInt(hub.probes.count())
        };
    }
}

/** Nodes must not learn when they are probed. */
function mayRead(validator: Principal): boolean {
    const caller = env.caller();
    return comparePrincipals(caller, validator) === 0 || peers.is(caller, 'state_machine') || env.isController(caller);
}

function fromSubmitProbe(args: CandidSubmitProbeArgs): SubmittedProbe {
    return {
        probeId: args.probe_id,
        node: args.node,
        status: fromProbeStatus(args.status),
        elapsedMs: args.elapsed_ms,
        requestId: fromOpt(args.request_id)
    };
}

function fromProbeStatus(status: CandidProbeStatus): Status {
    if ('Success' in status) return 'Success';
    if ('Failed' in status) return 'Failed';
    return 'Timeout' in status ? 'Timeout' : 'Unreachable';
}

function toProbeStatus(status: Status): CandidProbeStatus {
    switch (status) {
        case 'Success':
            return { Success: null };
        case 'Failed':
            return { Failed: null };
        case 'Timeout':
            return { Timeout: null };
        case 'Unreachable':
            return { Unreachable: null };
    }
}

function toDueProbe({ probeId, node, dueNs }: DueProbeRow): CandidDueProbe {
    return { probe_id: probeId, node, due_ns: dueNs };
}

function toProbeView(result: ProbeResult): CandidProbeView {
    return {
        probe_id: result.probeId,
        validator: result.validator,
        node: result.node,
        status: toProbeStatus(result.status),
        elapsed_ms: result.elapsedMs,
        request_id: toOpt(result.requestId),
        due_ns: result.dueNs,
        submitted_at_ns: result.submittedAtNs
    };
}
