import { compareBytes, concatBytes, equalBytes } from '../../../src/core/bytes';
import { ByteReader, ByteWriter, u32Key, type Codec } from '../../../src/core/codec';
import type { Table } from '../../../src/core/table';

/** A member of a set: at most 255 bytes. */
export type Member = Uint8Array;

/** A leaf (no children) holds members and its right neighbour; an inner node holds what separates its children. */
export interface SetNode {
    readonly members: readonly Member[];
    readonly children: readonly number[];
    /** Number of the next leaf; {@link NO_NODE} for the last. */
    readonly next: number;
    /** In the root: the number that the next new node gets. */
    readonly allocated: number;
}

/** Stored form of a node. */
export const nodeCodec: Codec<SetNode> = {
    encode(node) {
        const { members, children, next, allocated } = node;
        const writer = new ByteWriter();
        writer.u32(next);
        writer.u32(allocated);
        writer.u8(children.length);
        for (const child of children) writer.u32(child);
        for (const member of members) {
            writer.u8(member.length);
            writer.raw(member);
        }
        return writer.finish();
    },
    decode(bytes) {
        const reader = new ByteReader(bytes);
        const next = reader.u32();
        const allocated = reader.u32();
        const children: number[] = [];
        for (let rest = reader.u8(); rest > 0; rest--) children.push(reader.u32());
        const members: Member[] = [];
        while (!reader.atEnd) members.push(reader.raw(reader.u8()));
        return { members, children, next, allocated };
    }
};

const ROOT = 0;
/** The root is nobody's neighbour. */
const NO_NODE = ROOT;
/** Few, because a change reads and writes them all. */
const MAX_MEMBERS = 12;
const EMPTY: SetNode = { members: [], children: [], next: NO_NODE, allocated: ROOT + 1 };

interface Step {
    readonly id: number;
    readonly node: SetNode;
    /** Position of the child that was entered. */
    readonly position: number;
}

/**
 * Many sorted sets in one table, as B+ trees: what must be listed in order, which the tables cannot do. The cost of a change
 * grows with the logarithm of its own set only. Nodes are never merged: an emptied leaf costs one read when it is passed.
 */
export class OrderedSets {
    constructor(private readonly nodes: Table<Uint8Array, SetNode>) {}

    /** Adds a member; one that is there already stays. */
    add(set: Uint8Array, member: Member): void {
        const path = this.descend(set, member);
        const leaf = path.pop();
        if (leaf === undefined) return;
        const { members } = leaf.node;
        const at = lowerBound(members, member);
        if (isAt(members, at, member)) return;
        const grown = [...members.slice(0, at), member, ...members.slice(at)];
        this.store(set, path, leaf.id, { ...leaf.node, members: grown });
    }

    remove(set: Uint8Array, member: Member): void {
        const leaf = this.descend(set, member).at(-1);
        if (leaf === undefined) return;
        const at = lowerBound(leaf.node.members, member);
        if (!isAt(leaf.node.members, at, member)) return;
        const members = leaf.node.members.filter((_, i) => i !== at);
        this.put(set, leaf.id, { ...leaf.node, members });
    }

    /** Up to `limit` members behind `after` (which need not be one), in byte order. */
    list(set: Uint8Array, after: Member | undefined, limit: number): readonly Member[] {
        const found: Member[] = [];
        let node = this.descend(set, after ?? new Uint8Array(0)).at(-1)?.node;
        while (node !== undefined && found.length < limit) {
            for (const member of node.members) {
                if (found.length < limit && (after === undefined || compareWords(member, after) > 0))
                    found.push(member);
            }
            node = node.next === NO_NODE ? undefined : this.get(set, node.next);
        }
        return found;
    }

    /** From the root to the leaf where the member is or would be. */
    private descend(set: Uint8Array, member: Member): Step[] {
        const path: Step[] = [];
        let id: number | undefined = ROOT;
        while (id !== undefined) {
            const node: SetNode = this.get(set, id);
            const position = upperBound(node.members, member);
            path.push({ id, node, position });
            id = node.children[position];
        }
        return path;
    }

