import type { ActorSubclass } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { sha256 } from '../../core/hash';
import type { _SERVICE } from '../../declarations/hub';
import type { ApiPort, ProbePlanPort, ProbeReport } from '../ports';
import { refusalOf } from './refusal';

type Hub = Pick<_SERVICE, 'list_due_probes' | 'set_key_limits' | 'get_probe_call' | 'get_request' | 'submit_probe'>;
type CandidStatus = Parameters<_SERVICE['submit_probe']>[0]['status'];

/** A secret, and the API that it opens. */
export interface ApiAccount {
    readonly apiKey: string;
    readonly api: Pick<ApiPort, 'send'>;
}

/** The hub's plan of probes through a typed actor that signs with the validator's key, which owns the API keys. */
export function canisterPlan(
    actor: ActorSubclass<Hub>,
    own: Principal,
    accounts: readonly ApiAccount[]
): ProbePlanPort {
    return {
        keys: accounts.map(({ apiKey, api }) => ({ api, direct: directing(actor, apiKey) })),
        async dueProbes() {
            const due = await actor.list_due_probes(own);
            return due.map(({ probe_id: probeId, node }) => ({ probeId, node: node.toText() }));
        },
        async callTo(node) {
            const [requestId] = await actor.get_probe_call(own, Principal.fromText(node));
            return requestId;
        },
        async recordOf(requestId) {
            const [request] = await actor.get_request(requestId);
            if (request === undefined || 'Open' in request.status) return undefined;
            return { isSuccess: 'Success' in request.status, executor: request.node[0]?.toText() };
        },
        submit: async (report) => refusalOf(await actor.submit_probe(toCandidReport(report)))
    };
}

function directing(actor: ActorSubclass<Hub>, apiKey: string): ProbePlanPort['keys'][number]['direct'] {
    const keyHash = sha256(new TextEncoder().encode(apiKey));
    return async (node) => {
        const nodes: [Principal[]] = [[Principal.fromText(node)]];
        return refusalOf(await actor.set_key_limits({ key_hash: keyHash, limits: { ...NO_LIMITS, nodes } }));
    };
}

const NO_LIMITS: { requests_per_minute: []; apps: []; max_credits: [] } = {
    requests_per_minute: [],
    apps: [],
    max_credits: []
};

function toCandidReport({ probeId, node, status, elapsedMs, requestId }: ProbeReport) {
    const statuses: Record<ProbeReport['status'], CandidStatus> = {
        Success: { Success: null },
        Failed: { Failed: null },
        Timeout: { Timeout: null },
        Unreachable: { Unreachable: null }
    };
    const request: [] | [bigint] = requestId === undefined ? [] : [requestId];
    return {
        probe_id: probeId,
        node: Principal.fromText(node),
        status: statuses[status],
        elapsed_ms: elapsedMs,
        request_id: request
    };
}
