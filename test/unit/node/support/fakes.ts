import type { Principal } from '@dfinity/principal';
import { goodbye, heartbeat, leasesOf } from '../../../../canisters/compute_gateway/domain/claim';
import { complete, fail } from '../../../../canisters/compute_gateway/domain/finish';
import type { Job } from '../../../../canisters/compute_gateway/domain/job';
import { countQueued } from '../../../../canisters/compute_gateway/domain/peek';
import { attach, detach } from '../../../../canisters/compute_gateway/domain/nodes';
import type { GatewayError } from '../../../../canisters/compute_gateway/domain/errors';
import { decodeInputReference } from '../../../../src/core/compute/input_reference';
import { err, ok, type Result } from '../../../../src/core/result';
import {
    PortUnavailable,
    type JobSource,
    type LeasedJob,
    LeaseProgress,
    type Log,
    type Refusal
} from '../../../../src/node/ports';
import type { Market } from '../../compute_gateway/support/market';

/** The canister's own queue behind the node's port, without a network; `outages` says how many calls of a kind fail. */
export class FakeQueue implements JobSource {
    readonly outages: Partial<Record<keyof JobSource, number>> = {};
    readonly calls: (keyof JobSource)[] = [];

    constructor(
        readonly market: Market,
        readonly node: Principal
    ) {}

    async getApp(appId: string) {
        this.enter('getApp');
        const app = this.market.book.tables.appsById.get(appId);
        if (app === undefined) return undefined;
        const { kind, unit, modelHash, execLimitS } = app;
        return { appId, kind, unit, modelHash, execLimitMs: Number(execLimitS) * 1_000 };
    }

    async attach(apps: readonly string[], slots: number) {
        this.enter('attach');
        return toRefusal(attach(this.market.book.tables, this.node, { apps, slots }, this.market.nowNs), nothing);
    }

    async peek(appIds: readonly string[]) {
        this.enter('peek');
        return countQueued(this.market.book, appIds, this.market.nowNs, this.node);
    }

    async claim(max: number, appIds?: readonly string[]) {
        this.enter('claim');
        if (this.market.book.tables.attachments.get(this.node) === undefined) return err({ code: 'NotAttached' });
        return ok(this.market.claim(this.node, max, appIds).map((job) => this.leaseView(job)));
    }

    async myLeases() {
        this.enter('myLeases');
        return leasesOf(this.market.book, this.node, 0n).map((job) => this.leaseView(job));
    }

    async heartbeat(leases: readonly LeaseProgress[]) {
        this.enter('heartbeat');
        const held = leases.map(({ job, units }) => ({ ...job, units }));
        return heartbeat(this.market.book, this.node, held, this.market.nowNs);
    }

    async complete(job: LeasedJob, completion: Parameters<JobSource['complete']>[1]) {
        this.enter('complete');
        const claim = { node: this.node, token: job.token, attempt: job.attempt };
        const output = completion.ack === undefined ? completion.output : new Uint8Array();
        const done = complete(this.market.book, { jobId: job.jobId, claim, ...completion, output }, this.market.nowNs);
        return toRefusal(done, nothing);
    }

    async fail(job: LeasedJob, failure: Parameters<JobSource['fail']>[1]) {
        this.enter('fail');
        const claim = { node: this.node, token: job.token, attempt: job.attempt };
        return toRefusal(fail(this.market.book, { jobId: job.jobId, claim, ...failure }, this.market.nowNs), nothing);
    }

    async goodbye() {
        this.enter('goodbye');
        detach(this.market.book.tables, this.node);
        goodbye(this.market.book, this.node, this.market.nowNs);
    }

    private enter(method: keyof JobSource): void {
        this.calls.push(method);
        const left = this.outages[method] ?? 0;
        if (left <= 0) return;
        this.outages[method] = left - 1;
        throw new PortUnavailable(method, 'outage');
    }

    private leaseView(job: Job): LeasedJob {
        const input = this.market.book.tables.inputs.get(job.id) ?? new Uint8Array();
        return {
            jobId: job.id,
            attempt: job.lease?.attempt ?? 0,
            token: job.lease?.token ?? 0n,
            appId: job.appId,
            input: job.isByReference ? new Uint8Array() : input,
            inputReference: job.isByReference ? decodeInputReference(input) : undefined,
            maxUnits: job.maxUnits,
            leaseMs: Number(job.leaseNs / 1_000_000n),
            replyUrl: job.ackHash && this.market.book.tables.gatewayUrls.get(job.submitter)
        };
    }
}

function toRefusal<T, U>(result: Result<T, GatewayError>, toOk: (value: T) => U): Result<U, Refusal> {
    return result.ok ? ok(toOk(result.value)) : err({ code: result.error.kind });
}

function nothing(): void {}

/** Keeps what was logged. */
export class MemoryLog implements Log {
    readonly lines: { readonly event: string; readonly fields: object }[] = [];

    info(fields: object, event: string): void {
        this.lines.push({ event, fields });
    }

    warn(fields: object, event: string): void {
        this.lines.push({ event, fields });
    }

    error(fields: object, event: string): void {
        this.lines.push({ event, fields });
    }

    count(event: string): number {
        return this.lines.filter((line) => line.event === event).length;
    }
}

/** Waits until the condition holds; the test's own timeout ends a wait for what never comes. */
export async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Room without end: for backends whose slots are not what is tested. */
export const room = (): Promise<number> => Promise.resolve(Infinity);
