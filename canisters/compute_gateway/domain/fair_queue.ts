import type { Table } from '../../../src/core/table';
import { PRIORITIES, type Payer, type Priority } from './job';

/** The jobs of one payer for one app at one priority: first come, first served. */
export interface FlowName {
    readonly appId: string;
    readonly lane: Priority;
    readonly payer: Payer;
}

/** A flow's place in the ring of its lane, its entries' positions [head, tail), and what it may still have this round. */
export interface Flow {
    readonly lane: number;
    readonly next: bigint;
    readonly previous: bigint;
    readonly head: bigint;
    readonly tail: bigint;
    /** Entries that are really there. */
    readonly live: number;
    /** Cost units; below zero after a job that cost more. */
    readonly deficit: bigint;
}

/** The flows of one priority that have jobs, as a ring. */
export interface Lane {
    /** The flow whose turn it is; 0 when the lane is empty. */
    readonly current: bigint;
    readonly flows: number;
    /** Jobs in the lane. */
    readonly live: number;
    /** What the lane has had, in cost units by its weight: the lane that has had least comes next. */
    readonly pass: bigint;
    /** What a flow gets when its turn comes: the usual cost of a job. */
    readonly quantum: bigint;
}

/** One lane for each priority, in the order of {@link PRIORITIES}. */
export type AppQueue = readonly [Lane, Lane, Lane];

export interface EntryKey {
    readonly flow: bigint;
    readonly position: bigint;
}

/** Where a job waits. */
export type Place = EntryKey;

export interface QueueTables {
    readonly appQueues: Table<string, AppQueue>;
    /** Flows keep their numbers for good. */
    readonly flowIds: Table<FlowName, bigint>;
    readonly flows: Table<bigint, Flow>;
    readonly flowEntries: Entries;
}

/** The jobs of the flows by position. */
export interface Entries {
    get(key: EntryKey): bigint | undefined;
    set(key: EntryKey, id: bigint): void;
    /** Leaves a hole. */
    delete(key: EntryKey): void;
    /** The flow's head has gone past a position: it is not read again before it is set again. */
    pass(key: EntryKey): void;
    /** The flow is empty, and its head is at a position. */
    close(key: EntryKey): void;
    /** Rows. */
    size(): number;
}

/** A job that suits whoever asks, and its cost. */
export interface Suited<T> {
    readonly value: T;
    readonly cost: bigint;
}

interface Found<T> {
    readonly flow: Flow;
    readonly position: bigint;
    readonly suited: Suited<T>;
}

/** Weight by which a lane's cost counts: 8:4:1 for interactive, standard and batch (compute.md §5.4). */
const COST_FACTORS = [1n, 2n, 8n] as const;
/** Positions start in the middle, so that there is room on both sides. */
export const START = 1n << 62n;
const EMPTY_LANE: Lane = { current: 0n, flows: 0, live: 0, pass: 0n, quantum: 0n };
const EMPTY: AppQueue = [EMPTY_LANE, EMPTY_LANE, EMPTY_LANE];
/** Entries of one flow that one question looks at. */
const ENTRIES_SEEN = 8;
/** Flows of one lane that it looks at, twice. */
const FLOWS_SEEN = 12;

/**
 * The queue of each app: deficit round robin over the payers of a priority, by cost; priorities share by weight. Nobody
 * waits longer because somebody else has queued more. Every operation touches a bounded number of rows.
 */
export class FairQueue {
    constructor(private readonly tables: QueueTables) {}

    /** Jobs of an app that wait. */
    length(appId: string): bigint {
        const queue = this.tables.appQueues.get(appId);
        return queue === undefined ? 0n : BigInt(queue[0].live + queue[1].live + queue[2].live);
    }

    /** Appends to the payer's jobs; one that comes back goes before them. */
    push(name: FlowName, id: bigint, where: 'back' | 'front'): Place {
        const queue = this.tables.appQueues.get(name.appId) ?? EMPTY;
        const lane = PRIORITIES.indexOf(name.lane);
        const flowId = this.flowIdOf(name);
        const before = this.tables.flows.get(flowId);
        const flow = before ?? { lane, next: flowId, previous: flowId, head: START, tail: START, live: 0, deficit: 0n };
        const linked = before === undefined ? this.link(queue[lane] ?? EMPTY_LANE, flowId, flow) : flow;
        const position = where === 'back' ? linked.tail : linked.head - 1n;
        const head = where === 'back' ? linked.head : position;
        const tail = where === 'back' ? position + 1n : linked.tail;
        this.tables.flows.set(flowId, { ...linked, head, tail, live: linked.live + 1 });
        this.tables.flowEntries.set({ flow: flowId, position }, id);
        this.saveQueue(name.appId, entered(queue, lane, flowId, before === undefined));
        return { flow: flowId, position };
    }

