/**
 * Where the compiled code of the worker and of the server commands is. Sources are TypeScript, so they are bundled once
 * per content into a cache and run from there. Plain CommonJS, because it runs before any compiler does:
 * from the commands in bin/, from tsx and from jest.
 */
'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const sourceRoot = path.resolve(__dirname, '..');
const projectRoot = path.resolve(sourceRoot, '../..');

/** Scripts of the network's own pages, by name of the bundle. */
const browserEntries = { candid_ui: 'browser/candid_ui.ts', sign_in: 'browser/sign_in.ts' };

/** Entry points, by name of the bundle. */
const entries = {
    worker: 'worker/worker_main.ts',
    executor: 'worker/executor_main.ts',
    server: 'main.ts',
    pocketic: 'pocketic/main.ts',
    launcher: 'launcher/main.ts'
};

let bundleFolder;

/** @returns {string[]} */
function sourceFiles(folder) {
    return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const name = path.join(folder, entry.name);
        return entry.isDirectory() ? sourceFiles(name) : /\.(ts|cjs)$/.test(entry.name) ? [name] : [];
    });
}

function contentHash() {
    const hash = createHash('sha256').update(process.versions.node);
    const lock = path.join(projectRoot, 'package-lock.json');
    for (const file of [...sourceFiles(sourceRoot).sort(), ...(fs.existsSync(lock) ? [lock] : [])]) {
        hash.update(path.relative(projectRoot, file)).update('\0').update(fs.readFileSync(file)).update('\0');
    }
    return hash.digest('hex').slice(0, 24);
}

/** node_modules may belong to somebody else: then the cache goes to the user's temporary folder. */
function cacheFolders() {
    const owner = typeof process.getuid === 'function' ? process.getuid() : 'user';
    return [path.join(projectRoot, 'node_modules/.cache/emc'), path.join(os.tmpdir(), `emc-replica-${owner}`)];
}

/** Bundles of older sources, left by earlier runs. One that is this old is nobody's any more. */
const maxBundleAgeMs = 7 * 24 * 3600 * 1000;

function removeOldBundles(cache) {
    for (const name of fs.readdirSync(cache).filter((entry) => entry.startsWith('replica-'))) {
        const folder = path.join(cache, name);
        if (Date.now() - fs.statSync(folder).mtimeMs > maxBundleAgeMs) {
            fs.rmSync(folder, { recursive: true, force: true });
        }
    }
}

/** Code is run from the cache: nobody else may have put it there. */
function assertOurs(folder) {
    const { uid } = fs.statSync(folder);
    if (typeof process.getuid === 'function' && uid !== process.getuid() && uid !== 0) {
        throw new ForeignFolderError(folder);
    }
}

class ForeignFolderError extends Error {
    constructor(folder) {
        super(`${folder} belongs to another user`);
        this.name = 'ForeignFolderError';
    }
}

function build(folder) {
    const esbuild = require('esbuild');
    fs.mkdirSync(path.dirname(folder), { recursive: true, mode: 0o700 });
    assertOurs(path.dirname(folder));
    removeOldBundles(path.dirname(folder));
    const staging = `${folder}.${process.pid}.${Date.now()}`;
    fs.mkdirSync(staging, { recursive: true, mode: 0o700 });
    const entryPoints = Object.fromEntries(
        Object.entries(entries)
            .map(([name, file]) => [name, path.join(sourceRoot, file)])
            .filter(([, file]) => fs.existsSync(file))
    );
    esbuild.buildSync({
        entryPoints,
        outdir: staging,
        outExtension: { '.js': '.cjs' },
        bundle: true,
        platform: 'node',
        target: 'node20',
        format: 'cjs',
        sourcemap: 'inline',
        sourcesContent: false,
        keepNames: true,
        logLevel: 'silent',
        // In a bundle this module stands for the folder that the bundle lies in.
        define: { EMC_BUNDLED: 'true' },
        external: ['esbuild']
    });
    esbuild.buildSync({
        entryPoints: Object.fromEntries(
            Object.entries(browserEntries).map(([name, file]) => [name, path.join(sourceRoot, file)])
        ),
        outdir: staging,
        bundle: true,
        platform: 'browser',
        target: 'es2022',
        format: 'esm',
        minify: true,
        logLevel: 'silent',
        define: { global: 'globalThis' }
    });
    publish(staging, folder);
}

/** Another process may have been faster: its result is as good. */
function publish(staging, folder) {
    try {
        fs.renameSync(staging, folder);
    } catch (error) {
        fs.rmSync(staging, { recursive: true, force: true });
        if (!fs.existsSync(folder)) {
            throw error;
        }
    }
}

/** Folder with the bundles of the present sources, built if necessary; undefined when that is not possible. */
function ensureBundles() {
    if (bundleFolder !== undefined) {
        return bundleFolder;
    }
    if (typeof EMC_BUNDLED !== 'undefined') {
        bundleFolder = __dirname;
        return bundleFolder;
    }
    const name = `replica-${contentHash()}`;
    for (const cache of cacheFolders()) {
        const folder = path.join(cache, name);
        try {
            if (!fs.existsSync(folder)) {
                build(folder);
            }
            assertOurs(folder);
            bundleFolder = folder;
            return folder;
        } catch {
            // No compiler, or a folder that is not ours to write: the next choice is slower but works.
        }
    }
    return undefined;
}

function bundled(name) {
    const folder = ensureBundles();
    return folder === undefined ? undefined : path.join(folder, `${name}.cjs`);
}

exports.workerScript = () => bundled('worker') ?? path.join(sourceRoot, 'worker/from_source.mjs');
exports.executorScript = () => bundled('executor') ?? path.join(sourceRoot, 'worker/from_source.mjs');
exports.serverBundle = () => bundled('server');
exports.pocketIcBundle = () => bundled('pocketic');
exports.browserScript = (name) => {
    const folder = ensureBundles();
    return folder === undefined ? undefined : path.join(folder, `${name}.js`);
};
exports.launcherBundle = () => bundled('launcher');
