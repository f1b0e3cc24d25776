import { IDL } from '@dfinity/candid';
import { build } from 'esbuild';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { projectRoot } from '../project';
import { candidName } from './source_docs';

/**
 * The Candid types that the sources of a canister export, by name. Azle answers nothing outside a canister, so the sources are
 * run over one that lets everything be done and does nothing, but for its IDL, which is that of the agent.
 */
export async function sourceTypes(folders: readonly string[]): Promise<ReadonlyMap<string, IDL.Type>> {
    const root = projectRoot();
    const listed = await Promise.all(folders.map((folder) => readdir(join(root, folder))));
    const files = listed.flatMap((names, i) =>
        names.filter((name) => name.endsWith('.ts')).map((name) => `${folders[i]}/${name}`)
    );
    const contents = files.map((file, i) => `export * as m${i} from './${file}';`).join('\n');
    const { outputFiles } = await build({
        stdin: { contents, resolveDir: root, loader: 'ts' },
        bundle: true,
        write: false,
        format: 'cjs',
        platform: 'node',
        target: 'es2022',
        logLevel: 'silent',
        external: ['azle', 'azle/*', '@dfinity/*']
    });
    const modules = run(outputFiles[0]?.text ?? '');
    const exported = Object.values(modules).flatMap((each) => Object.entries(each));
    const types = exported.filter((entry): entry is [string, IDL.Type] => isType(entry[1]));
    return new Map(types.map(([name, type]) => [candidName(name), type]));
}

function isType(value: unknown): value is IDL.Type {
    return typeof value === 'object' && value !== null && 'covariant' in value && 'display' in value;
}

function run(code: string): Readonly<Record<string, object>> {
    const module = { exports: {} };
    const installed = createRequire(join(projectRoot(), 'package.json'));
    const require = (name: string): unknown => (/^azle($|\/)/.test(name) ? idleAzle : (installed(name) as unknown));
    new Function('module', 'exports', 'require', code)(module, module.exports, require);
    return module.exports;
}

/** Whatever is read of it, called or made by it is itself. */
const idle: unknown = new Proxy(function () {}, {
    get: (_, key) => (key === 'prototype' ? {} : key === Symbol.toPrimitive ? () => 0 : idle),
    apply: () => idle,
    construct: () => idle as object
});
const idleAzle: object = new Proxy({ IDL }, { get: (own, key) => (key === 'IDL' ? own.IDL : idle) });
