import type { Principal } from '@dfinity/principal';
import { minAmount } from '../../../src/core/amount';
import { NS_PER_S } from '../../../src/core/clock';
import { samePrincipal } from '../../../src/core/principals';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import { isStale, type Attachment } from './node';
import { isCapacitySound, withheldOf, type Capacity } from './requirements';
import type { GatewayTables } from './tables';

/** What the state machine says about a node; undefined when it does not know it. */
export interface NodeStanding {
    readonly isCompute: boolean;
    readonly isActive: boolean;
    /** Whether a wallet is bound that can be paid. */
    readonly isBound: boolean;
    readonly region: string;
    /** In units of 10^-8. */
    readonly eValue: bigint;
    /** When it reported last. */
    readonly lastStatusNs: bigint;
}

export interface Offer {
    readonly apps: readonly string[];
    readonly slots: number;
    readonly capacity?: Capacity;
}

export const MAX_APPS_PER_NODE = 32;

export type OfferError = ErrorOf<'InvalidArgument' | 'AppNotFound' | 'TooManyNodes'>;
export type StandingError = ErrorOf<'NodeInactive' | 'NotBound' | 'RequirementsNotMet'>;

/** Checks an offer without the state machine. No apps at all withdraws the node. */
export function checkOffer(tables: GatewayTables, node: Principal, offer: Offer): Result<void, OfferError> {
    const { maxSlots, maxNodesPerApp } = tables.limits.get();
    const { apps, slots, capacity } = offer;
    if (slots < 1 || BigInt(slots) > maxSlots) return err({ kind: 'InvalidArgument', reason: 'slots' });
    if (apps.length > MAX_APPS_PER_NODE || new Set(apps).size !== apps.length) {
        return err({ kind: 'InvalidArgument', reason: 'apps' });
    }
    if (capacity !== undefined && !isCapacitySound(capacity, apps)) {
        return err({ kind: 'InvalidArgument', reason: 'capacity' });
    }
    for (const appId of apps) {
        if (!tables.appsById.has(appId)) return err({ kind: 'AppNotFound' });
        const others = (tables.nodesByApp.get(appId) ?? []).filter((other) => !samePrincipal(other, node));
        if (BigInt(others.length) >= maxNodesPerApp) return err({ kind: 'TooManyNodes', max: maxNodesPerApp });
    }
    return ok(undefined);
}

/** Only active compute nodes with a wallet are given work. */
export function checkStanding(standing: NodeStanding | undefined): Result<NodeStanding, StandingError> {
    if (standing === undefined || !standing.isCompute || !standing.isActive) return err({ kind: 'NodeInactive' });
    return standing.isBound ? ok(standing) : err({ kind: 'NotBound' });
}

/** Attaches a node or replaces its offer; leases that it holds go on. */
export function attach(
    tables: GatewayTables,
    node: Principal,
    offer: Offer,
    nowNs: bigint,
    region = ''
): Result<Attachment, OfferError> {
    const checked = checkOffer(tables, node, offer);
    if (!checked.ok) return checked;
    const before = tables.attachments.get(node);
    for (const appId of before?.apps ?? []) leaveApp(tables, appId, node);
    for (const appId of offer.apps) {
        tables.nodesByApp.set(appId, [...(tables.nodesByApp.get(appId) ?? []), node]);
    }
    const nextCheckNs = before?.nextCheckNs ?? nowNs;
    const { apps, slots, capacity } = offer;
    if (capacity === undefined) tables.capacities.delete(node);
    else tables.capacities.set(node, capacity);
    const attachment = { node, apps, slots, withheld: [], region, active: true, checkedAtNs: nowNs, nextCheckNs };
    return ok(scheduleCheck(tables, attachment, halfCache(tables, nowNs)));
}

/** A node withdraws all its apps. Whether it had any. */
export function detach(tables: GatewayTables, node: Principal): boolean {
    const attachment = tables.attachments.get(node);
    if (attachment === undefined || attachment.apps.length === 0) return false;
    for (const appId of attachment.apps) leaveApp(tables, appId, node);
    tables.nodeChecks.delete({ atNs: attachment.nextCheckNs, node });
    tables.attachments.set(node, { ...attachment, apps: [], withheld: [] });
    return true;
}

function leaveApp(tables: GatewayTables, appId: string, node: Principal): void {
    const others = (tables.nodesByApp.get(appId) ?? []).filter((other) => !samePrincipal(other, node));
    if (others.length === 0) tables.nodesByApp.delete(appId);
    else tables.nodesByApp.set(appId, others);
}

