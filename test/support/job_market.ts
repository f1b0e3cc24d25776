/** The suite as the tests of the queue see it: active nodes, a listed gateway, and for each test a user with credits and an app. */
import type { Principal } from '@dfinity/principal';
import type { SuiteOptions } from '../../src/client/deployment';
import { sha256 } from '../../src/core/hash';
import type { _SERVICE } from '../../src/declarations/compute_gateway';
import { accepted, activateNode, admitValidators, buyCredits, holderOf, idOf } from './compute_market';
import type { PicActor } from './pic_actor';
import { deploySuite, type Suite } from './suite';

export type Gateway = PicActor<_SERVICE>;
export type SubmitArgs = Parameters<Gateway['submit_job']>[0];
export type GroupArgs = Parameters<Gateway['submit_group']>[0];
export type Lease = Awaited<ReturnType<Gateway['my_leases']>>[number];
type AppArgs = Parameters<Gateway['register_app']>[0];
type Completion = Parameters<Gateway['complete_job']>[0];

export const DEVELOPER = idOf('developer');
export const HTTP_GATEWAY = idOf('http gateway');
/** What each user has to spend, and what a unit of each app costs. */
export const CREDITS = 100n;
export const PRICE = 2n;

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const OUTPUT = bytesOf('the output');

export class JobMarket {
    user = idOf('nobody yet');
    app = '';
    modelHash: Uint8Array = new Uint8Array(32);
    private count = 0;

    private constructor(
        readonly suite: Suite,
        /** Active compute nodes, not attached yet. */
        readonly nodes: readonly Principal[]
    ) {}

    static open(...nodeNames: readonly string[]): Promise<JobMarket> {
        return JobMarket.openWith({}, ...nodeNames);
    }

    /** With other limits of the queue. */
    static async openWith(
        queueLimits: SuiteOptions['queueLimits'],
        ...nodeNames: readonly string[]
    ): Promise<JobMarket> {
        const suite = await deploySuite({ statusSpacingS: 1n, pocSpacingS: 0n, queueLimits });
        await admitValidators(suite);
        const nodes: Principal[] = [];
        for (const name of nodeNames) nodes.push(await activateNode(suite, holderOf(name)));
        accepted(await suite.as('compute_gateway', suite.deployer).add_gateway(HTTP_GATEWAY));
        return new JobMarket(suite, nodes);
    }

    /** A user and an app of their own for the next test; every node serves the app. */
    async renew(kind: AppArgs['kind'] = { Embedding: null }, slots = 64): Promise<void> {
        this.count += 1;
        this.user = idOf(`user ${this.count}`);
        this.app = `app-${this.count}`;
        this.modelHash = sha256(bytesOf(this.app));
        await buyCredits(this.suite, this.user, CREDITS);
        accepted(await this.as(DEVELOPER).register_app(this.appSpec(kind)));
        for (const node of this.nodes)
            accepted(await this.as(node).attach_node({ apps: [this.app], slots, capacity: [] }));
    }

    as(who?: Principal): Gateway {
        return this.suite.as('compute_gateway', who);
    }

    /** The user's credits. */
    account() {
        return this.suite.as('hub', this.user).get_account(this.user);
    }

    appSpec(kind: AppArgs['kind'] = { Embedding: null }): AppArgs {
        return {
            app_id: this.app,
            kind,
            model_hash: this.modelHash,
            unit: 'input',
            unit_price_credits: PRICE,
            max_units: 10n,
            lease_s: 60n,
            exec_limit_s: [],
            requirements: []
        };
    }

    order(changes: Partial<SubmitArgs> = {}): SubmitArgs {
        return {
            app_id: this.app,
            input: Uint8Array.of(1, 2, 3),
            max_credits: 20n,
            idempotency_key: [],
            payer: { Caller: null },
            ttl_s: [],
            priority: [],
            session_key: [],
            ack_hash: [],
            ...changes
        };
    }

    groupOrder(changes: Partial<GroupArgs> = {}): GroupArgs {
        return {
            app_id: this.app,
            inputs: [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)],
            max_credits: 20n,
            idempotency_key: [],
            payer: { Caller: null },
            ttl_s: [],
            priority: [],
            ...changes
        };
    }

    /** Submits a job of the user. */
    async submit(changes: Partial<SubmitArgs> = {}): Promise<bigint> {
        return accepted(await this.as(this.user).submit_job(this.order(changes))).job_id;
    }

    /** A job as its user sees it. */
    async job(jobId: bigint) {
        return accepted(await this.as(this.user).get_job(jobId));
    }

    async stateOf(jobId: bigint): Promise<string> {
        return Object.keys((await this.job(jobId)).state)[0] ?? '';
    }

    /** Leases one job of the app; there must be one. */
    async claim(node: Principal): Promise<Lease> {
        const [lease] = accepted(await this.as(node).claim_jobs({ max: 1, apps: [[this.app]] }));
        if (lease === undefined) throw new RangeError('nothing to claim');
        return lease;
    }

    /** The result of a leased job: three units. */
    resultOf({ job_id, attempt, token }: Lease, output = OUTPUT): Completion {
        const names = { job_id, attempt, token };
        const result = { ...names, output, units: 3n, model_hash: this.modelHash };
        return { ...result, output_hash: [], details: [], ack: [] };
    }

    complete(node: Principal, lease: Lease, output = OUTPUT) {
        return this.as(node).complete_job(this.resultOf(lease, output));
    }
}
