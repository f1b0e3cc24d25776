import { IDL } from '@dfinity/candid';
import type { CanisterInterface } from '../../../src/replica/candid/did_parser';
import { inner, isFields, keywordOf, type Fields } from './shape';
import type { TypeNames } from './type_names';

const WIDTH = 110;
const INDENT = '    ';
/** Comes first where nobody says in which order fields are read; the others follow in that of the alphabet. */
const USUAL = ['Ok', 'Err', 'id', 'owner', 'subaccount'];

/** What the sources say of methods and types, by name. */
export interface InterfaceDocs {
    readonly methods: ReadonlyMap<string, string>;
    readonly types: ReadonlyMap<string, TypeDoc>;
}

export interface TypeDoc {
    readonly doc: string;
    /** Labels of its fields, in the order that they are to be read in. */
    readonly fields: readonly string[];
}

/** An interface as a .did file: its named types in the order of the alphabet, then its methods. */
export function printCandid(service: CanisterInterface, names: TypeNames, docs: InterfaceDocs): string {
    return new Printer(names, docs).file(service);
}

class Printer {
    constructor(
        private readonly names: TypeNames,
        private readonly docs: InterfaceDocs
    ) {}

    file({ init, methods }: CanisterInterface): string {
        const types = [...this.names.definitions].sort(([a], [b]) => (a < b ? -1 : 1));
        const definitions = types.map(([name, type]) => {
            const body = 'alias' in type ? type.alias : this.body(type, '');
            return `${comment(this.docs.types.get(name)?.doc, '')}type ${name} = ${body};\n`;
        });
        const sorted = [...methods].sort(([a], [b]) => (a < b ? -1 : 1));
        const lines = sorted.map(([name, func]) => {
            const signature = this.signature(func, this.names.resultOf(name), INDENT, label(name).length);
            return `${comment(this.docs.methods.get(name), INDENT)}${INDENT}${label(name)} : ${signature};\n`;
        });
        const argument = init.length === 0 ? '' : `${this.list(init, '', 'service : '.length)} -> `;
        return `${definitions.join('')}\nservice : ${argument}{\n${lines.join('')}}\n`;
    }

    private signature(
        { argTypes, retTypes, annotations }: IDL.FuncClass,
        result: string | undefined,
        indent: string,
        before: number
    ): string {
        const args = this.list(argTypes, indent, before);
        const results = result === undefined ? this.list(retTypes, indent, lastLine(args).length) : `(${result})`;
        return [args, '->', results, ...annotations].join(' ');
    }

    /** Arguments or results, in one line or one to a line. */
    private list(types: readonly IDL.Type[], indent: string, before: number): string {
        const flat = `(${types.map((type) => this.flat(type)).join(', ')})`;
        if (indent.length + before + flat.length <= WIDTH) return flat;
        if (types.length === 1 && types[0] !== undefined) return `(${this.spelled(types[0], indent, before)})`;
        const lines = types.map((type) => `${indent}${INDENT}${this.spelled(type, indent + INDENT, 0)}`);
        return `(\n${lines.join(',\n')}\n${indent})`;
    }

    /** A type by its name, or written out in as many lines as it takes. */
    private spelled(type: IDL.Type, indent: string, before: number): string {
        const flat = this.flat(type);
        if (indent.length + before + flat.length <= WIDTH || this.names.nameOf(type) !== undefined) return flat;
        return this.body(type, indent);
    }

