import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { projectRoot } from '../project';
import type { InterfaceDocs } from './print_candid';

/** A method of a canister as its sources declare it. */
export interface MethodDoc {
    readonly name: string;
    readonly mode: 'update' | 'query';
    /** The text of its docstring, in one line. */
    readonly doc: string;
    readonly isServedWhilePaused: boolean;
}

/** The methods that the classes of a folder declare, by file and place. */
export async function methodDocs(folder: string): Promise<readonly MethodDoc[]> {
    return (await sourcesOf(folder)).flatMap((source) =>
        source.statements
            .filter(ts.isClassDeclaration)
            .flatMap(({ members }) => members.filter(ts.isMethodDeclaration).flatMap(methodDoc))
    );
}

/** What the sources of an interface say of its methods and types, and in which order they write the fields of types. */
export async function interfaceDocs(folders: readonly string[]): Promise<InterfaceDocs> {
    const [methods, sources] = await Promise.all([all(folders, methodDocs), all(folders, sourcesOf)]);
    const constants = sources.flatMap(({ statements }) => statements.filter(ts.isVariableStatement));
    const types = constants.flatMap((statement) =>
        statement.declarationList.declarations.map((each) => ({
            name: candidName(each.name.getText()),
            doc: docOf(statement),
            fields: fieldsOf(each.initializer)
        }))
    );
    return {
        methods: new Map(methods.map(({ name, doc }) => [name, doc])),
        types: new Map(types.map(({ name, ...rest }) => [name, rest]))
    };
}

/** What an interface calls the type that the sources call so: they mark types off from values of the same name. */
export function candidName(name: string): string {
    return name.replace(/^Candid(?=[A-Z])/, '').replace(/(?<=[a-z])Type$/, '');
}

async function all<T>(folders: readonly string[], read: (folder: string) => Promise<readonly T[]>): Promise<T[]> {
    return (await Promise.all(folders.map(read))).flat();
}

async function sourcesOf(folder: string): Promise<readonly ts.SourceFile[]> {
    const path = join(projectRoot(), folder);
    const files = (await readdir(path)).filter((file) => file.endsWith('.ts')).sort();
    const texts = await Promise.all(files.map((file) => readFile(join(path, file), 'utf8')));
    return texts.map((text, i) => ts.createSourceFile(files[i] ?? '', text, ts.ScriptTarget.Latest, true));
}

function methodDoc(method: ts.MethodDeclaration): readonly MethodDoc[] {
    const decorators = (ts.getDecorators(method) ?? []).map(({ expression }) => expression);
    const mode = decorators
        .map((each) => /^(update|query)\b/.exec(each.getText())?.[1])
        .find((each) => each !== undefined);
    if (mode !== 'update' && mode !== 'query') return [];
    // The third word of the decorator excepts the method from the pause; it makes the running canister do so.
    const isServedWhilePaused = decorators
        .filter(ts.isCallExpression)
        .some(({ arguments: [, , served] }) => served !== undefined);
    return [{ name: method.name.getText(), mode, doc: docOf(method), isServedWhilePaused }];
}

/** The first part of a docstring, with names in place of links. */
function docOf(node: ts.Node): string {
    const texts = ts.getJSDocCommentsAndTags(node).map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '');
    return texts
        .join(' ')
        .replace(/\{@link (\S+?)\}/g, '$1')
        .replace(/\s+/g, ' ')
        .trim();
}

/** The labels of an object that is the first argument of a call, as of `IDL.Record({ … })`, also deep within other calls. */
function fieldsOf(expression: ts.Expression | undefined): readonly string[] {
    if (expression === undefined || !ts.isCallExpression(expression)) return [];
    const [first] = expression.arguments;
    if (first === undefined || !ts.isObjectLiteralExpression(first)) return fieldsOf(first);
    return first.properties.flatMap(({ name }) =>
        name === undefined ? [] : [name.getText().replace(/^['"]|['"]$/g, '')]
    );
}
