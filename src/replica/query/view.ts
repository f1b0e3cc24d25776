/** The state that a query sees: the network as it stands, or as it stood when the query was taken to another thread. */
import type { DetachedState } from '../execution';
import type { ExecutionInput } from '../execution/types';
import { freezingLimit } from '../cycles/account';
import type { PriceConfig } from '../cycles/prices';
import { unavailability } from '../scheduler/calls';
import { executionInput, type InputChoice } from '../scheduler/input';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import { outOfCycles } from '../state/failures';
import type { InstalledModule } from '../state/module';
import { findCanister, type Network } from '../state/network';
import { idKey } from '../state/principals';
import { subnetOf } from '../state/subnet';

/** A canister as a query finds it. */
export interface QueryTarget {
    /** For its names and its statistics; the rest of it may have changed. */
    readonly canister: Canister;
    readonly module: InstalledModule | undefined;
    /** Why it takes no queries. */
    refusal(): IcError | undefined;
    input(choice: InputChoice): ExecutionInput;
    /** What it takes to execute elsewhere; absent where executions take place here. */
    readonly copy?: TargetCopy;
}

/** The part of a canister that another thread needs. */
export interface TargetCopy {
    /** Undefined for modules that cannot be copied. */
    readonly state: DetachedState | undefined;
    readonly outstandingTo: ReadonlyMap<string, number>;
    readonly prices: PriceConfig;
}

/** What a query may look at. */
export interface QueryView {
    /** For canisters without WebAssembly and for the management canister, which answer as of the time when they are asked. */
    readonly network: Network;
    target(canisterId: Uint8Array): QueryTarget | undefined;
    /** CBOR; asked at most once per query. */
    certificate(canister: Canister): Uint8Array | undefined;
}

/** Everything as it stands. Classes, since a closure for each query and each field would cost more than the query. */
export class PresentView implements QueryView {
    constructor(readonly network: Network) {}

    target(canisterId: Uint8Array): QueryTarget | undefined {
        const canister = findCanister(this.network, canisterId);
        return canister && new PresentTarget(this.network, canister);
    }

    certificate({ id }: Canister): Uint8Array | undefined {
        return this.network.config.dataCertificate?.(id);
    }
}

class PresentTarget implements QueryTarget {
    constructor(
        private readonly network: Network,
        readonly canister: Canister
    ) {}

    get module(): InstalledModule | undefined {
        return this.canister.module;
    }

    refusal(): IcError | undefined {
        return unavailability(this.canister) ?? frozen(this.network, this.canister);
    }

    input(choice: InputChoice): ExecutionInput {
        return executionInput(this.network, this.canister, choice);
    }
}

function frozen(network: Network, canister: Canister): IcError | undefined {
    const missing = freezingLimit(network, canister) - canister.balance;
    return missing > 0n ? outOfCycles(canister, missing, false) : undefined;
}

/** Everything that a query to the canister may look at, as it stands now, for as long as somebody holds it. */
export function captureView(network: Network, canisterId: Uint8Array, isComposite: boolean): QueryView {
    const root = findCanister(network, canisterId);
    const within = isComposite ? [...network.canisters.values()] : root ? [root] : [];
    const targets = new Map(within.map((canister) => [canister.key, captureTarget(network, canister)]));
    const certificate = root && readsCertificate(root) ? network.config.dataCertificate?.(root.id) : undefined;
    return {
        network,
        target: (id) => targets.get(idKey(id)),
        certificate: () => certificate
    };
}

function readsCertificate({ module }: Canister): boolean {
    return module?.code.imports.some((name) => name.startsWith('data_certificate')) === true;
}

function captureTarget(network: Network, canister: Canister): QueryTarget {
    const present = new PresentTarget(network, canister);
    const refusal = present.refusal();
    const base = present.input({ context: 'NRQ', entry: { export: '' }, instructionLimit: 0n });
    return {
        canister,
        module: canister.module,
        refusal: () => refusal,
        input: (choice) => ({ ...base, ...choice }),
        copy: {
            state: canister.module?.sandbox.detach(),
            outstandingTo: new Map(canister.outstandingTo),
            prices: subnetOf(network, canister.id).prices.config
        }
    };
}
