/**
 * What gets lost when values of one Candid type are read as another. Stricter than Candid's subtyping, which lets every
 * type pass for any `opt` and reads null where they do not fit.
 */
import { IDL } from '@dfinity/candid';

/** Candid types of both sides in pairs that were compared already; recursive types end there. */
type Seen = Map<IDL.Type, Set<IDL.Type>>;

/** Paths at which `target` finds nothing, or something else, in values of `source`; empty when all arrives. */
export function gaps(source: IDL.Type, target: IDL.Type, path = '', seen: Seen = new Map()): string[] {
    const from = resolved(source);
    const to = resolved(target);
    const known = seen.get(from) ?? new Set<IDL.Type>();
    if (known.has(to)) return [];
    seen.set(from, known.add(to));
    if (to instanceof IDL.ReservedClass) return [];
    if (to instanceof IDL.OptClass) {
        return from instanceof IDL.NullClass
            ? []
            : gaps(from instanceof IDL.OptClass ? from._type : from, to._type, path, seen);
    }
    if (from instanceof IDL.VecClass && to instanceof IDL.VecClass)
        return gaps(from._type, to._type, `${path}[]`, seen);
    if (from instanceof IDL.RecordClass && to instanceof IDL.RecordClass) {
        const fields = new Map(from._fields);
        return to._fields.flatMap(([name, type]) => {
            const found = fields.get(name);
            if (found !== undefined) return gaps(found, type, `${path}.${name}`, seen);
            return [`${path}.${name}: ${resolved(type) instanceof IDL.OptClass ? 'always null' : 'missing'}`];
        });
    }
    if (from instanceof IDL.VariantClass && to instanceof IDL.VariantClass) {
        const cases = new Map(to._fields);
        return from._fields.flatMap(([name, type]) => {
            const expected = cases.get(name);
            return expected ? gaps(type, expected, `${path}#${name}`, seen) : [`${path}#${name}: unknown case`];
        });
    }
    if (from instanceof IDL.FuncClass && to instanceof IDL.FuncClass) return functionGaps(from, to, path, seen);
    const fits = from.name === to.name || (from instanceof IDL.NatClass && to instanceof IDL.IntClass);
    return fits ? [] : [`${path}: ${from.display()} for ${to.display()}`];
}

/** What a client of `official` misses at a canister that offers `ours`, method by method. */
export function serviceGaps(ours: IDL.ServiceClass, official: IDL.ServiceClass): string[] {
    const methods = new Map(ours._fields);
    return official._fields.flatMap(([name, method]) => {
        const offered = methods.get(name);
        return offered ? functionGaps(offered, method, name) : [`${name}: not offered`];
    });
}

function functionGaps(ours: IDL.FuncClass, theirs: IDL.FuncClass, path: string, seen?: Seen): string[] {
    const found = ours.annotations.join() === theirs.annotations.join() ? [] : [`${path}: ${ours.annotations.join()}`];
    if (ours.argTypes.length !== theirs.argTypes.length || ours.retTypes.length !== theirs.retTypes.length) {
        return [...found, `${path}: other number of arguments or results`];
    }
    const args = theirs.argTypes.flatMap((type, i) =>
        gaps(type, ours.argTypes[i] ?? IDL.Reserved, `${path} arg`, seen)
    );
    const results = theirs.retTypes.flatMap((type, i) => gaps(ours.retTypes[i] ?? IDL.Null, type, path, seen));
    return [...found, ...args, ...results];
}

/** Fields and cases that `source` can say and a reader of `target` does not know. */
export function unread(source: IDL.Type, target: IDL.Type, path = ''): string[] {
    const from = withoutOpt(source);
    const to = withoutOpt(target);
    if (from instanceof IDL.VecClass && to instanceof IDL.VecClass) return unread(from._type, to._type, `${path}[]`);
    const keyed =
        (from instanceof IDL.RecordClass && to instanceof IDL.RecordClass) ||
        (from instanceof IDL.VariantClass && to instanceof IDL.VariantClass);
    if (!keyed) return from.name === to.name ? [] : [`${path}: ${from.display()} for ${to.display()}`];
    const known = new Map(to._fields);
    return from._fields.flatMap(([name, type]) => {
        const found = known.get(name);
        return found ? unread(type, found, `${path}.${name}`) : [`${path}.${name}`];
    });
}

function withoutOpt(type: IDL.Type): IDL.Type {
    const found = resolved(type);
    return found instanceof IDL.OptClass ? withoutOpt(found._type) : found;
}

function resolved(type: IDL.Type): IDL.Type {
    return type instanceof IDL.RecClass ? resolved(type.getType() ?? IDL.Empty) : type;
}
