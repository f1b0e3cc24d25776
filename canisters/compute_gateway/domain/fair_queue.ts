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
    readonly flowId: bigint;
    readonly flow: Flow;
    /** The flow's head without the holes before it, and its deficit with this round's quantum; not stored yet. */
    readonly head: bigint;
    readonly deficit: bigint;
    readonly position: bigint;
    readonly suited: Suited<T>;
}

/** None of the jobs that were looked at suits. */
interface NotFound {
    /** The flow after the last one that was looked at. */
    readonly next: bigint;
    /** Some were passed over because they had had their share. */
    readonly isAnyOverdrawn: boolean;
}

/** Weight by which a lane's cost counts: 8:4:1 for interactive, standard and batch (compute.md §5.4). */
const COST_FACTORS = [1n, 2n, 8n] as const;
/** Positions start in the middle, so that there is room on both sides. */
export const START = 1n << 62n;
const EMPTY_LANE: Lane = { current: 0n, flows: 0, live: 0, pass: 0n, quantum: 0n };
/** A bit for each lane. */
const ALL_LANES = 7;
const EMPTY: AppQueue = [EMPTY_LANE, EMPTY_LANE, EMPTY_LANE];
/** Entries of one flow that one question looks at. */
const ENTRIES_SEEN = 8;
/** Flows of one lane that it looks at, twice. */
const FLOWS_SEEN = 12;
/** Flows of one lane that a query looks at. */
const FLOWS_ASKED = 32;

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
        const isNew = before === undefined;
        const linked = isNew
            ? this.link(queue[lane] ?? EMPTY_LANE, flowId, flowOf(lane, flowId, flowId, START, START, 0, 0n))
            : before;
        const position = where === 'back' ? linked.tail : linked.head - 1n;
        const head = where === 'back' ? linked.head : position;
        const tail = where === 'back' ? position + 1n : linked.tail;
        const { next, previous, live, deficit } = linked;
        this.tables.flows.set(flowId, flowOf(lane, next, previous, head, tail, live + 1, deficit));
        this.tables.flowEntries.set({ flow: flowId, position }, id);
        this.saveQueue(name.appId, entered(queue, lane, flowId, isNew));
        return { flow: flowId, position };
    }

    /** Removes a job from wherever it waits. */
    remove(appId: string, { flow: flowId, position }: Place): void {
        const queue = this.tables.appQueues.get(appId);
        const flow = this.tables.flows.get(flowId);
        if (queue === undefined || flow === undefined) return;
        this.takeOut(flowId, flow.head, position);
        const rest = without(flow, position, flow.head, flow.deficit);
        const lane = queue[flow.lane] ?? EMPTY_LANE;
        const left = this.leave(lane, flowId, rest, lane.current, lane.pass, lane.quantum);
        this.saveQueue(appId, withLane(queue, flow.lane, left));
    }

    /** Takes the next job that suits out of the queue; the lane that has had least is asked first. */
    take<T>(appId: string, suits: (id: bigint) => Suited<T> | undefined): T | undefined {
        let queue = this.tables.appQueues.get(appId);
        if (queue === undefined) return undefined;
        for (let asked = 0; asked < ALL_LANES;) {
            const index = leastServed(queue, asked);
            const lane = index === undefined ? undefined : queue[index];
            if (index === undefined || lane === undefined) return undefined;
            asked |= 1 << index;
            const found = this.findIn(lane, suits);
            if ('next' in found) {
                if (lane.flows <= FLOWS_SEEN) continue;
                // Flows without a job that suits must not stand before the others for ever.
                queue = withLane(queue, index, { ...lane, current: found.next });
                this.saveQueue(appId, queue);
                continue;
            }
            const pass = lane.pass + found.suited.cost * (COST_FACTORS[index] ?? 1n);
            this.saveQueue(appId, withLane(queue, index, this.served(lane, pass, found)));
            return found.suited.value;
        }
        return undefined;
    }

    /**
     * Whether a take could bring a job that suits, now or after others that only move the ring on: true as well when a lane has more
     * flows than are looked at here. Changes nothing.
     */
    mayHold(appId: string, suits: (id: bigint) => boolean): boolean {
        const queue = this.tables.appQueues.get(appId);
        return queue !== undefined && queue.some((lane) => lane.live > 0 && this.mayLaneHold(lane, suits));
    }

    private mayLaneHold(lane: Lane, suits: (id: bigint) => boolean): boolean {
        let flowId = lane.current;
        for (let seen = 0; seen < lane.flows; seen++) {
            const flow = seen < FLOWS_ASKED ? this.tables.flows.get(flowId) : undefined;
            if (flow === undefined || this.mayFlowHold(flowId, flow, suits)) return true;
            flowId = flow.next;
        }
        return false;
    }

    /** Of a flow no more is looked at than a take does that has dropped the holes at its head. */
    private mayFlowHold(flow: bigint, { head, tail }: Flow, suits: (id: bigint) => boolean): boolean {
        let first = head;
        const idAt = (position: bigint): bigint | undefined => this.tables.flowEntries.get({ flow, position });
        for (let seen = 0; seen < ENTRIES_SEEN && first < tail && idAt(first) === undefined; seen++) first++;
        for (let position = first, seen = 0; position < tail && seen < ENTRIES_SEEN; position++, seen++) {
            const id = idAt(position);
            if (position === first ? id === undefined || suits(id) : id !== undefined && suits(id)) return true;
        }
        return false;
    }

    private findIn<T>(lane: Lane, suits: (id: bigint) => Suited<T> | undefined): Found<T> | NotFound {
        const first = this.goRound(lane, suits, true);
        return 'next' in first && first.isAnyOverdrawn ? this.goRound(lane, suits, false) : first;
    }

    /** One round gives every flow its quantum and passes over what is overdrawn; if nothing is left, the next one serves anyway. */
    private goRound<T>(
        lane: Lane,
        suits: (id: bigint) => Suited<T> | undefined,
        isStrict: boolean
    ): Found<T> | NotFound {
        const isPatient = isStrict && lane.flows > 1 && lane.quantum > 0n;
        let flowId = lane.current;
        let isAnyOverdrawn = false;
        for (let seen = 0; seen < lane.flows && seen < FLOWS_SEEN; seen++) {
            const flow = this.tables.flows.get(flowId);
            if (flow === undefined) break;
            const deficit = isPatient && flow.deficit <= 0n ? flow.deficit + lane.quantum : flow.deficit;
            if (isPatient && deficit <= 0n) {
                this.tables.flows.set(flowId, { ...flow, deficit });
                isAnyOverdrawn = true;
            } else {
                const found = this.firstSuited(flowId, flow, deficit, suits);
                if (found !== undefined) return found;
            }
            flowId = flow.next;
        }
        return { next: flowId, isAnyOverdrawn };
    }

    /** The first of a flow's jobs that suits; holes at the head are dropped on the way, so that they are never in the way twice. */
    private firstSuited<T>(
        flowId: bigint,
        flow: Flow,
        deficit: bigint,
        suits: (id: bigint) => Suited<T> | undefined
    ): Found<T> | undefined {
        let { head } = flow;
        for (let position = head, seen = 0; position < flow.tail && seen < ENTRIES_SEEN; position++, seen++) {
            const id = this.tables.flowEntries.get({ flow: flowId, position });
            if (id === undefined && position === head) head = this.passed(flowId, position);
            const suited = id === undefined ? undefined : suits(id);
            if (suited !== undefined) return { flowId, flow, head, deficit, position, suited };
        }
        if (head !== flow.head) this.tables.flows.set(flowId, { ...flow, head });
        return undefined;
    }

    /** The lane after one of its jobs was taken. */
    private served<T>(lane: Lane, pass: bigint, found: Found<T>): Lane {
        const { flowId, flow, head, position, suited } = found;
        this.takeOut(flowId, head, position);
        const deficit = lane.flows === 1 ? 0n : found.deficit - suited.cost;
        const rest = without(flow, position, head, deficit);
        const keepsTurn = deficit > 0n || rest.live === 0;
        const current = keepsTurn ? flowId : flow.next;
        return this.leave(lane, flowId, rest, current, pass, usualCost(lane.quantum, suited.cost));
    }

    private takeOut(flowId: bigint, head: bigint, position: bigint): void {
        if (position === head) this.passed(flowId, position);
        else this.tables.flowEntries.delete({ flow: flowId, position });
    }

    private passed(flowId: bigint, position: bigint): bigint {
        this.tables.flowEntries.pass({ flow: flowId, position });
        return position + 1n;
    }

    /** Stores what is left of a flow, and returns the lane; a flow without jobs leaves the ring. */
    private leave(lane: Lane, flowId: bigint, rest: Flow, current: bigint, pass: bigint, quantum: bigint): Lane {
        const live = lane.live - 1;
        if (rest.live > 0) {
            this.tables.flows.set(flowId, rest);
            return { current, flows: lane.flows, live, pass, quantum };
        }
        this.tables.flows.delete(flowId);
        this.tables.flowEntries.close({ flow: flowId, position: rest.head });
        if (lane.flows === 1) return { current: 0n, flows: 0, live, pass, quantum };
        this.joinNeighbours(rest);
        return { current: current === flowId ? rest.next : current, flows: lane.flows - 1, live, pass, quantum };
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
        const isEmpty = queue[0].live === 0 && queue[1].live === 0 && queue[2].live === 0;
        if (isEmpty) this.tables.appQueues.delete(appId);
        else this.tables.appQueues.set(appId, queue);
    }
}

