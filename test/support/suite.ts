/** The five built canisters on a PocketIC instance, each knowing the others. */
import type { PocketIc } from '@dfinity/pic';
import { Principal } from '@dfinity/principal';
import { readFile } from 'node:fs/promises';
import { buildCanisters } from '../../scripts/lib/canister_build';
import { INTERFACES, type CanisterIds, type Services } from '../../src/client/canisters';
import { initArguments, type SuiteOptions } from '../../src/client/deployment';
import { sha256 } from '../../src/core/hash';
import { CANISTERS, type CanisterName } from '../../src/core/peers';
import { BY_FORCE, fromPicPrincipal, picActor, toPicPrincipal, type PicActor } from './pic_actor';
import { SMALL_SPEC } from './poc';
import { createPocketIc } from './pocket_ic';

/** A clock that starts at a round number, so that windows and rounds are easy to read. */
const GENESIS_MS = Date.UTC(2026, 0, 1);

const YEAR_S = 31_536_000n;

export interface Suite {
    readonly pic: PocketIc;
    readonly ids: CanisterIds;
    /** Controller of all canisters and owner of the public allocation. */
    readonly deployer: Principal;
    readonly options: SuiteOptions;
    /** A canister as a caller sees it; without a caller, as anonymous. */
    as<Name extends CanisterName>(name: Name, caller?: Principal): PicActor<Services[Name]>;
    /**
     * Installs the same code again over the running canister, calls that are under way or not: an operator who must can do so
     * (`skip_pre_upgrade`), and what it does to them is what tests of upgrades are about.
     */
    upgrade(name: CanisterName): Promise<void>;
    /** The same as an operator should do it: refused while calls are under way. */
    upgradeAtRest(name: CanisterName): Promise<void>;
    /** Has a canister take others for its peers from now on, as an upgrade can; with none, those of the suite again. */
    play(name: CanisterName, peers: Partial<CanisterIds>): Promise<void>;
    /** Moves the clock and lets timers run until they are done. */
    advance(seconds: number): Promise<void>;
    close(): Promise<void>;
}

/** A principal of its own for each name, the same in every run. */
export function principalNamed(name: string): Principal {
    return Principal.selfAuthenticating(sha256(new TextEncoder().encode(name)));
}

export async function deploySuite(options: SuiteOptions = {}, startMs = GENESIS_MS): Promise<Suite> {
    const pic = await createPocketIc();
    await pic.setTime(startMs);
    const deployer = principalNamed('deployer');
    const ids = await createCanisters(pic, deployer);
    // Tests move the clock by hours, and few have nodes that report meanwhile.
    const queueLimits = { max_silence_s: YEAR_S, ...options.queueLimits };
    const settled: SuiteOptions = { publicOwner: deployer, pocSpec: SMALL_SPEC, ...options, queueLimits };
    const modules = await builtModules();
    const played: { [Name in CanisterName]?: Partial<CanisterIds> } = {};
    const argumentOf = (name: CanisterName) => required(initArguments({ ...ids, ...played[name] }, settled), name);
    for (const name of CANISTERS) {
        await pic.installCode({
            canisterId: toPicPrincipal(ids[name]),
            wasm: required(modules, name),
            arg: argumentOf(name),
            sender: toPicPrincipal(deployer)
        });
    }
    const upgradeOf = (name: CanisterName) => ({
        canisterId: toPicPrincipal(ids[name]),
        wasm: required(modules, name),
        arg: argumentOf(name),
        sender: toPicPrincipal(deployer)
    });
    const suite: Suite = {
        pic,
        ids,
        deployer,
        options: settled,
        as: (name, caller = Principal.anonymous()) => picActor(pic, INTERFACES[name], ids[name], caller),
        async upgrade(name) {
            await pic.upgradeCanister({ ...upgradeOf(name), upgradeModeOptions: BY_FORCE });
            await pic.tick(3);
        },
        async play(name, peers) {
            played[name] = peers;
            await suite.upgrade(name);
        },
        upgradeAtRest: (name) => pic.upgradeCanister(upgradeOf(name)),
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
        const sender = toPicPrincipal(controller);
        ids[name] = fromPicPrincipal(await pic.createCanister({ sender, controllers: [sender] }));
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