    /** Writes a node that has grown, and splits it if it has grown too large. */
    private store(set: Uint8Array, path: readonly Step[], id: number, node: SetNode): void {
        if (node.members.length <= MAX_MEMBERS) {
            this.put(set, id, node);
            return;
        }
        const parent = path.at(-1);
        const rightId = this.allocate(set, id === ROOT ? node : undefined);
        const { left, right, separator } = split(node, rightId);
        this.put(set, rightId, right);
        if (parent === undefined) {
            this.raise(set, left, rightId, separator);
            return;
        }
        this.put(set, id, left);
        this.store(set, path.slice(0, -1), parent.id, this.adopt(set, parent, rightId, separator));
    }

    /** The parent with one child more. Its count of nodes may have changed since it was read. */
    private adopt(set: Uint8Array, { id, node, position }: Step, child: number, separator: Member): SetNode {
        const { allocated } = id === ROOT ? this.get(set, ROOT) : node;
        const members = [...node.members.slice(0, position), separator, ...node.members.slice(position)];
        const children = [...node.children.slice(0, position + 1), child, ...node.children.slice(position + 1)];
        return { ...node, members, children, allocated };
    }

    /** The root keeps its number: its former content moves into a new node below it. */
    private raise(set: Uint8Array, left: SetNode, rightId: number, separator: Member): void {
        const leftId = this.allocate(set);
        this.put(set, leftId, left);
        const { allocated } = this.get(set, ROOT);
        this.put(set, ROOT, { members: [separator], children: [leftId, rightId], next: NO_NODE, allocated });
    }

    private allocate(set: Uint8Array, grownRoot?: SetNode): number {
        const root = grownRoot ?? this.get(set, ROOT);
        this.put(set, ROOT, { ...root, allocated: root.allocated + 1 });
        return root.allocated;
    }

    private get(set: Uint8Array, id: number): SetNode {
        return this.nodes.get(nodeKey(set, id)) ?? EMPTY;
    }

    private put(set: Uint8Array, id: number, node: SetNode): void {
        this.nodes.set(nodeKey(set, id), node);
    }
}

function split(node: SetNode, rightId: number): { left: SetNode; right: SetNode; separator: Member } {
    const middle = node.members.length >> 1;
    const separator = node.members[middle] ?? new Uint8Array(0);
    if (node.children.length === 0) {
        const left = { ...node, members: node.members.slice(0, middle), next: rightId };
        return { left, right: { ...node, members: node.members.slice(middle) }, separator };
    }
    const left = { ...node, members: node.members.slice(0, middle), children: node.children.slice(0, middle + 1) };
    const right = { ...node, members: node.members.slice(middle + 1), children: node.children.slice(middle + 1) };
    return { left, right, separator };
}

function nodeKey(set: Uint8Array, id: number): Uint8Array {
    return concatBytes(Uint8Array.of(set.length), set, u32Key.encode(id));
}

/** Position of the first member that is not smaller. */
function lowerBound(members: readonly Member[], member: Member): number {
    return positionOf(members, (other) => compareWords(other, member) >= 0);
}

/** Position of the first member that is larger. */
function upperBound(members: readonly Member[], member: Member): number {
    return positionOf(members, (other) => compareWords(other, member) > 0);
}

/** Position of the first member from which on the condition holds. */
function positionOf(members: readonly Member[], holds: (member: Member) => boolean): number {
    let low = 0;
    let high = members.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        const member = members[middle];
        if (member !== undefined && holds(member)) high = middle;
        else low = middle + 1;
    }
    return low;
}

/** `compareBytes`, four bytes at a time: members begin with 32 bytes that are mostly the same. */
function compareWords(a: Member, b: Member): number {
    const left = new DataView(a.buffer, a.byteOffset, a.byteLength);
    const right = new DataView(b.buffer, b.byteOffset, b.byteLength);
    const shared = Math.min(a.length, b.length) & ~3;
    for (let at = 0; at < shared; at += 4) {
        const difference = left.getUint32(at) - right.getUint32(at);
        if (difference !== 0) return difference;
    }
    return compareBytes(a.subarray(shared), b.subarray(shared));
}

function isAt(members: readonly Member[], at: number, member: Member): boolean {
    const found = members[at];
    return found !== undefined && equalBytes(found, member);
}
