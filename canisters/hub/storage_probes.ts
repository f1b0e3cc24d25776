/** Tables of the probe plan and its results. */
import {
    codecOf,
    bool,
    fixedBytes,
    list,
    natValue,
    oneOf,
    optional,
    principal,
    principalKey,
    record,
    u64,
    u64Key
} from '../../src/core/codec';
import type { Cell, TableFactory } from '../../src/core/table';
import { NO_DICE, type DiceState } from './domain/dice';
import type { OnlineNode, OnlineTables } from './domain/online_nodes';
import {
    NO_PROBERS,
    type DuePlace,
    type DueProbeKey,
    type PlanTables,
    type ProbeKey,
    type ProbePlanRow,
    type ProberSet
} from './domain/probe_plan';
import { PROBE_STATUSES, type ProbeResult, type ProbeTables } from './domain/probes';
import { NO_WALK, type ProbeProgress } from './jobs/plan_probes';

const MEMORY = {
    onlineNodes: 40,
    onlineList: 41,
    plans: 42,
    waiting: 43,
    due: 44,
    dueCounts: 45,
    results: 46,
    resultsByNode: 47,
    resultsByValidator: 48,
    calls: 49
} as const;

const onlineNode = codecOf(record<OnlineNode>({ index: u64, lastStatusNs: u64, seenIn: u64, plannedFor: u64 }));
const probeKey = codecOf(record<ProbeKey>({ validator: principal, node: principal }));
const planRow = codecOf(record<ProbePlanRow>({ probeId: u64, dueNs: u64, place: optional(u64) }));
/** Time first: the smallest key is what is due next. */
const dueProbeKey = codecOf(record<DueProbeKey>({ dueNs: u64, validator: principal, node: principal }));
const duePlace = codecOf(record<DuePlace>({ validator: principal, index: u64 }));
const proberSet = codecOf(record<ProberSet>({ version: u64, members: list(principal), departed: list(principal) }));
const probeResult = codecOf(
    record<ProbeResult>({
        probeId: u64,
        validator: principal,
        node: principal,
        status: oneOf(PROBE_STATUSES),
        elapsedMs: u64,
        requestId: optional(u64),
        dueNs: u64,
        submittedAtNs: u64
    })
);
const dice = codecOf(record<DiceState>({ seed: optional(fixedBytes(32)), seededAtNs: u64, drawn: u64 }));
const progress = codecOf(
    record<ProbeProgress>({ walk: u64, nextPage: optional(u64), startedNs: u64, sweepAt: optional(u64) })
);

export interface ProbingTables {
    readonly online: OnlineTables;
    readonly plan: PlanTables;
    readonly results: ProbeTables;
    readonly dice: Cell<DiceState>;
    readonly progress: Cell<ProbeProgress>;
    readonly leaseUntilNs: Cell<bigint>;
}

export function probeTables(tables: TableFactory): ProbingTables {
    return {
        online: {
            nodes: tables.table(MEMORY.onlineNodes, principalKey, onlineNode),
            list: tables.table(MEMORY.onlineList, u64Key, principalKey),
            count: tables.cell('online_nodes', natValue, 0n)
        },
        plan: {
            plans: tables.table(MEMORY.plans, probeKey, planRow),
            waiting: tables.ordered(MEMORY.waiting, dueProbeKey, codecOf(bool)),
            due: tables.table(MEMORY.due, duePlace, principalKey),
            dueCounts: tables.table(MEMORY.dueCounts, principalKey, u64Key),
            probers: tables.cell('probers', proberSet, NO_PROBERS),
            nextProbeId: tables.cell('next_probe', natValue, 0n)
        },
        results: {
            results: tables.table(MEMORY.results, u64Key, probeResult),
            byNode: tables.lists(MEMORY.resultsByNode, principalKey, u64Key),
            byValidator: tables.lists(MEMORY.resultsByValidator, principalKey, u64Key),
            calls: tables.table(MEMORY.calls, u64Key, u64Key)
        },
        dice: tables.cell('dice', dice, NO_DICE),
        progress: tables.cell('probe_progress', progress, NO_WALK),
        leaseUntilNs: tables.cell('probe_lease', natValue, 0n)
    };
}
