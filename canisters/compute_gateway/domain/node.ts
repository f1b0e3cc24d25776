import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import type { Limits } from './limits';

/** A compute node that offers to run apps. */
export interface Attachment {
    readonly node: Principal;
    readonly apps: readonly string[];
    /** Apps of its offer that ask for more than it has now; they come back by themselves. */
    readonly withheld: readonly string[];
    /** Jobs that it runs at a time. */
    readonly slots: number;
    /** Where it is, as the state machine knows it. */
    readonly region: string;
    /** The state machine's last word, and when it was given. */
    readonly active: boolean;
    readonly checkedAtNs: bigint;
    /** When the timer asks again. */
    readonly nextCheckNs: bigint;
}

/** Whether the state machine's word about a node is too old to be believed. */
export function isStale(attachment: Attachment, nowNs: bigint, limits: Limits): boolean {
    return nowNs >= attachment.checkedAtNs + limits.nodeCacheS * NS_PER_S;
}

/** Whether the node may be given work, as far as we know now. */
export function isServing(attachment: Attachment, nowNs: bigint, limits: Limits): boolean {
    return attachment.active && !isStale(attachment, nowNs, limits);
}

/** Jobs that a node may be given besides those that it holds. */
export function freeSlots(attachment: Attachment, held: readonly bigint[] = []): number {
    return Math.max(0, attachment.slots - held.length);
}
