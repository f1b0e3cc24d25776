import { IDL } from '@dfinity/candid';

/** A type written out, the same text for every type of the same structure: recursive ones are told by how far up they begin. */
export function shapeOf(type: IDL.Type, open: readonly IDL.Type[] = []): string {
    const of = (part: IDL.Type): string => shapeOf(part, open);
    const list = (types: readonly IDL.Type[]): string => types.map(of).join(', ');
    if (type instanceof IDL.RecClass) {
        const body: IDL.Type | undefined = type.getType();
        if (open.includes(type) || body === undefined) return `@${open.length - open.lastIndexOf(type)}`;
        return shapeOf(body, [...open, type]);
    }
    if (type instanceof IDL.OptClass) return `opt ${of(inner(type))}`;
    if (type instanceof IDL.VecClass) return `vec ${of(inner(type))}`;
    if (type instanceof IDL.FuncClass)
        return `func (${list(type.argTypes)}) -> (${list(type.retTypes)}) ${type.annotations.join(' ')}`;
    if (isFields(type))
        return `${keywordOf(type)} {${type._fields.map(([label, t]) => `${label}:${of(t)}`).join(';')}}`;
    return type.display();
}

export type Fields = IDL.RecordClass | IDL.VariantClass;

/** A record, a tuple or a variant. */
export function isFields(type: IDL.Type): type is Fields {
    return type instanceof IDL.RecordClass || type instanceof IDL.VariantClass;
}

export function keywordOf(type: Fields): 'record' | 'variant' {
    return type instanceof IDL.RecordClass ? 'record' : 'variant';
}

/** What an option or a vector is of. */
export function inner(type: IDL.OptClass<unknown> | IDL.VecClass<unknown>): IDL.Type {
    return type._type;
}

/** The types that a type is made of, by field where there are fields. */
export function partsOf(type: IDL.Type): readonly (readonly [label: string, type: IDL.Type])[] {
    if (type instanceof IDL.RecClass) return partsOf(type.getType() ?? IDL.Empty);
    if (type instanceof IDL.FuncClass)
        return [
            ...type.argTypes.map((of) => ['args', of] as const),
            ...type.retTypes.map((of) => ['result', of] as const)
        ];
    return isFields(type) ? type._fields : [];
}