    /** Removes a job from wherever it waits. */
    remove(appId: string, { flow: flowId, position }: Place): void {
        const queue = this.tables.appQueues.get(appId);
        const flow = this.tables.flows.get(flowId);
        if (queue === undefined || flow === undefined) return;
        this.takeOut(flowId, flow, position);
        const rest = without(flow, position);
        const lane = queue[flow.lane] ?? EMPTY_LANE;
        this.saveQueue(appId, withLane(queue, flow.lane, this.leave(lane, flowId, rest)));
    }

    /** Takes the next job that suits out of the queue; the lane that has had least is asked first. */
    take<T>(appId: string, suits: (id: bigint) => Suited<T> | undefined): T | undefined {
        const queue = this.tables.appQueues.get(appId);
        if (queue === undefined) return undefined;
        const order = [0, 1, 2].filter((index) => (queue[index]?.live ?? 0) > 0);
        order.sort((a, b) => comparePasses(queue[a], queue[b]));
        for (const index of order) {
            const taken = this.takeFrom(queue[index] ?? EMPTY_LANE, suits);
            if (taken === undefined) continue;
            const { lane, suited } = taken;
            const pass = lane.pass + suited.cost * (COST_FACTORS[index] ?? 1n);
            this.saveQueue(appId, withLane(queue, index, { ...lane, pass }));
            return suited.value;
        }
        return undefined;
    }

    private takeFrom<T>(
        lane: Lane,
        suits: (id: bigint) => Suited<T> | undefined
    ): { lane: Lane; suited: Suited<T> } | undefined {
        const first = this.goRound(lane, suits, true);
        const found = first === 'overdrawn' ? this.goRound(lane, suits, false) : first;
        return found === 'overdrawn' ? undefined : found;
    }

    /** One round gives every flow its quantum and passes over what is overdrawn; if nothing is left, the next one serves anyway. */
    private goRound<T>(
        lane: Lane,
        suits: (id: bigint) => Suited<T> | undefined,
        isStrict: boolean
    ): { lane: Lane; suited: Suited<T> } | 'overdrawn' | undefined {
        const isPatient = isStrict && lane.flows > 1 && lane.quantum > 0n;
        let flowId = lane.current;
        let isAnyOverdrawn = false;
        for (let seen = 0; seen < lane.flows && seen < FLOWS_SEEN; seen++) {
            const flow = this.tables.flows.get(flowId);
            if (flow === undefined) return undefined;
            const gets = isPatient && flow.deficit <= 0n ? lane.quantum : 0n;
            const filled = gets === 0n ? flow : { ...flow, deficit: flow.deficit + gets };
            const isOverdrawn = isPatient && filled.deficit <= 0n;
            const found = isOverdrawn ? undefined : this.firstSuited(flowId, filled, suits);
            if (found !== undefined) return this.served(lane, flowId, found);
            if (isOverdrawn) this.tables.flows.set(flowId, filled);
            isAnyOverdrawn ||= isOverdrawn;
            flowId = flow.next;
        }
        return isAnyOverdrawn ? 'overdrawn' : undefined;
    }

    /** The first of a flow's jobs that suits; holes at the head are dropped on the way, so that they are never in the way twice. */
    private firstSuited<T>(
        flowId: bigint,
        flow: Flow,
        suits: (id: bigint) => Suited<T> | undefined
    ): Found<T> | undefined {
        let { head } = flow;
        for (let position = head, seen = 0; position < flow.tail && seen < ENTRIES_SEEN; position++, seen++) {
            const id = this.tables.flowEntries.get({ flow: flowId, position });
            if (id === undefined && position === head) head = this.passed(flowId, position);
            const suited = id === undefined ? undefined : suits(id);
            if (suited !== undefined) return { flow: { ...flow, head }, position, suited };
        }
        if (head !== flow.head) this.tables.flows.set(flowId, { ...flow, head });
        return undefined;
    }

