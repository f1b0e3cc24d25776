import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { IDL } from '@dfinity/candid';

/** Interfaces of the real system canisters, as the Azle package carries them. */
export type OfficialInterface = 'cycles_ledger' | 'nns_cycles_minting' | 'nns_icp_ledger' | 'nns_registry';

const azle = join(process.cwd(), 'node_modules/azle');

/** What an unchanged client would be compiled from. */
export function officialInterface(name: OfficialInterface): IDL.InterfaceFactory {
    return interfaceOf(readFileSync(join(azle, `src/stable/lib/canisters/${name}/idl/index.did`), 'utf8'));
}

/** A module of its own, because the generator loads its WebAssembly by import.meta. */
const generator = `
import { generate } from '@icp-sdk/bindgen/core';
const [didFile, outDir] = process.argv.slice(-2);
await generate({ didFile, outDir, output: { actor: { disabled: true }, declarations: { flat: true } } });
`;

/** Compiles a .did text; throws when it is none. */
export function interfaceOf(did: string): IDL.InterfaceFactory {
    const folder = mkdtempSync(join(tmpdir(), 'emc-did-'));
    try {
        const didFile = join(folder, 'service.did');
        writeFileSync(didFile, did);
        execFileSync(process.execPath, ['--input-type=module', '-e', generator, didFile, folder], { stdio: 'pipe' });
        const source = readFileSync(join(folder, 'service.did.js'), 'utf8');
        const factory = /export const idlFactory = (\(\{ IDL \}\) => \{[\s\S]*?\n\});/.exec(source)?.[1];
        return runInNewContext(`(${factory})`) as IDL.InterfaceFactory;
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
