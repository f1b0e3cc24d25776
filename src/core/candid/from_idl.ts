import { IDL } from '@dfinity/candid';
import { labelId } from './label_id';
import { PRIMITIVE_NAMES } from './opcodes';
import { UnsupportedCandidType } from './refusal';
import { newNode, type Field, type Method, type TypeNode } from './type_node';

const nodes = new WeakMap<IDL.Type, TypeNode>();
/** Nodes by what they are made of: two types of equal structure and labels become one node, as in a type table. */
const interned = new Map<string, TypeNode>();

/** The node of a type of @dfinity/candid. Types must be complete: a recursive type is filled before its first use. */
export function nodeOf(type: IDL.Type): TypeNode {
    const known = nodes.get(type);
    if (known !== undefined) return known;
    const node = type.accept(builder, undefined);
    nodes.set(type, node);
    return node;
}

class NodeBuilder extends IDL.Visitor<undefined, TypeNode> {
    override visitType<T>(type: IDL.Type<T>): never {
        throw new UnsupportedCandidType(type.name);
    }

    override visitPrimitive<T>(type: IDL.PrimitiveType<T>): TypeNode {
        const name = PRIMITIVE_NAMES.find((candidate) => candidate === type.name);
        if (name === undefined) return this.visitType(type);
        return intern(name, () => newNode({ kind: 'primitive', name }));
    }

    override visitOpt<T>(_type: IDL.OptClass<T>, inner: IDL.Type<T>): TypeNode {
        const node = nodeOf(inner);
        return intern(`opt ${node.uid}`, () => newNode({ kind: 'opt', inner: node }));
    }

    override visitVec<T>(_type: IDL.VecClass<T>, element: IDL.Type<T>): TypeNode {
        const node = nodeOf(element);
        return intern(`vec ${node.uid}`, () => newNode({ kind: 'vec', element: node }));
    }

    override visitRecord(_type: IDL.RecordClass, fields: [string, IDL.Type][]): TypeNode {
        const list = fields.map(toField);
        return intern(`record ${keyOf(list)}`, () => newNode({ kind: 'record', fields: list, tuple: false }));
    }

    override visitTuple<T extends unknown[]>(_type: IDL.TupleClass<T>, components: IDL.Type[]): TypeNode {
        const list = components.map((type, i) => ({ id: i, label: `_${i}_`, type: nodeOf(type) }));
        return intern(`tuple ${keyOf(list)}`, () => newNode({ kind: 'record', fields: list, tuple: true }));
    }

    override visitVariant(_type: IDL.VariantClass, fields: [string, IDL.Type][]): TypeNode {
        const list = fields.map(toField);
        return intern(`variant ${keyOf(list)}`, () => newNode({ kind: 'variant', fields: list }));
    }

    override visitFunc(type: IDL.FuncClass): TypeNode {
        const args = type.argTypes.map(nodeOf);
        const results = type.retTypes.map(nodeOf);
        const annotations = type.annotations;
        const key = `func ${uids(args)} ${uids(results)} ${annotations.join()}`;
        return intern(key, () => newNode({ kind: 'func', args, results, annotations }));
    }

    override visitService(type: IDL.ServiceClass): TypeNode {
        const methods: Method[] = type._fields.map(([name, func]) => ({ name, type: nodeOf(func) }));
        const key = methods.map(({ name, type: func }) => `${name.length}:${name}=${func.uid}`).join();
        return intern(`service ${key}`, () => newNode({ kind: 'service', methods }));
    }

    override visitRec<T>(type: IDL.RecClass<T>, inner: IDL.ConstructType<T>): TypeNode {
        const node = newNode({ kind: 'reference', target: undefined as TypeNode | undefined });
        nodes.set(type, node);
        node.target = nodeOf(inner);
        return node;
    }
}

const builder = new NodeBuilder();

function toField([label, type]: [string, IDL.Type]): Field {
    return { id: labelId(label), label, type: nodeOf(type) };
}

function keyOf(fields: readonly Field[]): string {
    return fields.map(({ label, type }) => `${label.length}:${label}=${type.uid}`).join();
}

function uids(types: readonly TypeNode[]): string {
    return types.map(({ uid }) => uid).join();
}

function intern(key: string, make: () => TypeNode): TypeNode {
    let node = interned.get(key);
    if (node === undefined) {
        node = make();
        interned.set(key, node);
    }
    return node;
}