    private served<T>(
        lane: Lane,
        flowId: bigint,
        { flow, position, suited }: Found<T>
    ): { lane: Lane; suited: Suited<T> } {
        this.takeOut(flowId, flow, position);
        const deficit = lane.flows === 1 ? 0n : flow.deficit - suited.cost;
        const rest = { ...without(flow, position), deficit };
        const keepsTurn = deficit > 0n || rest.live === 0;
        const left = this.leave({ ...lane, current: keepsTurn ? flowId : flow.next }, flowId, rest);
        return { lane: { ...left, quantum: usualCost(lane.quantum, suited.cost) }, suited };
    }

    private takeOut(flowId: bigint, { head }: Flow, position: bigint): void {
        if (position === head) this.passed(flowId, position);
        else this.tables.flowEntries.delete({ flow: flowId, position });
    }

    private passed(flowId: bigint, position: bigint): bigint {
        this.tables.flowEntries.pass({ flow: flowId, position });
        return position + 1n;
    }

    /** Stores what is left of a flow; one without jobs leaves the ring. */
    private leave(lane: Lane, flowId: bigint, rest: Flow): Lane {
        const live = lane.live - 1;
        if (rest.live > 0) {
            this.tables.flows.set(flowId, rest);
            return { ...lane, live };
        }
        this.tables.flows.delete(flowId);
        this.tables.flowEntries.close({ flow: flowId, position: rest.head });
        if (lane.flows === 1) return { ...lane, current: 0n, flows: 0, live };
        this.joinNeighbours(rest);
        return { ...lane, current: lane.current === flowId ? rest.next : lane.current, flows: lane.flows - 1, live };
    }

    private joinNeighbours({ next, previous }: Flow): void {
        const { flows } = this.tables;
        const before = flows.get(previous);
        if (before !== undefined) flows.set(previous, { ...before, next });
        const after = flows.get(next);
        if (after !== undefined) flows.set(next, { ...after, previous });
    }

    /** Puts a new flow at the end of the ring: before the one whose turn it is. */
    private link(lane: Lane, flowId: bigint, flow: Flow): Flow {
        if (lane.current === 0n) return flow;
        const { flows } = this.tables;
        const current = flows.get(lane.current);
        if (current === undefined) return flow;
        const { previous } = current;
        flows.set(lane.current, { ...current, previous: flowId });
        const last = flows.get(previous);
        if (last !== undefined) flows.set(previous, { ...last, next: flowId });
        return { ...flow, next: lane.current, previous };
    }

    private flowIdOf(name: FlowName): bigint {
        const { flowIds } = this.tables;
        const known = flowIds.get(name);
        if (known !== undefined) return known;
        const id = BigInt(flowIds.size() + 1);
        flowIds.set(name, id);
        return id;
    }

    private saveQueue(appId: string, queue: AppQueue): void {
        if (queue.every(({ live }) => live === 0)) this.tables.appQueues.delete(appId);
        else this.tables.appQueues.set(appId, queue);
    }
}

function entered(queue: AppQueue, index: number, flowId: bigint, isNewFlow: boolean): AppQueue {
    const lane = queue[index] ?? EMPTY_LANE;
    const isWaking = lane.live === 0;
    return withLane(queue, index, {
        ...lane,
        current: lane.current === 0n ? flowId : lane.current,
        flows: lane.flows + (isNewFlow ? 1 : 0),
        live: lane.live + 1,
        // A lane that was empty has saved nothing up.
        pass: isWaking ? leastPass(queue, lane.pass) : lane.pass
    });
}

function leastPass(queue: AppQueue, own: bigint): bigint {
    const passes = queue.filter(({ live }) => live > 0).map(({ pass }) => pass);
    const least = passes.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
    return least === undefined || least < own ? own : least;
}

function withLane([first, second, third]: AppQueue, index: number, lane: Lane): AppQueue {
    return [index === 0 ? lane : first, index === 1 ? lane : second, index === 2 ? lane : third];
}

/** Holes at the head go for good. */
function without(flow: Flow, position: bigint): Flow {
    return { ...flow, live: flow.live - 1, head: position === flow.head ? position + 1n : flow.head };
}

function comparePasses(a: Lane | undefined, b: Lane | undefined): number {
    const difference = (a?.pass ?? 0n) - (b?.pass ?? 0n);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** A moving average over eight jobs, at least 1. */
function usualCost(quantum: bigint, cost: bigint): bigint {
    const usual = quantum === 0n ? cost : (7n * quantum + cost) / 8n;
    return usual < 1n ? 1n : usual;
}