    /** What a type consists of, never its own name. */
    private body(type: IDL.Type, indent: string): string {
        if (type instanceof IDL.RecClass) return this.body(type.getType() ?? IDL.Empty, indent);
        if (type instanceof IDL.OptClass) return `opt ${this.spelled(inner(type), indent, 4)}`;
        if (type instanceof IDL.VecClass && !isBytes(type)) return `vec ${this.spelled(inner(type), indent, 4)}`;
        if (type instanceof IDL.FuncClass) return `func ${this.signature(type, undefined, indent, 5)}`;
        if (!isFields(type)) return this.flatBody(type);
        const flat = this.flatBody(type);
        if (type._fields.length < 2 && indent.length + flat.length <= WIDTH) return flat;
        const deeper = indent + INDENT;
        const fields = this.fieldsOf(type).map(([name, of]) => {
            const head = name === '' ? '' : label(name);
            if (of === undefined) return `${deeper}${head};\n`;
            return `${deeper}${head === '' ? '' : `${head} : `}${this.spelled(of, deeper, head.length + 4)};\n`;
        });
        return `${keywordOf(type)} {\n${fields.join('')}${indent}}`;
    }

    /** A type in one line, by its name where it has one. */
    private flat(type: IDL.Type): string {
        return this.names.nameOf(type) ?? this.flatBody(type);
    }

    private flatBody(type: IDL.Type): string {
        if (type instanceof IDL.OptClass) return `opt ${this.flat(inner(type))}`;
        if (isBytes(type)) return 'blob';
        if (type instanceof IDL.VecClass) return `vec ${this.flat(inner(type))}`;
        if (type instanceof IDL.FuncClass) {
            const list = (types: readonly IDL.Type[]): string => `(${types.map((of) => this.flat(of)).join(', ')})`;
            return ['func', list(type.argTypes), '->', list(type.retTypes), ...type.annotations].join(' ');
        }
        if (!isFields(type)) return type.display();
        const fields = this.fieldsOf(type).map(([name, of]) => {
            if (of === undefined) return label(name);
            return name === '' ? this.flat(of) : `${label(name)} : ${this.flat(of)}`;
        });
        return `${keywordOf(type)} ${fields.length === 0 ? '{}' : `{ ${fields.join('; ')} }`}`;
    }

    /** Fields in the order of their source; a tuple's have no labels, and a variant's of type null no type. */
    private fieldsOf(type: Fields): readonly (readonly [label: string, type: IDL.Type | undefined])[] {
        if (type instanceof IDL.TupleClass) return type._fields.map(([, of]) => ['', of]);
        const order = [...(this.docs.types.get(this.names.nameOf(type) ?? '')?.fields ?? []), ...USUAL];
        const rank = (label: string): number => (order.indexOf(label) + order.length + 1) % (order.length + 1);
        const sorted = [...type._fields].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
        const isNull = (of: IDL.Type): boolean => type instanceof IDL.VariantClass && of instanceof IDL.NullClass;
        return sorted.map(([label, of]) => [label, isNull(of) ? undefined : of]);
    }
}

function isBytes(type: IDL.Type): boolean {
    return type instanceof IDL.VecClass && inner(type) instanceof IDL.FixedNatClass && type.display() === 'vec nat8';
}

const KEYWORDS =
    /^(bool|blob|composite_query|empty|float(32|64)|func|import|(int|nat)(8|16|32|64)?|null|oneway|opt|principal|query|record|reserved|service|text|type|variant|vec)$/;

/** A label as a .did file spells it: one that is no identifier in quotes, one that is a number as such. */
function label(name: string): string {
    const number = /^_(\d+)_$/.exec(name)?.[1];
    if (number !== undefined) return number;
    return /^[A-Za-z_]\w*$/.test(name) && !KEYWORDS.test(name) ? name : JSON.stringify(name);
}

function comment(text: string | undefined, indent: string): string {
    if (text === undefined || text === '') return '';
    const lines = [''];
    for (const word of text.split(/\s+/)) {
        const line = lines[lines.length - 1] ?? '';
        if (line !== '' && indent.length + 3 + line.length + 1 + word.length > WIDTH) lines.push(word);
        else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    }
    return lines.map((line) => `${indent}// ${line}\n`).join('');
}

function lastLine(text: string): string {
    return text.slice(text.lastIndexOf('\n') + 1);
}
