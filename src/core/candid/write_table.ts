import { pushLeb, pushSleb } from './leb128';
import { MAGIC } from './magic';
import { ANNOTATIONS, OPCODE } from './opcodes';
import { UnsupportedCandidType } from './refusal';
import type { Field, NodeOf, TypeNode } from './type_node';
import { encodeUtf8 } from './utf8';

/**
 * What stands before the values of a message with arguments of these types: magic, type table, argument types. The table is
 * laid out exactly as @dfinity/candid does it (children before parents, a recursive type at its first occurrence).
 */
export function writeHeader(types: readonly TypeNode[]): Uint8Array {
    const table = new TypeTable();
    for (const type of types) table.add(type);
    const codes: number[] = [];
    pushLeb(codes, types.length);
    for (const type of types) pushSleb(codes, table.codeOf(type));
    return new Uint8Array(MAGIC.concat(table.bytes(), codes));
}

class TypeTable {
    private readonly entries: number[][] = [];
    /** How many types an entry stands for; an entry for none may be dropped from the end. */
    private readonly users: number[] = [];
    private readonly indices = new Map<number, number>();

    add(node: TypeNode): void {
        if (this.indices.has(node.uid)) return;
        switch (node.kind) {
            case 'primitive':
                return;
            case 'opt':
                return this.addWrapper(node, OPCODE.opt, node.inner);
            case 'vec':
                return this.addWrapper(node, OPCODE.vec, node.element);
            case 'record':
                return this.addFields(node, OPCODE.record, node.fields);
            case 'variant':
                return this.addFields(node, OPCODE.variant, node.fields);
            case 'func':
                return this.addFunction(node);
            case 'service':
                return this.addService(node);
            case 'reference':
                return this.addRecursive(node);
            case 'future':
                throw new UnsupportedCandidType(node.kind);
        }
    }

    codeOf(node: TypeNode): number {
        if (node.kind === 'primitive') return OPCODE[node.name];
        const index = this.indices.get(node.uid);
        if (index === undefined) throw new UnsupportedCandidType(node.kind);
        return index;
    }

    bytes(): number[] {
        const count: number[] = [];
        pushLeb(count, this.entries.length);
        return count.concat(...this.entries);
    }

    private push(node: TypeNode, entry: number[]): void {
        this.indices.set(node.uid, this.entries.length);
        this.users[this.entries.length] = 1;
        this.entries.push(entry);
    }

    private addWrapper(node: TypeNode, opcode: number, inner: TypeNode): void {
        this.add(inner);
        const entry: number[] = [];
        pushSleb(entry, opcode);
        pushSleb(entry, this.codeOf(inner));
        this.push(node, entry);
    }

    private addFields(node: TypeNode, opcode: number, fields: readonly Field[]): void {
        for (const field of fields) this.add(field.type);
        const entry: number[] = [];
        pushSleb(entry, opcode);
        pushLeb(entry, fields.length);
        for (const field of fields) {
            pushLeb(entry, field.id);
            pushSleb(entry, this.codeOf(field.type));
        }
        this.push(node, entry);
    }

    private addFunction(node: NodeOf<'func'>): void {
        for (const type of [...node.args, ...node.results]) this.add(type);
        const entry: number[] = [];
        pushSleb(entry, OPCODE.func);
        for (const list of [node.args, node.results]) {
            pushLeb(entry, list.length);
            for (const type of list) pushSleb(entry, this.codeOf(type));
        }
        pushLeb(entry, node.annotations.length);
        for (const annotation of node.annotations) entry.push(annotationByte(annotation));
        this.push(node, entry);
    }

    private addService(node: NodeOf<'service'>): void {
        for (const { type } of node.methods) this.add(type);
        const entry: number[] = [];
        pushSleb(entry, OPCODE.service);
        pushLeb(entry, node.methods.length);
        for (const { name, type } of node.methods) {
            const utf8 = encodeUtf8(name);
            pushLeb(entry, utf8.length);
            entry.push(...utf8);
            pushSleb(entry, this.codeOf(type));
        }
        this.push(node, entry);
    }

    /** The entry is claimed before what it stands for is known; that one's own entry is then left to nobody. */
    private addRecursive(node: NodeOf<'reference'>): void {
        const target = node.target;
        if (target === undefined || target.kind === 'primitive') throw new UnsupportedCandidType('recursive');
        this.push(node, []);
        this.add(target);
        const own = this.codeOf(node);
        const targets = this.codeOf(target);
        this.entries[own] = this.entries[targets] ?? [];
        this.users[own] = (this.users[own] ?? 0) + (this.users[targets] ?? 0);
        this.indices.set(target.uid, own);
        this.users[targets] = 0;
        while (this.entries.length > 0 && this.users[this.entries.length - 1] === 0) this.entries.pop();
    }
}

function annotationByte(annotation: string): number {
    const index = ANNOTATIONS.findIndex((known) => known === annotation);
    if (index < 0) throw new UnsupportedCandidType(`func ${annotation}`);
    return index + 1;
}
