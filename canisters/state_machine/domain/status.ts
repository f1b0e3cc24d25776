import type { NodeClass } from '../../../src/core/tokenomics/profile';

/** Stored by position: append, never reorder. */
export const NODE_STATUSES = ['Registered', 'Active', 'Inactive', 'Expired', 'Removed', 'Unregistered'] as const;
/** The standing of a node (domain.md C.1). */
export type NodeStatus = (typeof NODE_STATUSES)[number];

/** Stored by position: append, never reorder. */
export const NODE_CLASSES = ['validator', 'router', 'compute'] as const satisfies readonly NodeClass[];

/** What can happen to a node's standing. */
export const STATUS_EVENTS = [
    'registered_again',
    'poc_passed',
    'poc_failed',
    'stake_confirmed',
    'admitted',
    'reported',
    'went_silent',
    'stake_ended',
    'impeached',
    'collateral_exhausted',
    'unregistered'
] as const;
/** What can happen to the standing of a node. */
export type StatusEvent = (typeof STATUS_EVENTS)[number];

interface Rule {
    readonly event: StatusEvent;
    readonly classes: readonly NodeClass[];
    readonly from: readonly NodeStatus[];
    readonly to: NodeStatus;
}

const STAKED: readonly NodeClass[] = ['validator', 'router'];
const SERVING: readonly NodeStatus[] = ['Active', 'Inactive'];

/** The status machine of domain.md C.1 as data. What no rule names leaves the status as it is. */
const RULES: readonly Rule[] = [
    { event: 'registered_again', classes: NODE_CLASSES, from: ['Unregistered'], to: 'Registered' },
    { event: 'poc_passed', classes: ['compute'], from: ['Registered', ...SERVING], to: 'Active' },
    { event: 'poc_failed', classes: ['compute'], from: ['Active'], to: 'Inactive' },
    { event: 'stake_confirmed', classes: ['router'], from: ['Registered', 'Inactive'], to: 'Active' },
    { event: 'admitted', classes: ['validator'], from: ['Registered'], to: 'Active' },
    // A staked node proves its presence by reporting; a compute node that fell silent must prove its computing again.
    { event: 'reported', classes: STAKED, from: ['Inactive'], to: 'Active' },
    { event: 'went_silent', classes: NODE_CLASSES, from: ['Active'], to: 'Inactive' },
    { event: 'stake_ended', classes: STAKED, from: SERVING, to: 'Expired' },
    { event: 'collateral_exhausted', classes: NODE_CLASSES, from: ['Active'], to: 'Inactive' },
    // A term may end while a case is open; its stake was held, and whoever is voted out is barred all the same.
    { event: 'impeached', classes: NODE_CLASSES, from: [...SERVING, 'Expired'], to: 'Removed' },
    { event: 'unregistered', classes: NODE_CLASSES, from: ['Registered', ...SERVING, 'Expired'], to: 'Unregistered' }
];

/** The status after an event. Total: an event that means nothing in a status changes nothing. */
export function statusAfter(nodeClass: NodeClass, status: NodeStatus, event: StatusEvent): NodeStatus {
    const rule = RULES.find((r) => r.event === event && r.classes.includes(nodeClass) && r.from.includes(status));
    return rule?.to ?? status;
}

/** A node that may not report, bind or prove any more. */
export function isGone(status: NodeStatus): boolean {
    return status === 'Removed' || status === 'Unregistered';
}
