import type { Principal } from '@dfinity/principal';
import { comparePrincipals } from '../../../src/core/account';
import { invariant } from '../../../src/core/assert';
import { NS_PER_S } from '../../../src/core/clock';
import type { Cell, OrderedTable, Table } from '../../../src/core/table';
import type { Dice } from './dice';
import type { OnlineNodes } from './online_nodes';

/** The validators whose probes are planned. */
export interface ProberSet {
    /** Counts changes; 0 before the first set is known. */
    readonly version: bigint;
    readonly members: readonly Principal[];
    /** Left the set; their plans are not all gone yet. */
    readonly departed: readonly Principal[];
}

export const NO_PROBERS: ProberSet = { version: 0n, members: [], departed: [] };

export interface ProbeKey {
    readonly validator: Principal;
    readonly node: Principal;
}

/** The next probe of a node by a validator: one at a time. */
export interface ProbePlanRow {
    readonly probeId: bigint;
    readonly dueNs: bigint;
    /** Place in the validator's list of due probes; absent while it waits for its time. */
    readonly place?: bigint;
}

export interface DueProbeKey extends ProbeKey {
    readonly dueNs: bigint;
}

/** A place in a validator's list of due probes. */
export interface DuePlace {
    readonly validator: Principal;
    readonly index: bigint;
}

export interface PlanTables {
    readonly plans: Table<ProbeKey, ProbePlanRow>;
    readonly waiting: OrderedTable<DueProbeKey, boolean>;
    readonly due: Table<DuePlace, Principal>;
    readonly dueCounts: Table<Principal, bigint>;
    readonly probers: Cell<ProberSet>;
    readonly nextProbeId: Cell<bigint>;
}

/** Seconds between which the time until the next probe lies. */
export interface ProbeInterval {
    readonly minS: bigint;
    readonly maxS: bigint;
}

/** A probe that waits for its validator. */
export interface DueProbe {
    readonly probeId: bigint;
    readonly node: Principal;
    readonly dueNs: bigint;
}

/** Places that one listing looks at. */
const LOOKED_AT = 300n;
const LISTED = 100;

/**
 * Who probes whom next: for each validator and each online node one probe, at a time that is uniform between the interval's
 * ends. A probe waits by time, is then on its validator's list, and is planned anew with its result.
 */
export class ProbePlan {
    constructor(
        private readonly tables: PlanTables,
        private readonly nodes: OnlineNodes,
        private readonly dice: Dice
    ) {}

    probers(): ProberSet {
        return this.tables.probers.get();
    }

    isProber(who: Principal): boolean {
        return includes(this.probers().members, who);
    }

    /** Takes the validator set over; a changed one is planned by the next sweep. */
    setProbers(members: readonly Principal[]): void {
        const { version, members: before, departed } = this.probers();
        const same = members.length === before.length && members.every((member) => includes(before, member));
        if (same && version > 0n) return;
        const gone = [...departed, ...before].filter((member) => !includes(members, member));
        this.tables.probers.set({ version: version + 1n, members, departed: gone });
    }

    /** The plans of those who left have all been swept away. */
    forgetDeparted(version: bigint): void {
        const probers = this.probers();
        if (probers.version === version) this.tables.probers.set({ ...probers, departed: [] });
    }

    /**
     * Brings the plans of the node at a place of the list up to date: all gone if the walk did not meet it, one for each
     * validator otherwise. Answers where the sweep goes on, and how many plans it touched.
     */
    sweep(index: bigint, walk: bigint, interval: ProbeInterval, nowNs: bigint): { next: bigint; touched: number } {
        const row = this.nodes.at(index);
        if (row === undefined) return { next: index, touched: 0 };
        const { version, members, departed } = this.probers();
        if (row.seenIn < walk) {
            for (const validator of [...members, ...departed]) this.remove({ validator, node: row.node });
            this.nodes.drop(row.node);
            return { next: index, touched: members.length + departed.length };
        }
        if (row.plannedFor === version) return { next: index + 1n, touched: 0 };
        for (const validator of departed) this.remove({ validator, node: row.node });
        const missing = members.filter((validator) => !this.tables.plans.has({ validator, node: row.node }));
        // The first probe comes within the shorter interval, so that new nodes and validators are spread over it.
        const waits = this.dice.uniform(missing.length, 0n, interval.minS * NS_PER_S);
        missing.forEach((validator, i) => this.plan({ validator, node: row.node }, nowNs + (waits[i] ?? 0n)));
        this.nodes.planned(row.node, version);
        return { next: index + 1n, touched: members.length + departed.length };
    }

