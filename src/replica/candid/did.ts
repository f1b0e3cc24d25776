/** Candid types and services as text, in the grammar of .did files. */
import { IDL } from '@dfinity/candid';
import type { Codec } from './codecs';

/** What a service's method takes and returns. */
export interface MethodSignature {
    readonly argument?: Codec<unknown> | undefined;
    readonly result?: Codec<unknown> | undefined;
    readonly query: boolean;
}

/** Named types that a text refers to, in the order of their first use. */
type Definitions = Map<string, string>;

/** `service : { ... }`, one method per line, in the order given; before it the recursive types that it mentions. */
export function serviceText(methods: ReadonlyMap<string, MethodSignature>): string {
    const definitions: Definitions = new Map();
    const lines = [...methods].map(([name, { argument, result, query }]) => {
        const annotation = query ? ' query' : '';
        return `  ${name} : (${typesOf(argument, definitions)}) -> (${typesOf(result, definitions)})${annotation};`;
    });
    const types = [...definitions].map(([name, text]) => `type ${name} = ${text};`);
    return [...types, 'service : {', ...lines, '}', ''].join('\n');
}

function typesOf(codec: Codec<unknown> | undefined, definitions: Definitions): string {
    return codec === undefined || codec.idl === IDL.Empty ? '' : typeText(codec.idl, definitions);
}

function typeText(type: IDL.Type, definitions: Definitions): string {
    return type.accept(new TypeWriter(), definitions);
}

/** Field names are quoted, since keywords are names, too. */
class TypeWriter extends IDL.Visitor<Definitions, string> {
    override visitType<T>(type: IDL.Type<T>): string {
        return type.name;
    }

    override visitOpt<T>(_type: IDL.OptClass<T>, inner: IDL.Type<T>, definitions: Definitions): string {
        return `opt ${typeText(inner, definitions)}`;
    }

    override visitVec<T>(_type: IDL.VecClass<T>, inner: IDL.Type<T>, definitions: Definitions): string {
        return `vec ${typeText(inner, definitions)}`;
    }

    override visitTuple<T extends unknown[]>(
        _type: IDL.TupleClass<T>,
        components: IDL.Type[],
        definitions: Definitions
    ): string {
        return `record { ${components.map((type) => typeText(type, definitions)).join('; ')} }`;
    }

    override visitRecord(_type: IDL.RecordClass, fields: [string, IDL.Type][], definitions: Definitions): string {
        return `record { ${fields.map((field) => fieldText(field, definitions)).join('; ')} }`;
    }

    override visitVariant(_type: IDL.VariantClass, fields: [string, IDL.Type][], definitions: Definitions): string {
        const cases = fields.map(([name, type]) =>
            type === IDL.Null ? `"${name}"` : fieldText([name, type], definitions)
        );
        return `variant { ${cases.join('; ')} }`;
    }

    override visitFunc(type: IDL.FuncClass, definitions: Definitions): string {
        const list = (types: readonly IDL.Type[]): string =>
            types.map((item) => typeText(item, definitions)).join(', ');
        return ['func', `(${list(type.argTypes)})`, '->', `(${list(type.retTypes)})`, ...type.annotations].join(' ');
    }

    override visitRec<T>(type: IDL.RecClass<T>, inner: IDL.ConstructType<T>, definitions: Definitions): string {
        if (!definitions.has(type.name)) {
            // Named before it is written, since it mentions itself.
            definitions.set(type.name, '');
            definitions.set(type.name, typeText(inner, definitions));
        }
        return type.name;
    }
}

function fieldText([name, type]: [string, IDL.Type], definitions: Definitions): string {
    return `"${name}" : ${typeText(type, definitions)}`;
}
