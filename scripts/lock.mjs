#!/usr/bin/env node
/**
 * Completes package-lock.json after `npm install`: a registry that mirrors only some platforms makes npm leave the other
 * platforms' optional binaries out, and `npm ci` then refuses the lock everywhere. The entries carry no integrity, so a
 * machine of such a platform takes what its registry answers for that exact version.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'arm'];

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {}).filter(
        ([name]) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`]
    )
);
for (const [name, version] of missing) {
    const parts = name.split('-');
    const os = SYSTEMS.filter((system) => parts.includes(system));
    const cpu = PROCESSORS.filter((processor) => parts.some((part) => part === processor)).slice(0, 1);
    lock.packages[`node_modules/${name}`] = { version, cpu, dev: true, optional: true, os };
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 4)}\n`);
console.log(`${missing.length} entries added`);
