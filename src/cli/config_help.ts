import { z } from 'zod';

/** A JSON Schema (2020-12), as far as configurations use it. */
interface Shape {
    readonly type?: string;
    readonly format?: string;
    readonly const?: unknown;
    readonly enum?: readonly unknown[];
    readonly default?: unknown;
    readonly description?: string;
    readonly properties?: Readonly<Record<string, Shape>>;
    readonly required?: readonly string[];
    readonly items?: Shape;
    readonly anyOf?: readonly Shape[];
    readonly oneOf?: readonly Shape[];
}

/** One field of a configuration, by its path from the top (`apps[].appId`). */
export interface ConfigField {
    readonly path: string;
    readonly type: string;
    /** `required`, `optional` or the default as JSON. */
    readonly without: string;
    readonly description: string;
}

/** Every field that a configuration may have, in the schema's order; of alternatives, the fields of all. */
export function configFields(schema: z.ZodType): readonly ConfigField[] {
    const fields = new Map<string, ConfigField>();
    for (const field of fieldsOf(z.toJSONSchema(schema, { io: 'input' }) as Shape, '')) {
        const known = fields.get(field.path);
        fields.set(field.path, known === undefined ? field : merge(known, field));
    }
    return [...fields.values()];
}

/** What `--help` says of the file behind `--config`. */
export function configHelp(schema: z.ZodType): string {
    const fields = configFields(schema);
    const width = Math.max(...fields.map(({ path }) => path.length));
    const lines = fields.map(({ path, type, without, description }) =>
        `  ${path.padEnd(width)}  ${type}, ${without}${description === '' ? '' : `: ${description}`}`.trimEnd()
    );
    return ['', 'Fields of the JSON configuration (no environment variable is read):', ...lines].join('\n');
}

function fieldsOf(shape: Shape, prefix: string): readonly ConfigField[] {
    const inside = [...(shape.anyOf ?? []), ...(shape.oneOf ?? [])].flatMap((each) => fieldsOf(each, prefix));
    const items = shape.items === undefined ? [] : fieldsOf(shape.items, prefix.replace(/(\[\])?$/, '[]'));
    const own = Object.entries(shape.properties ?? {}).flatMap(([name, field]) => {
        const path = prefix === '' ? name : `${prefix}.${name}`;
        return [describe(path, field, shape.required?.includes(name) ?? false), ...fieldsOf(field, path)];
    });
    return [...own, ...inside, ...items];
}

function describe(path: string, field: Shape, isRequired: boolean): ConfigField {
    const isGroup = field.properties !== undefined;
    const hasDefault = field.default !== undefined && !isGroup;
    return {
        path,
        type: typeOf(field),
        without: hasDefault ? `default ${JSON.stringify(field.default)}` : isRequired ? 'required' : 'optional',
        description: field.description ?? ''
    };
}

function typeOf({ type, format, enum: names, const: only, items, anyOf, oneOf }: Shape): string {
    if (only !== undefined) return String(only);
    if (names !== undefined) return names.join(' | ');
    const alternatives = anyOf ?? oneOf;
    if (alternatives !== undefined) return [...new Set(alternatives.map(typeOf))].join(' | ');
    if (items !== undefined) return `list of ${typeOf(items)}`;
    return format === 'uri' ? 'URL' : (type ?? 'any');
}

/** A field that several alternatives have: all that it may be. */
function merge(known: ConfigField, other: ConfigField): ConfigField {
    const types = new Set([...known.type.split(' | '), ...other.type.split(' | ')]);
    return { ...known, type: [...types].join(' | '), description: known.description || other.description };
}
