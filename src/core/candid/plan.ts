/**
 * Plans: which readers and skippers, in which order, turn values of a wire type into values of an expected type.
 * A value is accepted when it belongs to the expected type; what the wire type could carry besides does not matter.
 */
import {
    emptyVecReader,
    lenientReader,
    optReader,
    readFunc,
    readPrincipal,
    readText,
    recursive,
    refuse,
    tagged,
    variantReader,
    vecReader,
    type Reader
} from './input';
import { PRIMITIVE_READERS, TYPED_ARRAYS, vecOfFixedReader } from './read_primitives';
import { recordReader, tupleReader, type FieldReader } from './read_record';
import { readTexts } from './read_texts';
import { MAX_DEPTH } from './refusal';
import { Skippers } from './skip';
import { isOmissible, isPrimitive, PairBudget, Subtyping } from './subtype';
import { resolve, type Field, type NodeOf, type ResolvedNode, type TypeNode } from './type_node';

/** Undefined: no value of the wire type belongs to the expected type. */
type Planned = Reader | undefined;

const MISMATCH: Reader = () => refuse('type_mismatch');

/** Readers of values whose wire type is the expected one: they serve every message, so they are made once. */
const identical = new Map<number, Planned>();

/** Makes the plan of one message. */
export class Planner {
    private readonly skippers = new Skippers();
    private readonly planned = new Map<string, Planned>();
    private readonly open = new Set<string>();
    private readonly budget = new PairBudget();
    private level = 0;

    /** Reads all arguments; the cursor stands at the first value. Missing ones read as none where their type allows it. */
    planArguments(wire: readonly TypeNode[], expected: readonly TypeNode[]): () => unknown[] {
        const readers = expected.map((type, i) => {
            const given = wire[i];
            if (given !== undefined) return this.plan(given, type) ?? MISMATCH;
            return absent(type) ?? (() => refuse('missing_arguments'));
        });
        const read = tupleReader(readers);
        const surplus = wire.slice(expected.length).map((type) => this.skippers.skipperOf(type));
        if (surplus.length === 0) return read;
        return () => {
            const values = read();
            for (const skip of surplus) skip();
            return values;
        };
    }

    private plan(wire: TypeNode, expected: TypeNode): Planned {
        const from = resolve(wire);
        const to = resolve(expected);
        if (from === undefined || to === undefined) return undefined;
        if (from === to && identical.has(from.uid)) return identical.get(from.uid);
        if (from.kind === 'primitive' && to.kind === 'primitive') return planPrimitive(from, to);
        const pair = `${from.uid} ${to.uid}`;
        if (this.planned.has(pair)) return this.planned.get(pair);
        if (this.open.has(pair)) return recursive(() => this.planned.get(pair) ?? MISMATCH);
        this.open.add(pair);
        this.budget.spend();
        this.level += 1;
        if (this.level > MAX_DEPTH) refuse('too_deep');
        const reader = this.make(from, to);
        this.level -= 1;
        this.planned.set(pair, reader);
        if (from === to) identical.set(from.uid, reader);
        return reader;
    }

    private make(from: ResolvedNode, to: ResolvedNode): Planned {
        if (isPrimitive(from, 'empty')) return undefined;
        if (isPrimitive(to, 'reserved')) return this.skipToNull(from);
        switch (to.kind) {
            case 'opt':
                return this.planOpt(from, to);
            case 'vec':
                return from.kind === 'vec' ? this.planVec(from, to) : undefined;
            case 'record':
                return from.kind === 'record' ? this.planRecord(from, to) : undefined;
            case 'variant':
                return from.kind === 'variant' ? this.planVariant(from, to) : undefined;
            case 'func':
                return from === to || new Subtyping(this.budget).holds(from, to) ? readFunc : undefined;
            case 'service':
                return from === to || new Subtyping(this.budget).holds(from, to) ? readPrincipal : undefined;
            default:
                return undefined;
        }
    }

    private skipToNull(from: TypeNode): Reader {
        const skip = this.skippers.skipperOf(from);
        return () => {
            skip();
            return null;
        };
    }

    private skipToNone(from: TypeNode): Reader {
        const skip = this.skippers.skipperOf(from);
        return () => {
            skip();
            return [];
        };
    }

