import type { Principal } from '@dfinity/principal';
import { comparePrincipals } from '../../../src/core/account';
import { invariant } from '../../../src/core/assert';
import { pageRange } from '../../../src/core/page';
import { err, ok, type Result } from '../../../src/core/result';
import type { Lists, Table } from '../../../src/core/table';
import type { ErrorOf } from './errors';
import type { ProbeInterval, ProbePlan } from './probe_plan';
import type { Requests } from './requests';

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
}

/** An hour: a probe that took longer was not one. */
const MAX_ELAPSED_MS = 3_600_000n;

export type ProbeRefused = ErrorOf<
    'NotAValidator' | 'AlreadySubmitted' | 'NotOnline' | 'NotDue' | 'NotFound' | 'InvalidArgument'
>;

/** Results of probes, each taken once and not before its time. */
export class Probes {
    constructor(
        private readonly tables: ProbeTables,
        private readonly plan: ProbePlan,
        private readonly requests: Pick<Requests, 'get'>
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
        if (!this.isBacked(validator, probe, row.dueNs)) {
            return err({
                kind: 'InvalidArgument',
                detail: 'request_id is no call of yours to this node for this probe'
            });
        }
        return ok(row.dueNs);
    }

    /** A probe that names the call that it travelled as: the validator paid it, since the probe was due, to no other node. */
    private isBacked(validator: Principal, { requestId, node }: SubmittedProbe, dueNs: bigint): boolean {
        if (requestId === undefined) return true;
        const request = this.requests.get(requestId);
        if (request === undefined || comparePrincipals(request.owner, validator) !== 0) return false;
        const executor = request.outcome?.node;
        return request.openedAtNs >= dueNs && (executor === undefined || comparePrincipals(executor, node) === 0);
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
