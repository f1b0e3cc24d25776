/** The five built canisters on a PocketIC instance, each knowing the others. */
import { PocketIc, createIdentity, type Actor } from '@dfinity/pic';
import { AnonymousIdentity, type Identity } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { readFile } from 'node:fs/promises';
import { buildCanisters } from '../../scripts/lib/canister_build';
import { INTERFACES, type CanisterIds, type Services } from '../../src/client/canisters';
import { initArguments, type SuiteOptions } from '../../src/client/deployment';
import { CANISTERS, type CanisterName } from '../../src/core/peers';

/** A clock that starts at a round number, so that windows and rounds are easy to read. */
const GENESIS_MS = Date.UTC(2026, 0, 1);

export interface Suite {
    readonly pic: PocketIc;
    readonly ids: CanisterIds;
    /** Controller of all canisters and owner of the public allocation. */
    readonly deployer: Identity;
    readonly options: SuiteOptions;
    /** A canister as a caller sees it; without a caller, as anonymous. */
    as<Name extends CanisterName>(name: Name, caller?: Identity): Actor<Services[Name]>;
    /** Installs the same code again over the running canister. */
    upgrade(name: CanisterName): Promise<void>;
    /** Moves the clock and lets timers run until they are done. */
    advance(seconds: number): Promise<void>;
    close(): Promise<void>;
}

/** A principal of its own for each name, the same in every run. */
export function actorIdentity(name: string): Identity {
    return createIdentity(`emc test ${name}`);
}

export async function deploySuite(options: SuiteOptions = {}): Promise<Suite> {
    const pic = await PocketIc.create(process.env.PIC_URL ?? '');
    await pic.setTime(GENESIS_MS);
    const deployer = actorIdentity('deployer');
    const ids = await createCanisters(pic, deployer.getPrincipal());
    const settled: SuiteOptions = { publicOwner: deployer.getPrincipal(), ...options };
    const modules = await builtModules();
    const args = initArguments(ids, settled);
    for (const name of CANISTERS) {
        await pic.installCode({
            canisterId: ids[name],
            wasm: required(modules, name),
            arg: required(args, name),
            sender: deployer.getPrincipal()
        });
    }
    const suite: Suite = {
        pic,
        ids,
        deployer,
        options: settled,
        as(name, caller = new AnonymousIdentity()) {
            const actor = pic.createActor<Services[typeof name]>(INTERFACES[name], ids[name]);
            actor.setIdentity(caller);
            return actor;
        },
        async upgrade(name) {
            await pic.upgradeCanister({
                canisterId: ids[name],
                wasm: required(modules, name),
                arg: required(args, name),
                sender: deployer.getPrincipal()
            });
            await pic.tick(3);
        },
        async advance(seconds) {
            await pic.advanceTime(seconds * 1_000);
            await pic.tick(10);
        },
        close: () => pic.tearDown()
    };
    await suite.advance(1);
    return suite;
}

async function createCanisters(pic: PocketIc, controller: Principal): Promise<CanisterIds> {
    const ids: Partial<Record<CanisterName, Principal>> = {};
    for (const name of CANISTERS) {
        ids[name] = await pic.createCanister({ sender: controller, controllers: [controller] });
    }
    return ids as CanisterIds;
}

async function builtModules(): Promise<ReadonlyMap<CanisterName, Uint8Array>> {
    const builds = await buildCanisters();
    return new Map(
        await Promise.all(builds.map(async ({ name, wasmGzPath }) => [name, await readFile(wasmGzPath)] as const))
    );
}

function required<K, V>(map: ReadonlyMap<K, V>, key: K): V {
    const value = map.get(key);
    if (value === undefined) throw new Error(`nothing for ${String(key)}`);
    return value;
}
