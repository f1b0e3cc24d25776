/**
 * `npm run generate`: writes each canister's Candid and src/declarations from its build, and docs/roles.md from the docstrings.
 * `npm run generate -- --check` changes nothing and fails when what is committed differs.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CANISTERS, type CanisterName } from '../src/core/peers';
import { buildCanisters } from './lib/canister_build';
import { declarationFiles } from './lib/declarations';
import { projectRoot } from './lib/project';
import { rolesPage } from './lib/roles';

const args = process.argv.slice(2);
const checking = args.includes('--check');
const wanted = CANISTERS.filter((name) => args.includes(name));
const names: readonly CanisterName[] = wanted.length === 0 ? CANISTERS : wanted;

const drifted: string[] = [];
for (const build of await buildCanisters(names)) {
    for (const [path, content] of await declarationFiles(build)) await settle(path, content);
}
await settle('docs/roles.md', await rolesPage());
for (const path of drifted) console.log(`${checking ? 'differs' : 'written'}: ${path}`);
if (checking && drifted.length > 0) {
    console.error('The Candid interface or a role has changed: run `npm run generate` and commit the result.');
    process.exit(1);
}

async function settle(path: string, content: string): Promise<void> {
    const file = join(projectRoot(), path);
    const committed = await readFile(file, 'utf8').catch(() => undefined);
    if (committed === content) return;
    drifted.push(path);
    if (checking) return;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
}
