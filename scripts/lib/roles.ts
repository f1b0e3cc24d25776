import { join } from 'node:path';
import { CANISTERS, type CanisterName } from '../../src/core/peers';
import { methodDocs } from './candid/source_docs';

/** An update method that does not say who may call it. */
export class UndocumentedRole extends Error {
    constructor(readonly methods: readonly string[]) {
        super(`update methods without a docstring that names their role: ${methods.join(', ')}`);
        this.name = 'UndocumentedRole';
    }
}

/** docs/roles.md: who may call which update method, as the docstrings say. @throws {@link UndocumentedRole} */
export async function rolesPage(): Promise<string> {
    const sections = await Promise.all(CANISTERS.map(sectionOf));
    return `# Roles

Who may call each update method, in the words of its docstring (\`npm run generate\` writes this page). Everything else is refused.
Anonymous callers may only read, except on the ledger, which follows its standard. Queries are open unless a canister's
Candid says otherwise; methods with the prefix \`c2c_\` are for the named peer only.

A *controller* is a controller of the canister; *governance* is the rewards canister executing a passed proposal, or the principal
that governance was handed to ([0026](decisions/0026-who-governs.md)); a *node*, *router* or *validator* is the key that registered as one; a
*wallet* is the owner of a node's reward account.

Methods with ⏸ answer \`Paused\` and change nothing while their canister is paused ([why these](decisions/0013-pausing.md)). All
others, and all queries, are served.

${sections.join('\n')}`;
}

async function sectionOf(canister: CanisterName): Promise<string> {
    const declared = await methodDocs(join('canisters', canister, 'api'));
    const methods = declared.filter(({ mode }) => mode === 'update');
    const missing = methods.filter((method) => method.doc === '').map((method) => `${canister}.${method.name}`);
    if (missing.length > 0) throw new UndocumentedRole(missing);
    const rows = methods.map(
        ({ name, doc, isServedWhilePaused }) =>
            `- ${isServedWhilePaused ? '' : '⏸ '}\`${name}\`: ${doc.replace(/^Role: /, '')}`
    );
    return `## ${canister}\n\n${rows.join('\n')}\n`;
}