/** Spelled out: to spread an object costs a canister twice as much as to name its fields. */
function flowOf(
    lane: number,
    next: bigint,
    previous: bigint,
    head: bigint,
    tail: bigint,
    live: number,
    deficit: bigint
): Flow {
    return { lane, next, previous, head, tail, live, deficit };
}

function entered(queue: AppQueue, index: number, flowId: bigint, isNewFlow: boolean): AppQueue {
    const lane = queue[index] ?? EMPTY_LANE;
    const { current, flows, live, pass, quantum } = lane;
    return withLane(queue, index, {
        current: current === 0n ? flowId : current,
        flows: isNewFlow ? flows + 1 : flows,
        live: live + 1,
        // A lane that was empty has saved nothing up.
        pass: live === 0 ? leastPass(queue, pass) : pass,
        quantum
    });
}

function leastPass(queue: AppQueue, own: bigint): bigint {
    const passes = queue.filter(({ live }) => live > 0).map(({ pass }) => pass);
    const least = passes.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
    return least === undefined || least < own ? own : least;
}

/** Of the lanes with jobs that were not asked yet, the one that has had least; of equals the first. */
function leastServed(queue: AppQueue, asked: number): number | undefined {
    let least: number | undefined;
    for (let index = 0; index < queue.length; index++) {
        const lane = queue[index];
        if (lane === undefined || lane.live === 0 || (asked & (1 << index)) !== 0) continue;
        if (least === undefined || lane.pass < (queue[least]?.pass ?? 0n)) least = index;
    }
    return least;
}

function withLane(queue: AppQueue, index: number, lane: Lane): AppQueue {
    return [index === 0 ? lane : queue[0], index === 1 ? lane : queue[1], index === 2 ? lane : queue[2]];
}

/** Holes at the head go for good. */
function without(flow: Flow, position: bigint, head: bigint, deficit: bigint): Flow {
    const rest = position === head ? position + 1n : head;
    return flowOf(flow.lane, flow.next, flow.previous, rest, flow.tail, flow.live - 1, deficit);
}

/** A moving average over eight jobs, at least 1. */
function usualCost(quantum: bigint, cost: bigint): bigint {
    if (quantum === cost && cost > 0n) return quantum;
    const usual = quantum === 0n ? cost : (7n * quantum + cost) / 8n;
    return usual < 1n ? 1n : usual;
}