    private planOpt(from: ResolvedNode, to: NodeOf<'opt'>): Planned {
        if (isPrimitive(from, 'null') || isPrimitive(from, 'reserved')) return none;
        if (from.kind === 'opt') {
            const inner = this.plan(from.inner, to.inner);
            if (inner === undefined) return tagged(none, this.skipToNone(from.inner));
            if (from === to) return optReader(inner);
            return tagged(none, lenientReader(inner, this.skippers.skipperOf(from.inner)));
        }
        // A bare value stands for itself, unless null belongs to the inner type: then it would be ambiguous.
        const inner = isOmissible(to.inner) ? undefined : this.plan(from, to.inner);
        if (inner === undefined) return this.skipToNone(from);
        return lenientReader(inner, this.skippers.skipperOf(from));
    }

    private planVec(from: NodeOf<'vec'>, to: NodeOf<'vec'>): Planned {
        const element = resolve(to.element);
        const array = element?.kind === 'primitive' ? TYPED_ARRAYS.get(element.name) : undefined;
        const reader = this.plan(from.element, to.element);
        if (array !== undefined) return reader ? vecOfFixedReader(array) : emptyVecReader(() => new array(0));
        if (reader === undefined) return emptyVecReader(() => []);
        if (reader === readText) return readTexts;
        return vecReader(reader, this.skippers.minimumOf(from.element));
    }

    private planVariant(from: NodeOf<'variant'>, to: NodeOf<'variant'>): Planned {
        if (from === to) {
            return variantReader(
                to.fields.map(({ label, type }) => caseReader(label, this.plan(type, type) ?? MISMATCH))
            );
        }
        const known = new Map(to.fields.map((field) => [field.id, field]));
        const cases = from.fields.map(({ id, type }) => {
            const target = known.get(id);
            const payload = target && this.plan(type, target.type);
            return payload === undefined || target === undefined ? MISMATCH : caseReader(target.label, payload);
        });
        return variantReader(cases);
    }

    /** Both lists are in the order of their ids. Wire fields that nobody asks for are skipped before the next that is read. */
    private planRecord(from: NodeOf<'record'>, to: NodeOf<'record'>): Planned {
        if (from === to) {
            return readerOfAll(
                to,
                to.fields.map(({ label, type }) => ({ label, read: this.plan(type, type) ?? MISMATCH }))
            );
        }
        const expected = new Set(to.fields.map((field) => field.id));
        const unread = from.fields.filter((field) => !expected.has(field.id));
        const given = new Map(from.fields.map((field) => [field.id, field]));
        const fields: FieldReader[] = [];
        for (const { id, label, type } of to.fields) {
            const field = given.get(id);
            const read = field === undefined ? absent(type) : this.plan(field.type, type);
            if (read === undefined) return undefined;
            fields.push({ label, read: field === undefined ? read : this.afterSkips(unread, id, read) });
        }
        return this.beforeSkips(readerOfAll(to, fields), unread);
    }

    /** Takes what stands before `id` out of `unread`. */
    private afterSkips(unread: Field[], id: number, read: Reader): Reader {
        const before = unread.findIndex((field) => field.id > id);
        const skips = unread.splice(0, before < 0 ? unread.length : before);
        if (skips.length === 0) return read;
        const skip = this.skippers.skipperOfAll(skips.map((field) => field.type));
        return () => {
            skip();
            return read();
        };
    }

    private beforeSkips(read: Reader, unread: readonly Field[]): Reader {
        if (unread.length === 0) return read;
        const skip = this.skippers.skipperOfAll(unread.map((field) => field.type));
        return () => {
            const value = read();
            skip();
            return value;
        };
    }
}

function readerOfAll(record: NodeOf<'record'>, fields: readonly FieldReader[]): Reader {
    return record.tuple ? tupleReader(fields.map((field) => field.read)) : recordReader(fields);
}

function none(): [] {
    return [];
}

/** How a value reads that is not there. @dfinity/candid gives `[]` for a missing `reserved`. */
function absent(type: TypeNode): Planned {
    if (!isOmissible(type)) return undefined;
    return isPrimitive(resolve(type), 'null') ? () => null : none;
}

function caseReader(label: string, payload: Reader): Reader {
    return () => ({ [label]: payload() });
}

function planPrimitive(from: NodeOf<'primitive'>, to: NodeOf<'primitive'>): Planned {
    if (from.name === 'empty' || to.name === 'empty') return undefined;
    if (to.name === 'reserved') {
        const read = PRIMITIVE_READERS[from.name];
        return () => {
            read();
            return null;
        };
    }
    if (from.name === to.name) return PRIMITIVE_READERS[to.name];
    // Of the fixed widths none is a subtype of another; nat is one of int, and is written like a positive one but for the sign bit.
    return from.name === 'nat' && to.name === 'int' ? PRIMITIVE_READERS.nat : undefined;
}
