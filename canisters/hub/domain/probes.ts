import type { Principal } from '@dfinity/principal';
import { comparePrincipals } from '../../../src/core/account';
import { invariant } from '../../../src/core/assert';
import { pageRange } from '../../../src/core/page';
import { err, ok, type Result } from '../../../src/core/result';
import type { Lists, Table } from '../../../src/core/table';
import type { ErrorOf } from './errors';
import type { ProbeInterval, ProbePlan } from './probe_plan';
import type { CallRequest, Requests } from './requests';

/** How a probe ended, by its validator's word. */
export const PROBE_STATUSES = ['Success', 'Failed', 'Timeout', 'Unreachable'] as const;
export type ProbeStatus = (typeof PROBE_STATUSES)[number];

/** One probe of a node by a validator; kept for good. */
export interface ProbeResult {
    readonly probeId: bigint;
    readonly validator: Principal;
    readonly node: Principal;
    readonly status: ProbeStatus;
    readonly elapsedMs: bigint;
    /** The hub's request that the probe travelled as, if it got that far. */
    readonly requestId?: bigint;
    readonly dueNs: bigint;
    readonly submittedAtNs: bigint;
}

export type SubmittedProbe = Pick<ProbeResult, 'probeId' | 'node' | 'status' | 'elapsedMs' | 'requestId'>;

export interface ProbeTables {
    readonly results: Table<bigint, ProbeResult>;
    readonly byNode: Lists<Principal, bigint>;
    readonly byValidator: Lists<Principal, bigint>;
    /** The probe that each request backs. */
    readonly calls: Table<bigint, bigint>;
}

/** An hour: a probe that took longer was not one. */
const MAX_ELAPSED_MS = 3_600_000n;

export type ProbeRefused = ErrorOf<
    | 'NotAValidator'
    | 'AlreadySubmitted'
    | 'NotOnline'
    | 'NotDue'
    | 'NotFound'
    | 'InvalidArgument'
    | 'NotBacked'
    | 'NotRecorded'
>;
type Unbacked = ErrorOf<'NotBacked' | 'NotRecorded'>;

/**
 * Results of probes, each taken once and not before its time. A probe is a call like any other, so what is said of it is
 * held against the hub's own record of that call: each call backs one probe.
 */
export class Probes {
    constructor(
        private readonly tables: ProbeTables,
        private readonly plan: ProbePlan,
        private readonly requests: Pick<Requests, 'get' | 'directedCall'>
    ) {}

    /** Whether the probe is this validator's to submit now; whether a node of the plan is online still is asked apart. */
    check(validator: Principal, probe: SubmittedProbe, nowNs: bigint): Result<bigint, ProbeRefused> {
        if (!this.plan.isProber(validator)) return err({ kind: 'NotAValidator' });
        if (this.tables.results.has(probe.probeId)) return err({ kind: 'AlreadySubmitted' });
        const row = this.plan.get({ validator, node: probe.node });
        if (row === undefined && !this.plan.covers(probe.node)) return err({ kind: 'NotOnline' });
        if (row === undefined || row.probeId !== probe.probeId) return err({ kind: 'NotFound' });
        if (nowNs < row.dueNs) return err({ kind: 'NotDue', dueNs: row.dueNs });
        if (probe.elapsedMs > MAX_ELAPSED_MS) {
            return err({ kind: 'InvalidArgument', detail: `elapsed_ms is at most ${MAX_ELAPSED_MS}` });
        }
        const unbacked = this.evidenceFault(validator, probe, row.dueNs);
        return unbacked === undefined ? ok(row.dueNs) : err(unbacked);
    }

    /**
     * The call that the result of a planned probe has to name, unless it names another one of that time: the latest that
     * the validator's key let go to this node alone, since the probe was due, and that backs no probe yet.
     */
    callOf(validator: Principal, node: Principal): bigint | undefined {
        const row = this.plan.get({ validator, node });
        const call = this.requests.directedCall(validator, node);
        const isOfProbe = row !== undefined && call !== undefined && this.isFresh(call, row.dueNs);
        return isOfProbe ? call.requestId : undefined;
    }

