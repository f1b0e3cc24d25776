/** The five canisters on a local network, each knowing the others. */
import type { Principal } from '@dfinity/principal';
import { readFile } from 'node:fs/promises';
import { buildCanisters } from '../../scripts/lib/canister_build';
import { INTERFACES, type CanisterIds, type Services } from '../../src/client/canisters';
import { initArguments, type SuiteOptions } from '../../src/client/deployment';
import { CANISTERS, type CanisterName } from '../../src/core/peers';
import { LocalNetwork, type LocalActor } from './local_network';

export class LocalSuite {
    private constructor(
        readonly network: LocalNetwork,
        readonly ids: CanisterIds
    ) {}

    /**
     * Builds what has changed and deploys; the deployer controls everything and owns the public allocation.
     * Canisters that are not among `names` have an id and no code; those that `modules` names have that one. Of those that
     * `played` names, somebody else plays the peers that it says.
     */
    static async deploy(
        options: SuiteOptions = {},
        names: readonly CanisterName[] = CANISTERS,
        modules: { readonly [Name in CanisterName]?: Uint8Array } = {},
        played: { readonly [Name in CanisterName]?: Partial<CanisterIds> } = {}
    ): Promise<LocalSuite> {
        const builds = await buildCanisters(names);
        const network = new LocalNetwork();
        const created = CANISTERS.map((name) => [name, network.create()] as const);
        const ids = Object.fromEntries(created) as { [Name in CanisterName]: Principal };
        const argumentOf = (name: CanisterName) =>
            initArguments({ ...ids, ...played[name] }, { publicOwner: network.deployer, ...options }).get(name);
        for (const { name, wasmGzPath } of builds) {
            const module = modules[name] ?? new Uint8Array(await readFile(wasmGzPath));
            network.install(ids[name], module, argumentOf(name) ?? new Uint8Array());
        }
        const suite = new LocalSuite(network, ids);
        network.advance(1);
        return suite;
    }

    get deployer(): Principal {
        return this.network.deployer;
    }

    /** A canister as a caller sees it. */
    as<Name extends CanisterName>(name: Name, caller: Principal): LocalActor<Services[Name]> {
        return this.network.actor<Services[Name]>(INTERFACES[name], this.ids[name], caller);
    }

    instructionsOf(action: () => unknown): number {
        return this.network.instructionsOf(action);
    }
}