/** Takes over what the state machine says now. */
export function recordStanding(
    tables: GatewayTables,
    node: Principal,
    standing: NodeStanding | undefined,
    nowNs: bigint
): Attachment | undefined {
    const attachment = tables.attachments.get(node);
    if (attachment === undefined) return undefined;
    const region = standing?.region ?? attachment.region;
    const { apps, withheld } = partOffer(tables, attachment, standing, nowNs);
    const heardUntilNs = (standing?.lastStatusNs ?? 0n) + tables.limits.get().maxSilenceS * NS_PER_S;
    // A node that is silent or may serve none of its apps keeps its offer as it is: it may grow, or come back.
    const active = apps.length > 0 && nowNs <= heardUntilNs;
    if (active) moveApps(tables, attachment, apps);
    const offer = active ? { apps, withheld } : {};
    return scheduleCheck(
        tables,
        { ...attachment, ...offer, region, active, checkedAtNs: nowNs },
        // Not before it could be silent, so that it is known then.
        active ? minAmount(halfCache(tables, nowNs), heardUntilNs + NS_PER_S) : halfCache(tables, nowNs)
    );
}

/** What of its offer a node may serve now, and what it may not: one that has no standing serves nothing. */
function partOffer(
    tables: GatewayTables,
    attachment: Attachment,
    standing: NodeStanding | undefined,
    nowNs: bigint
): Pick<Attachment, 'apps' | 'withheld'> {
    const offered = [...attachment.apps, ...attachment.withheld];
    const allowed = checkStanding(standing);
    if (!allowed.ok) return { apps: [], withheld: offered };
    const lacking = withheldOf(tables, attachment.node, offered, allowed.value, nowNs);
    const { maxNodesPerApp } = tables.limits.get();
    const hasPlace = (appId: string): boolean =>
        attachment.apps.includes(appId) || BigInt(tables.nodesByApp.get(appId)?.length ?? 0) < maxNodesPerApp;
    const apps = offered.filter((appId) => !lacking.includes(appId) && hasPlace(appId));
    return { apps, withheld: offered.filter((appId) => !apps.includes(appId)) };
}

/** Brings the lists of the apps in step with what a node serves now. */
function moveApps(tables: GatewayTables, { node, apps: before }: Attachment, after: readonly string[]): void {
    for (const appId of before) if (!after.includes(appId)) leaveApp(tables, appId, node);
    for (const appId of after) {
        if (!before.includes(appId)) tables.nodesByApp.set(appId, [...(tables.nodesByApp.get(appId) ?? []), node]);
    }
}

/** Half-way through the time for which the last word is believed, so that a serving node is never doubted. */
function halfCache(tables: GatewayTables, nowNs: bigint): bigint {
    return nowNs + (tables.limits.get().nodeCacheS * NS_PER_S) / 2n;
}

/** Stores the attachment and moves its check; a node without apps is not asked about. */
function scheduleCheck(tables: GatewayTables, attachment: Attachment, atNs: bigint): Attachment {
    const { node, nextCheckNs, apps } = attachment;
    tables.nodeChecks.delete({ atNs: nextCheckNs, node });
    const moved = { ...attachment, nextCheckNs: atNs };
    tables.attachments.set(node, moved);
    if (apps.length > 0) tables.nodeChecks.set({ atNs, node }, node);
    return moved;
}

/**
 * Nodes whose standing is to be asked for again, oldest first. Each is put off at once, so that a state machine that does
 * not answer is not asked about the same nodes without end.
 */
export function takeNodeChecks(tables: GatewayTables, nowNs: bigint, limit: number): readonly Principal[] {
    const nodes: Principal[] = [];
    while (nodes.length < limit) {
        const key = tables.nodeChecks.firstKey();
        if (key === undefined || key.atNs > nowNs) break;
        const attachment = tables.attachments.get(key.node);
        tables.nodeChecks.delete(key);
        if (attachment === undefined) continue;
        scheduleCheck(tables, attachment, halfCache(tables, nowNs));
        nodes.push(key.node);
    }
    return nodes;
}

/** Whether a caller may have work; `Stale` when the state machine must be asked first. */
export type NodeAccess =
    | { readonly kind: 'Ready' }
    | { readonly kind: 'Stale' }
    | { readonly kind: 'Refused'; readonly error: ErrorOf<'NotAttached' | 'NodeInactive'> };

export function nodeAccess(tables: GatewayTables, who: Principal, nowNs: bigint): NodeAccess {
    const node = tables.attachments.get(who);
    if (node === undefined || node.apps.length === 0) return { kind: 'Refused', error: { kind: 'NotAttached' } };
    if (isStale(node, nowNs, tables.limits.get())) return { kind: 'Stale' };
    return node.active ? { kind: 'Ready' } : { kind: 'Refused', error: { kind: 'NodeInactive' } };
}
