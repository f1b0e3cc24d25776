import type { Principal } from '@dfinity/principal';
import { comparePrincipals } from '../../../src/core/account';
import { samePrincipal } from '../../../src/core/principals';
import { servingNodes } from './claim';
import type { AllowedNodes } from './job';
import type { JobBook } from './job_book';
import { freeSlots, type Attachment } from './node';

/** A region as nodes register it: parts from the largest to the smallest, such as `eu-west-1`. */
export type Place = string;

export interface RouteWish {
    readonly appId: string;
    /** No other node will do. */
    readonly node?: Principal;
    /** No others will do. */
    readonly allowed?: AllowedNodes;
    readonly exclude?: readonly Principal[];
    /** Where whoever asks is. */
    readonly near?: Place;
}

export interface Route {
    readonly node: Principal;
    readonly region: Place;
    /** Jobs and sessions that the node has. */
    readonly held: number;
    readonly slots: number;
}

/** Nodes that one answer names. */
const MAX_ROUTES = 16;

/**
 * The nodes that can take a call of an app now, the best first: by load (what they hold of their slots), then by distance,
 * then by name (domain.md C.5).
 */
export function route(book: JobBook, wish: RouteWish, nowNs: bigint): readonly Route[] {
    const suitable = servingNodes(book, wish.appId, nowNs)
        .filter((attachment) => isSuitable(attachment, wish))
        .filter((attachment) => freeSlots(attachment, heldBy(book, attachment)) > 0)
        .map((attachment) => ({ attachment, held: heldBy(book, attachment).length }));
    const far = (place: Place): number => (wish.near === undefined ? 0 : distance(wish.near, place));
    suitable.sort((a, b) => {
        const load = a.held * b.attachment.slots - b.held * a.attachment.slots;
        if (load !== 0) return load;
        const way = far(a.attachment.region) - far(b.attachment.region);
        return way !== 0 ? way : comparePrincipals(a.attachment.node, b.attachment.node);
    });
    return suitable
        .slice(0, MAX_ROUTES)
        .map(({ attachment: { node, region, slots }, held }) => ({ node, region, slots, held }));
}

function heldBy(book: JobBook, { node }: Attachment): readonly bigint[] {
    return book.tables.leases.get(node) ?? [];
}

function isSuitable({ node }: Attachment, { node: wanted, allowed, exclude }: RouteWish): boolean {
    const isAmong = (nodes: readonly Principal[]): boolean => nodes.some((other) => samePrincipal(other, node));
    return (
        (wanted === undefined || samePrincipal(wanted, node)) &&
        (allowed === undefined || isAmong(allowed)) &&
        (exclude === undefined || !isAmong(exclude))
    );
}

/** How many parts of the region differ: 0 for the same. */
export function distance(a: Place, b: Place): number {
    const [here, there] = [a.split('-'), b.split('-')];
    const length = Math.max(here.length, there.length);
    let shared = 0;
    while (shared < length && here[shared] !== undefined && here[shared] === there[shared]) shared++;
    return length - shared;
}
