import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import { err, type Result } from '../../../src/core/result';
import type { Cell } from '../../../src/core/table';
import type { HubConfig } from '../domain/config';
import type { Dice } from '../domain/dice';
import type { ErrorOf } from '../domain/errors';
import type { Lease } from '../domain/lease';
import type { OnlineNodes } from '../domain/online_nodes';
import type { ProbeInterval, ProbePlan } from '../domain/probe_plan';
import type { ProbeRefused, Probes, SubmittedProbe } from '../domain/probes';
import type { Obstacle } from './settlement_peers';

export interface OnlinePage {
    readonly nodes: readonly { readonly node: Principal; readonly lastStatusNs: bigint }[];
    readonly next?: bigint;
}

/** What planning asks of other canisters. */
export interface ProbePeers {
    validators(): Promise<Result<readonly Principal[], Obstacle>>;
    onlineNodes(start: bigint, take: bigint): Promise<Result<OnlinePage, Obstacle>>;
    /** Undefined for a node that is not registered. */
    tradedNode(node: Principal): Promise<Result<{ readonly lastStatusNs: bigint } | undefined, Obstacle>>;
    randomness(): Promise<Result<Uint8Array, Obstacle>>;
}

/** Where the walk over the registry and the sweep over the plans stand. */
export interface ProbeProgress {
    readonly walk: bigint;
    /** The page that comes next; absent when the walk is done. */
    readonly nextPage?: bigint;
    readonly startedNs: bigint;
    /** The node whose plans come next; absent when all are up to date. */
    readonly sweepAt?: bigint;
}

export const NO_WALK: ProbeProgress = { walk: 0n, startedNs: 0n };

export interface ProbeDeps {
    readonly plan: ProbePlan;
    readonly probes: Probes;
    readonly nodes: OnlineNodes;
    readonly dice: Dice;
    readonly lease: Lease;
    readonly progress: Cell<ProbeProgress>;
    readonly peers: ProbePeers;
    readonly config: Cell<HubConfig>;
    readonly nowNs: () => bigint;
}

const PAGE = 100n;
const PAGES_PER_RUN = 10;
/** Plans that one message touches: a few hundred million instructions. */
const PLANS_PER_RUN = 300;
const NODES_PER_RUN = 2_000;
const LIST_EVERY_NS = 5n * NS_PER_S;
/** The walk over the registry is made at least so often; more often where probes come more often. */
const WALK_EVERY_S = 300n;
const RESEED_EVERY_NS = 3_600n * NS_PER_S;

type SubmitRefused = ProbeRefused | ErrorOf<'TemporarilyUnavailable'>;

/** Keeps the probe plan: who is online, who is a validator, whose probe is due. A budget of work per run. */
export class PlanProbes {
    constructor(private readonly deps: ProbeDeps) {}

    /** Does what is due. Answers whether more is left for right after this message. */
    async run(): Promise<boolean> {
        const { lease, nowNs } = this.deps;
        if (!lease.take(nowNs())) return false;
        try {
            if (!(await this.seed())) return false;
            const walking = await this.walk();
            return this.sweep() || walking;
        } finally {
            lease.release();
        }
    }

    /** When there is something to do next; probes are listed every few seconds at most. */
    nextNs(): bigint {
        const { plan, progress, nowNs } = this.deps;
        const walkNs = progress.get().startedNs + this.walkEveryNs();
        const soonNs = nowNs() + LIST_EVERY_NS;
        const dueNs = plan.nextDueNs() ?? walkNs;
        const listNs = dueNs > soonNs ? dueNs : soonNs;
        return listNs < walkNs ? listNs : walkNs;
    }

    interval(): ProbeInterval {
        const { probeMinS: minS, probeMaxS: maxS } = this.deps.config.get();
        return { minS, maxS };
    }

    private walkEveryNs(): bigint {
        const { minS } = this.interval();
        return (minS < WALK_EVERY_S ? minS : WALK_EVERY_S) * NS_PER_S;
    }

