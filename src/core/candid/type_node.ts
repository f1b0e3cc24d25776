import type { PrimitiveName } from './opcodes';

/** A field of a record, or a case of a variant. `id` is the label's hash, which is all that the wire knows of it. */
export interface Field {
    readonly id: number;
    readonly label: string;
    readonly type: TypeNode;
}

/** A method of a service type. */
export interface Method {
    readonly name: string;
    readonly type: TypeNode;
}

/**
 * A Candid type, of the program or of a message's type table. Equal types of the program are one node, so that what is
 * compiled for a node is compiled once. `uid` is unique among all nodes.
 */
export type TypeNode = { readonly uid: number } & (
    | { readonly kind: 'primitive'; readonly name: PrimitiveName }
    | { readonly kind: 'opt'; readonly inner: TypeNode }
    | { readonly kind: 'vec'; readonly element: TypeNode }
    /** Fields in the order of their ids. A tuple is a record whose values are arrays. */
    | { readonly kind: 'record'; readonly fields: readonly Field[]; readonly tuple: boolean }
    | { readonly kind: 'variant'; readonly fields: readonly Field[] }
    | {
          readonly kind: 'func';
          readonly args: readonly TypeNode[];
          readonly results: readonly TypeNode[];
          readonly annotations: readonly string[];
      }
    | { readonly kind: 'service'; readonly methods: readonly Method[] }
    /** A type of a later version of Candid: its values can only be skipped. */
    | { readonly kind: 'future' }
    /** Stands for a type that refers to itself, or for an entry of a type table; filled once. */
    | { readonly kind: 'reference'; target: TypeNode | undefined }
);

type WithoutUid<T> = T extends unknown ? Omit<T, 'uid'> : never;
type Shape = WithoutUid<TypeNode>;
export type ResolvedNode = Exclude<TypeNode, { kind: 'reference' }>;
export type NodeOf<K extends TypeNode['kind']> = Extract<TypeNode, { kind: K }>;

let nodesMade = 0;

export function newNode<S extends Shape>(shape: S): S & { readonly uid: number } {
    nodesMade += 1;
    return { ...shape, uid: nodesMade };
}

/** Follows references. Undefined when a reference was never filled or leads only to itself. */
export function resolve(node: TypeNode): ResolvedNode | undefined {
    let current: TypeNode | undefined = node;
    for (let hops = 0; current !== undefined && hops < 64; hops++) {
        if (current.kind !== 'reference') return current;
        current = current.target;
    }
    return undefined;
}