    /**
     * Why the hub's records do not bear a result out. A Success is what the hub recorded as one, of this node. Any other
     * result names the call that was opened, and only where there is none it stands alone: then the API was not reached, or
     * refused the call before it became one. How a call failed is the validator's word, since nobody else saw the answer.
     */
    private evidenceFault(validator: Principal, probe: SubmittedProbe, dueNs: bigint): Unbacked | undefined {
        const { requestId, status, node } = probe;
        if (requestId === undefined) {
            if (status === 'Success') return notBacked('a Success names its call');
            const call = this.callOf(validator, node);
            return call === undefined ? undefined : notBacked(`request ${call} was opened for this probe`);
        }
        if (status === 'Unreachable') return notBacked('what became a request has reached the API');
        const request = this.requests.get(requestId);
        if (request === undefined || !isOf(request, validator) || !this.isFresh(request, dueNs)) {
            return notBacked('request_id is no call by your Validator key for this probe');
        }
        return status === 'Success' ? successFault(request, node) : failureFault(request, node);
    }

    /** Opened since the probe was due, and backing none yet. */
    private isFresh({ requestId, openedAtNs }: CallRequest, dueNs: bigint): boolean {
        return openedAtNs >= dueNs && !this.tables.calls.has(requestId);
    }

    /** Keeps a result and plans the next probe. Answers when that one is due. */
    submit(
        validator: Principal,
        probe: SubmittedProbe,
        interval: ProbeInterval,
        nowNs: bigint
    ): Result<bigint, ProbeRefused> {
        const due = this.check(validator, probe, nowNs);
        if (!due.ok) return due;
        this.tables.results.set(probe.probeId, { ...probe, validator, dueNs: due.value, submittedAtNs: nowNs });
        if (probe.requestId !== undefined) this.tables.calls.set(probe.requestId, probe.probeId);
        this.tables.byNode.append(probe.node, probe.probeId);
        this.tables.byValidator.append(validator, probe.probeId);
        return ok(this.plan.again({ validator, node: probe.node }, interval, nowNs));
    }

    get(probeId: bigint): ProbeResult | undefined {
        return this.tables.results.get(probeId);
    }

    count(): number {
        return this.tables.results.size();
    }

    /** Probes of a node, newest first. */
    listByNode(node: Principal, start: bigint, take: bigint): readonly ProbeResult[] {
        return this.newestFirst(this.tables.byNode, node, start, take);
    }

    /** Probes by a validator, newest first. */
    listByValidator(validator: Principal, start: bigint, take: bigint): readonly ProbeResult[] {
        return this.newestFirst(this.tables.byValidator, validator, start, take);
    }

    private newestFirst(
        lists: Lists<Principal, bigint>,
        who: Principal,
        start: bigint,
        take: bigint
    ): readonly ProbeResult[] {
        const length = lists.length(who);
        const [from, to] = pageRange(start, take, length);
        const page: ProbeResult[] = [];
        for (let offset = from; offset < to; offset++) {
            const id = lists.get(who, length - 1n - offset);
            const result = id === undefined ? undefined : this.tables.results.get(id);
            invariant(result !== undefined, 'P1', `probe ${id} is listed and not kept`);
            page.push(result);
        }
        return page;
    }
}

/** Whether a validator paid the call with a key that was made for one. */
function isOf({ owner, keyHash, origin }: CallRequest, validator: Principal): boolean {
    return keyHash !== undefined && origin === 'Validator' && comparePrincipals(owner, validator) === 0;
}

function successFault({ outcome }: CallRequest, node: Principal): Unbacked | undefined {
    if (outcome === undefined) return { kind: 'NotRecorded' };
    const served = outcome.status === 'Success' && outcome.node !== undefined;
    const isOfNode = served && comparePrincipals(outcome.node, node) === 0;
    return isOfNode ? undefined : notBacked('the request was not served by this node');
}

/** A call that failed may have no executor: then its key must have let it go to this node alone. */
function failureFault({ outcome, nodes }: CallRequest, node: Principal): Unbacked | undefined {
    const [target, other] = outcome?.node === undefined ? (nodes ?? []) : [outcome.node];
    const isOfNode = target !== undefined && other === undefined && comparePrincipals(target, node) === 0;
    return isOfNode ? undefined : notBacked('the request did not go to this node alone');
}

function notBacked(detail: string): Unbacked {
    return { kind: 'NotBacked', detail };
}
