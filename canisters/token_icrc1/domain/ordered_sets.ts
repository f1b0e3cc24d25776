import { compareBytes, concatBytes } from '../../../src/core/bytes';
import { codecOf, list, record, u32, u8, u32Key, type Codec, type Field } from '../../../src/core/codec';
import type { Table } from '../../../src/core/table';

/** A member of a set: at most 255 bytes. */
export type Member = Uint8Array;

const memberField: Field<Member> = {
    write(writer, member) {
        u8.write(writer, member.length);
        writer.raw(member);
    },
    read: (reader) => reader.raw(u8.read(reader))
};

/** A leaf (no children) holds members and its right neighbour; an inner node holds what separates its children. */
interface Node {
    readonly members: readonly Member[];
    readonly children: readonly number[];
    /** Number of the next leaf; {@link NO_NODE} for the last. */
    readonly next: number;
    /** In the root: the number that the next new node gets. */
    readonly allocated: number;
}

/** Stored form of a node. */
export type StoredNode = Node;
export const nodeCodec: Codec<StoredNode> = codecOf(
    record<Node>({ members: list(memberField), children: list(u32), next: u32, allocated: u32 })
);

const ROOT = 0;
/** The root is nobody's neighbour. */
const NO_NODE = ROOT;
const MAX_MEMBERS = 24;
const EMPTY: Node = { members: [], children: [], next: NO_NODE, allocated: ROOT + 1 };

interface Step {
    readonly id: number;
    readonly node: Node;
    /** Position of the child that was entered. */
    readonly position: number;
}

/**
 * Many sorted sets in one table, as B+ trees: what must be listed in order, which the tables cannot do. The cost of a change
 * grows with the logarithm of its own set only. Nodes are never merged: an emptied leaf costs one read when it is passed.
 */
export class OrderedSets {
    constructor(private readonly nodes: Table<Uint8Array, StoredNode>) {}

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
                if (found.length < limit && (after === undefined || compareBytes(member, after) > 0))
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
            const node: Node = this.get(set, id);
            const position = upperBound(node.members, member);
            path.push({ id, node, position });
            id = node.children[position];
        }
        return path;
    }

    /** Writes a node that has grown, and splits it if it has grown too large. */
    private store(set: Uint8Array, path: readonly Step[], id: number, node: Node): void {
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
    private adopt(set: Uint8Array, { id, node, position }: Step, child: number, separator: Member): Node {
        const { allocated } = id === ROOT ? this.get(set, ROOT) : node;
        const members = [...node.members.slice(0, position), separator, ...node.members.slice(position)];
        const children = [...node.children.slice(0, position + 1), child, ...node.children.slice(position + 1)];
        return { ...node, members, children, allocated };
    }

    /** The root keeps its number: its former content moves into a new node below it. */
    private raise(set: Uint8Array, left: Node, rightId: number, separator: Member): void {
        const leftId = this.allocate(set);
        this.put(set, leftId, left);
        const { allocated } = this.get(set, ROOT);
        this.put(set, ROOT, { members: [separator], children: [leftId, rightId], next: NO_NODE, allocated });
    }

    private allocate(set: Uint8Array, grownRoot?: Node): number {
        const root = grownRoot ?? this.get(set, ROOT);
        this.put(set, ROOT, { ...root, allocated: root.allocated + 1 });
        return root.allocated;
    }

    private get(set: Uint8Array, id: number): Node {
        return this.nodes.get(nodeKey(set, id)) ?? EMPTY;
    }

    private put(set: Uint8Array, id: number, node: Node): void {
        this.nodes.set(nodeKey(set, id), node);
    }
}

function split(node: Node, rightId: number): { left: Node; right: Node; separator: Member } {
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
    const at = members.findIndex((other) => compareBytes(other, member) >= 0);
    return at < 0 ? members.length : at;
}

/** Position of the first member that is larger. */
function upperBound(members: readonly Member[], member: Member): number {
    const at = members.findIndex((other) => compareBytes(other, member) > 0);
    return at < 0 ? members.length : at;
}

function isAt(members: readonly Member[], at: number, member: Member): boolean {
    const found = members[at];
    return found !== undefined && compareBytes(found, member) === 0;
}
