/**
 * Writes src/core/poc/vectors.json from the reference, or with --check compares it.
 * `node --import tsx test/vectors/poc/generate.ts [--check]`
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { projectRoot } from '../../../scripts/lib/project';
import { makeVectors } from './make_vectors';

const path = join(projectRoot(), 'src', 'core', 'poc', 'vectors.json');
const text = await format(JSON.stringify(makeVectors()), { ...(await resolveConfig(path)), parser: 'json' });
if (process.argv.includes('--check')) {
    const same = (await readFile(path, 'utf8')) === text;
    console.log(same ? 'the vectors are those of the reference' : 'vectors.json differs from the reference');
    process.exitCode = same ? 0 : 1;
} else {
    await writeFile(path, text);
}
