import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { CANISTERS, type CanisterName } from '../../src/core/peers';
import { projectRoot } from './project';

/** An update method that does not say who may call it. */
export class UndocumentedRole extends Error {
    constructor(readonly methods: readonly string[]) {
        super(`update methods without a docstring that names their role: ${methods.join(', ')}`);
        this.name = 'UndocumentedRole';
    }
}

interface UpdateMethod {
    readonly name: string;
    readonly doc: string;
    readonly isServedWhilePaused: boolean;
}

/** docs/roles.md: who may call which update method, as the docstrings say. @throws {@link UndocumentedRole} */
export async function rolesPage(): Promise<string> {
    const sections = await Promise.all(CANISTERS.map(sectionOf));
    return `# Roles

Who may call each update method, in the words of its docstring (\`npm run generate\` writes this page). Everything else is refused.
Anonymous callers may only read, except on the ledger, which follows its standard. Queries are open unless a canister's
Candid says otherwise; methods with the prefix \`c2c_\` are for the named peer only.

A *controller* is a controller of the canister; *governance* is the rewards canister executing a passed proposal; a *node*,
*router* or *validator* is the key that registered as one; a *wallet* is the owner of a node's reward account.

Methods with ⏸ answer \`Paused\` and change nothing while their canister is paused ([why these](decisions/0013-pausing.md)). All
others, and all queries, are served.

${sections.join('\n')}`;
}

async function sectionOf(canister: CanisterName): Promise<string> {
    const methods = await updateMethods(canister);
    const missing = methods.filter((method) => method.doc === '').map((method) => `${canister}.${method.name}`);
    if (missing.length > 0) throw new UndocumentedRole(missing);
    const rows = methods.map(
        ({ name, doc, isServedWhilePaused }) => `- ${isServedWhilePaused ? '' : '⏸ '}\`${name}\`: ${doc}`
    );
    return `## ${canister}\n\n${rows.join('\n')}\n`;
}

async function updateMethods(canister: CanisterName): Promise<readonly UpdateMethod[]> {
    const folder = join(projectRoot(), 'canisters', canister, 'api');
    const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort();
    const found = await Promise.all(files.map(async (file) => methodsIn(await readFile(join(folder, file), 'utf8'))));
    return found.flat();
}

function methodsIn(source: string): readonly UpdateMethod[] {
    const file = ts.createSourceFile('api.ts', source, ts.ScriptTarget.Latest, true);
    const classes = file.statements.filter(ts.isClassDeclaration);
    return classes.flatMap((declaration) =>
        declaration.members
            .filter(ts.isMethodDeclaration)
            .filter(isUpdate)
            .map((method) => ({
                name: method.name.getText(file),
                doc: docOf(method),
                isServedWhilePaused: isServedWhilePaused(method)
            }))
    );
}

function isUpdate(method: ts.MethodDeclaration): boolean {
    return (ts.getDecorators(method) ?? []).some(({ expression }) => /^update\b/.test(expression.getText()));
}

/** Whether the decorator excepts the method from the pause; the same words make the running canister do so. */
function isServedWhilePaused(method: ts.MethodDeclaration): boolean {
    const expressions = (ts.getDecorators(method) ?? []).map(({ expression }) => expression);
    return expressions.filter(ts.isCallExpression).some(({ arguments: [, , served] }) => served !== undefined);
}

function docOf(method: ts.MethodDeclaration): string {
    const text = ts
        .getJSDocCommentsAndTags(method)
        .map((node) => (typeof node.comment === 'string' ? node.comment : ''))
        .join(' ');
    return text
        .replace(/^Role: /, '')
        .replace(/\s+/g, ' ')
        .trim();
}
