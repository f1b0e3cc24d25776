import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/lib/project';
import type { CanisterName } from '../../src/core/peers';

/** Files whose change means another module of a canister, relative to the root. */
export function sourcesOf(name: CanisterName): string[] {
    const folders = [`canisters/${name}`, 'src/core', 'src/azle'];
    return folders.flatMap((folder) =>
        readdirSync(join(projectRoot(), folder), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
            .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(projectRoot().length + 1))
            .sort()
    );
}
