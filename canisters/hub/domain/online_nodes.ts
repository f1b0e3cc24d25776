import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../src/core/assert';
import { NS_PER_S } from '../../../src/core/clock';
import type { Cell, Table } from '../../../src/core/table';

/** A node that reported its status to the state machine lately, as far as the hub has heard. */
export interface OnlineNode {
    /** Its place in the list. */
    readonly index: bigint;
    /** Its last report; the true one can only be later. */
    readonly lastStatusNs: bigint;
    /** The last walk over the registry that met it. */
    readonly seenIn: bigint;
    /** The validator set that has a probe planned for it. */
    readonly plannedFor: bigint;
}

export interface OnlineTables {
    readonly nodes: Table<Principal, OnlineNode>;
    readonly list: Table<bigint, Principal>;
    readonly count: Cell<bigint>;
}

/** The nodes that can be probed: a list without gaps, so that it can be walked, and a row for each. */
export class OnlineNodes {
    constructor(private readonly tables: OnlineTables) {}

    count(): bigint {
        return this.tables.count.get();
    }

    get(node: Principal): OnlineNode | undefined {
        return this.tables.nodes.get(node);
    }

    at(index: bigint): (OnlineNode & { readonly node: Principal }) | undefined {
        const node = this.tables.list.get(index);
        if (node === undefined) return undefined;
        const row = this.tables.nodes.get(node);
        invariant(row !== undefined, 'P1', `node ${node.toText()} is listed and not kept`);
        return { node, ...row };
    }

    /** Takes over what a walk over the registry, or a question for one node, brought. */
    seen(node: Principal, lastStatusNs: bigint, walk?: bigint): void {
        const known = this.tables.nodes.get(node);
        const row = known ?? this.append(node);
        const later = lastStatusNs > row.lastStatusNs ? lastStatusNs : row.lastStatusNs;
        this.tables.nodes.set(node, { ...row, lastStatusNs: later, seenIn: walk ?? row.seenIn });
    }

    planned(node: Principal, plannedFor: bigint): void {
        const row = this.tables.nodes.get(node);
        if (row !== undefined) this.tables.nodes.set(node, { ...row, plannedFor });
    }

    /** Forgets a node; the last of the list takes its place. */
    drop(node: Principal): void {
        const row = this.tables.nodes.get(node);
        if (row === undefined) return;
        const last = this.count() - 1n;
        const moved = this.tables.list.get(last);
        if (moved !== undefined && last !== row.index) this.moveTo(moved, row.index);
        this.tables.list.delete(last);
        this.tables.nodes.delete(node);
        this.tables.count.set(last);
    }

    /** AS-33: online for so long after a report, the last instant included. */
    isOnline(node: Principal, windowS: bigint, nowNs: bigint): boolean {
        const row = this.tables.nodes.get(node);
        return row !== undefined && nowNs - row.lastStatusNs <= windowS * NS_PER_S;
    }

    private append(node: Principal): OnlineNode {
        const index = this.count();
        this.tables.list.set(index, node);
        this.tables.count.set(index + 1n);
        return { index, lastStatusNs: 0n, seenIn: 0n, plannedFor: 0n };
    }

    private moveTo(node: Principal, index: bigint): void {
        const row = this.tables.nodes.get(node);
        invariant(row !== undefined, 'P1', `node ${node.toText()} is listed and not kept`);
        this.tables.list.set(index, node);
        this.tables.nodes.set(node, { ...row, index });
    }
}