    /** Puts probes whose time has come on the lists of their validators; at most `take`. Answers whether more wait. */
    listDue(nowNs: bigint, take: number): boolean {
        for (let count = 0; count < take; count++) {
            const first = this.tables.waiting.firstKey();
            if (first === undefined || first.dueNs > nowNs) return false;
            this.tables.waiting.delete(first);
            const { validator, node } = first;
            const key = { validator, node };
            if (this.isProber(validator) && this.nodes.get(node) !== undefined) this.list(key);
            else this.tables.plans.delete(key);
        }
        return true;
    }

    /** When the next probe's time comes; undefined when none waits. */
    nextDueNs(): bigint | undefined {
        return this.tables.waiting.firstKey()?.dueNs;
    }

    waitingCount(): number {
        return this.tables.waiting.size();
    }

    get(key: ProbeKey): ProbePlanRow | undefined {
        return this.tables.plans.get(key);
    }

    /** Whether probes of the node are planned: not when it went offline for longer. */
    covers(node: Principal): boolean {
        return this.nodes.get(node) !== undefined;
    }

    /** Due probes of online nodes, at most 100. */
    due(validator: Principal, onlineWindowS: bigint, nowNs: bigint): readonly DueProbe[] {
        const found: DueProbe[] = [];
        const length = this.dueCount(validator);
        const end = length < LOOKED_AT ? length : LOOKED_AT;
        for (let index = 0n; index < end && found.length < LISTED; index++) {
            const node = this.tables.due.get({ validator, index });
            const row = node && this.tables.plans.get({ validator, node });
            if (node === undefined || row === undefined || !this.nodes.isOnline(node, onlineWindowS, nowNs)) continue;
            found.push({ probeId: row.probeId, node, dueNs: row.dueNs });
        }
        return found;
    }

    dueCount(validator: Principal): bigint {
        return this.tables.dueCounts.get(validator) ?? 0n;
    }

    /** A probe has its result: the next one is due after the interval. Answers when. */
    again(key: ProbeKey, interval: ProbeInterval, nowNs: bigint): bigint {
        this.remove(key);
        const [wait = 0n] = this.dice.uniform(1, interval.minS * NS_PER_S, interval.maxS * NS_PER_S);
        return this.plan(key, nowNs + wait);
    }

    private plan(key: ProbeKey, dueNs: bigint): bigint {
        const probeId = this.tables.nextProbeId.get();
        this.tables.nextProbeId.set(probeId + 1n);
        this.tables.plans.set(key, { probeId, dueNs });
        this.tables.waiting.set({ ...key, dueNs }, true);
        return dueNs;
    }

    private list(key: ProbeKey): void {
        const row = this.tables.plans.get(key);
        invariant(row !== undefined, 'P1', 'a probe waits and is not planned');
        const place = this.dueCount(key.validator);
        this.tables.due.set({ validator: key.validator, index: place }, key.node);
        this.tables.dueCounts.set(key.validator, place + 1n);
        this.tables.plans.set(key, { ...row, place });
    }

    private remove(key: ProbeKey): void {
        const row = this.tables.plans.get(key);
        if (row === undefined) return;
        if (row.place === undefined) this.tables.waiting.delete({ ...key, dueNs: row.dueNs });
        else this.unlist(key.validator, row.place);
        this.tables.plans.delete(key);
    }

    /** The last of the list takes the place that becomes free. */
    private unlist(validator: Principal, place: bigint): void {
        const last = this.dueCount(validator) - 1n;
        const moved = this.tables.due.get({ validator, index: last });
        if (moved !== undefined && last !== place) {
            const key = { validator, node: moved };
            const row = this.tables.plans.get(key);
            invariant(row !== undefined, 'P1', 'a probe is due and not planned');
            this.tables.due.set({ validator, index: place }, moved);
            this.tables.plans.set(key, { ...row, place });
        }
        this.tables.due.delete({ validator, index: last });
        this.tables.dueCounts.set(validator, last);
    }
}

function includes(list: readonly Principal[], who: Principal): boolean {
    return list.some((member) => comparePrincipals(member, who) === 0);
}