    /** Takes a result. A node of which no late enough report is known is asked for, because the hub hears with delay. */
    async submit(validator: Principal, probe: SubmittedProbe): Promise<Result<bigint, SubmitRefused>> {
        const { probes, nowNs } = this.deps;
        const checked = probes.check(validator, probe, nowNs());
        if (!checked.ok) return checked;
        if (!this.isOnline(probe.node)) {
            const asked = await this.ask(probe.node);
            if (!asked.ok) return asked;
            if (!this.isOnline(probe.node)) return err({ kind: 'NotOnline' });
        }
        return probes.submit(validator, probe, this.interval(), nowNs());
    }

    private isOnline(node: Principal): boolean {
        const { nodes, config, nowNs } = this.deps;
        return nodes.isOnline(node, config.get().onlineWindowS, nowNs());
    }

    private async ask(node: Principal): Promise<Result<void, ErrorOf<'TemporarilyUnavailable'>>> {
        const answer = await this.deps.peers.tradedNode(node);
        if (!answer.ok) return err({ kind: 'TemporarilyUnavailable', detail: answer.error });
        if (answer.value !== undefined && this.deps.nodes.get(node) !== undefined) {
            this.deps.nodes.seen(node, answer.value.lastStatusNs);
        }
        return { ok: true, value: undefined };
    }

    private async seed(): Promise<boolean> {
        const { dice, peers, nowNs } = this.deps;
        if (dice.isReady() && nowNs() - dice.seededAtNs() < RESEED_EVERY_NS) return true;
        const seed = await peers.randomness();
        if (seed.ok) dice.reseed(seed.value, nowNs());
        return dice.isReady();
    }

    /** Asks for the next pages of online nodes, and first for the validators. Answers whether pages are left. */
    private async walk(): Promise<boolean> {
        const { peers, progress, nowNs } = this.deps;
        if (progress.get().nextPage === undefined) {
            // The sweep tells nodes that are gone by the walk that ended last: no other may begin before it is through.
            if (progress.get().sweepAt !== undefined) return false;
            if (nowNs() - progress.get().startedNs < this.walkEveryNs()) return false;
            const validators = await peers.validators();
            if (!validators.ok) return false;
            this.deps.plan.setProbers(validators.value);
            progress.set({ walk: progress.get().walk + 1n, nextPage: 0n, startedNs: nowNs() });
        }
        for (let count = 0; count < PAGES_PER_RUN; count++) if (!(await this.page())) return false;
        return true;
    }

    /** One page of the walk; false when there is no other. */
    private async page(): Promise<boolean> {
        const { peers, progress, nodes } = this.deps;
        const { walk, nextPage } = progress.get();
        if (nextPage === undefined) return false;
        const page = await peers.onlineNodes(nextPage, PAGE);
        const now = progress.get();
        if (!page.ok || now.walk !== walk || now.nextPage !== nextPage) return false;
        for (const { node, lastStatusNs } of page.value.nodes) nodes.seen(node, lastStatusNs, walk);
        const { next } = page.value;
        progress.set({ ...now, nextPage: next, sweepAt: next === undefined ? 0n : now.sweepAt });
        return next !== undefined;
    }

    /** Brings plans up to date and lists what is due. Answers whether some is left. */
    private sweep(): boolean {
        const { plan, nodes, progress, nowNs } = this.deps;
        const isMoreDue = plan.listDue(nowNs(), PLANS_PER_RUN);
        const { walk, sweepAt } = progress.get();
        if (sweepAt === undefined) return isMoreDue;
        let at = sweepAt;
        let touched = 0;
        for (let count = 0; count < NODES_PER_RUN && at < nodes.count() && touched < PLANS_PER_RUN; count++) {
            const step = plan.sweep(at, walk, this.interval(), nowNs());
            at = step.next;
            touched += step.touched;
        }
        const isDone = at >= nodes.count();
        if (isDone) plan.forgetDeparted(plan.probers().version);
        progress.set({ ...progress.get(), sweepAt: isDone ? undefined : at });
        return isMoreDue || !isDone;
    }
}
