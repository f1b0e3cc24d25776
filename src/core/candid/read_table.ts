import { openMessage, readByte, readLength, readSignedLength, readText, refuse, skipBytes } from './input';
import { MAGIC } from './magic';
import { ANNOTATIONS, OPCODE, PRIMITIVE_OF_OPCODE } from './opcodes';
import { MAX_TABLE_ENTRIES, MAX_TABLE_REFERENCES } from './refusal';
import { newNode, resolve, type Field, type Method, type NodeOf, type TypeNode } from './type_node';

type Entry = NodeOf<'reference'>;

const PRIMITIVE_NODES = new Map<number, TypeNode>(
    Array.from(PRIMITIVE_OF_OPCODE, ([opcode, name]) => [opcode, newNode({ kind: 'primitive', name })])
);

/**
 * Reads magic, type table and argument types of any message, and leaves the cursor at the first value. Everything that the
 * specification demands of a table is checked, used or not. Refuses through the cursor.
 */
export function readHeader(message: Uint8Array): readonly TypeNode[] {
    openMessage(message, 0);
    for (const expected of MAGIC) {
        if (message.length < MAGIC.length || readByte() !== expected) refuse('wrong_magic');
    }
    return new HeaderReader().read();
}

class HeaderReader {
    private entries: readonly Entry[] = [];
    private references = 0;

    read(): readonly TypeNode[] {
        this.entries = Array.from({ length: this.count(MAX_TABLE_ENTRIES) }, () =>
            newNode({ kind: 'reference', target: undefined as TypeNode | undefined })
        );
        for (const entry of this.entries) entry.target = this.readType();
        for (const entry of this.entries) checkMethods(entry);
        return this.readReferences();
    }

    private count(most: number): number {
        const count = readLength();
        return count <= most ? count : refuse('too_large');
    }

    private readType(): TypeNode {
        const opcode = readSignedLength();
        switch (opcode) {
            case OPCODE.opt:
                return newNode({ kind: 'opt', inner: this.readReference() });
            case OPCODE.vec:
                return newNode({ kind: 'vec', element: this.readReference() });
            case OPCODE.record:
                return newNode({ kind: 'record', fields: this.readFields(), tuple: false });
            case OPCODE.variant:
                return newNode({ kind: 'variant', fields: this.readFields() });
            case OPCODE.func:
                return this.readFunction();
            case OPCODE.service:
                return newNode({ kind: 'service', methods: this.readMethods() });
            default:
                return opcode < OPCODE.principal ? readFuture() : refuse('bad_type_table');
        }
    }

    private readReference(): TypeNode {
        this.references += 1;
        if (this.references > MAX_TABLE_REFERENCES) refuse('too_large');
        const code = readSignedLength();
        const node = code < 0 ? PRIMITIVE_NODES.get(code) : this.entries[code];
        return node ?? refuse('bad_type_table');
    }

    private readReferences(): readonly TypeNode[] {
        return Array.from({ length: this.count(MAX_TABLE_REFERENCES) }, () => this.readReference());
    }

    private readFields(): readonly Field[] {
        let previous = -1;
        return Array.from({ length: this.count(MAX_TABLE_REFERENCES) }, () => {
            const id = readLength();
            if (id <= previous) refuse('bad_type_table');
            previous = id;
            return { id, label: '', type: this.readReference() };
        });
    }

    private readFunction(): TypeNode {
        const args = this.readReferences();
        const results = this.readReferences();
        const annotations = Array.from(
            { length: this.count(ANNOTATIONS.length) },
            () => ANNOTATIONS[readByte() - 1] ?? refuse('bad_type_table')
        );
        return newNode({ kind: 'func', args, results, annotations });
    }

    private readMethods(): readonly Method[] {
        return Array.from({ length: this.count(MAX_TABLE_REFERENCES) }, () => {
            const name = readText();
            return { name, type: this.readReference() };
        });
    }
}

/** A type of a later version: its description is as long as it says. */
function readFuture(): TypeNode {
    skipBytes(readLength());
    return newNode({ kind: 'future' });
}

/** Only once all entries are read is it known that methods are functions. */
function checkMethods(entry: Entry): void {
    if (entry.target?.kind !== 'service') return;
    for (const { type } of entry.target.methods) {
        if (resolve(type)?.kind !== 'func') refuse('bad_type_table');
    }
}
