import { IDL } from '@dfinity/candid';
import type { CanisterInterface } from '../../../src/replica/candid/did_parser';
import { inner, isFields, partsOf, shapeOf } from './shape';

/** What an interface calls its types. */
export interface TypeNames {
    /** Each named type, by its name: another name of the same type, or what it consists of. */
    readonly definitions: ReadonlyMap<string, IDL.Type | { readonly alias: string }>;
    /** The name of a type; undefined when it is written out where it stands. */
    nameOf(type: IDL.Type): string | undefined;
    /** The name of a method's result that is another name of a type; else undefined. */
    resultOf(method: string): string | undefined;
}

/** Types that are spelled in less than this are read more easily where they stand. */
const SHORT = 48;

/**
 * Names for the types of an interface: those that the sources give to types of the same shape, and names made of the method and
 * the field for what is long and has none.
 */
export function nameTypes(service: CanisterInterface, given: ReadonlyMap<string, IDL.Type>): TypeNames {
    const namer = new Namer(given);
    for (const type of service.init) namer.visit(type, 'InitArgs', 'InstallArgs');
    const methods = [...service.methods].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [method, func] of methods) namer.visitMethod(method, func);
    return namer;
}

class Namer implements TypeNames {
    readonly definitions = new Map<string, IDL.Type | { readonly alias: string }>();
    private readonly givenNames = new Map<string, string>();
    private readonly reserved: ReadonlySet<string>;
    private readonly names = new Map<string, string>();
    private readonly results = new Map<string, string>();

    constructor(given: ReadonlyMap<string, IDL.Type>) {
        this.reserved = new Set(given.keys());
        const sorted = [...given].sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
        for (const [name, type] of sorted) {
            const named = type instanceof IDL.OptClass ? inner(type) : type;
            const shape = shapeOf(named);
            if (isComposite(named) && !this.givenNames.has(shape)) this.givenNames.set(shape, name);
        }
    }

    nameOf(type: IDL.Type): string | undefined {
        return this.names.get(shapeOf(type));
    }

    resultOf(method: string): string | undefined {
        return this.results.get(method);
    }

    visitMethod(name: string, { argTypes, retTypes }: IDL.FuncClass): void {
        const method = pascalCase(name);
        argTypes.forEach((type, i) => this.visit(type, argTypes.length === 1 ? `${method}Args` : `${method}Arg${i}`));
        for (const type of retTypes) {
            if (isResult(type)) this.visitResult(name, type);
            else this.visit(type, `${method}${isResult(elementOf(type)) ? 'Result' : 'Response'}`);
        }
    }

    /** Results have the name of their method, also where two methods have the same. */
    private visitResult(method: string, type: IDL.VariantClass): void {
        const name = `${pascalCase(method)}Result`;
        const known = this.nameOf(type);
        if (known === undefined || this.isGiven(type)) return this.visit(type, name);
        const alias = this.unused(name);
        this.definitions.set(alias, { alias: known });
        this.results.set(method, alias);
    }

    /** Names a type if that is worth it, and what it consists of; the first suggestion that is free is taken. */
    visit(type: IDL.Type, ...suggestions: readonly string[]): void {
        if (type instanceof IDL.OptClass) return this.visit(inner(type), ...suggestions);
        if (type instanceof IDL.VecClass) return this.visit(inner(type), ...suggestions.map(singular));
        if (!isComposite(type) || this.nameOf(type) !== undefined) return;
        const isNamed = this.isGiven(type) || type instanceof IDL.RecClass || shapeOf(type).length > SHORT;
        const parent = isNamed ? this.define(type, suggestions) : (suggestions[0] ?? '');
        for (const [label, of] of partsOf(type)) this.visit(of, ...partNames(parent, label));
    }

    private isGiven(type: IDL.Type): boolean {
        return this.givenNames.has(shapeOf(type));
    }

    private define(type: IDL.Type, suggestions: readonly string[]): string {
        const shape = shapeOf(type);
        const name = this.givenNames.get(shape) ?? this.unused(...suggestions);
        this.names.set(shape, name);
        this.definitions.set(name, type);
        return name;
    }

    private unused(...suggestions: readonly string[]): string {
        const isFree = (name: string): boolean => !this.definitions.has(name) && !this.reserved.has(name);
        const numbered = Array.from({ length: 99 }, (_, i) => `${suggestions[0]}${i + 2}`);
        return [...suggestions, ...numbered].find(isFree) ?? numbered[0] ?? '';
    }
}

/** Labels that say nothing without what they are of. */
const VAGUE =
    /^(args?|data|entries|entry|fields?|info|items?|kind|list|metadata|next|peers|reason|result|rows?|state|status|type|values?)$/i;

/** What a part of a named type may be called, the best first. */
function partNames(parent: string, label: string): readonly string[] {
    const stem = parent.replace(/(Result|Response)$/, '');
    if (label === 'Ok') return [stem, `${stem}Response`];
    if (label === 'Err') return [`${stem}Error`];
    const position = /^_(\d+)_$/.exec(label)?.[1];
    if (position !== undefined) return [`${parent}${['Key', 'Value'][Number(position)] ?? position}`];
    const own = pascalCase(label);
    return VAGUE.test(label) ? [`${stem}${own}`] : [own, `${stem}${own}`];
}

function singular(name: string): string {
    return name.replace(/(?<!s|Statu)s$/, '');
}

/** What can have a name: records, variants, functions, and what is recursive. */
function isComposite(type: IDL.Type): boolean {
    return isFields(type) || type instanceof IDL.RecClass || type instanceof IDL.FuncClass;
}

function isResult(type: IDL.Type): type is IDL.VariantClass {
    return type instanceof IDL.VariantClass && type._fields.map(([label]) => label).join() === 'Ok,Err';
}

/** What options and vectors are of in the end. */
function elementOf(type: IDL.Type): IDL.Type {
    return type instanceof IDL.OptClass || type instanceof IDL.VecClass ? elementOf(inner(type)) : type;
}

function pascalCase(name: string): string {
    const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
    return words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
}
