/** A canister with methods that are given what its operations are given, and do nothing: what a message costs before any rule. */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { join } from 'node:path';
import { INTERFACES } from '../../src/client/canisters';
import { initArguments } from '../../src/client/deployment';
import { CANISTERS, type CanisterName } from '../../src/core/peers';
import { sourcesOf } from './canister_sources';
import { LocalNetwork } from './local_network';
import { repeat } from './repeat';
import { smallCanister } from './small_canister';

/** Which operations of a canister have an empty counterpart. */
export interface EmptyMethods<Operation extends string> {
    readonly canister: CanisterName;
    /** The module of the canister that has the argument types, without its ending. */
    readonly types: string;
    /** Names of that module. */
    readonly names: readonly string[];
    /** By operation, its argument types in the words of that module. */
    readonly operations: { readonly [Name in Operation]: string };
}

function sourceOf<Operation extends string>(methods: EmptyMethods<Operation>, root: string): string {
    const bodies = Object.entries(methods.operations).map(
        ([operation, type]) => `
    @update([${String(type)}], IDL.Null, SERVED_WHILE_PAUSED)
    empty_${operation}(): null {
        return null;
    }`
    );
    const folder = join(root, 'canisters', methods.canister);
    return `import { IDL } from 'azle';
import endpoints from ${JSON.stringify(join(folder, 'index'))};
import { ${methods.names.join(', ')} } from ${JSON.stringify(join(folder, methods.types))};
import { SERVED_WHILE_PAUSED, update } from ${JSON.stringify(join(root, 'src/azle/endpoint'))};

class EmptyCalls {${bodies.join('\n')}
}

export default [...endpoints, EmptyCalls];
`;
}

/** A network with that canister alone. */
export class EmptyCalls<Operation extends string> {
    private constructor(
        private readonly name: CanisterName,
        private readonly network: LocalNetwork,
        private readonly canister: Principal
    ) {}

    static async open<Operation extends string>(methods: EmptyMethods<Operation>): Promise<EmptyCalls<Operation>> {
        const { canister: name } = methods;
        const network = new LocalNetwork();
        const ids = Object.fromEntries(CANISTERS.map((one) => [one, network.create()])) as Parameters<
            typeof initArguments
        >[0];
        const argument = initArguments(ids, { publicOwner: network.deployer }).get(name);
        const source = (root: string): string => sourceOf(methods, root);
        const wasm = await smallCanister({ name: `empty_${name}`, source, dependsOn: sourcesOf(name) });
        network.install(ids[name], wasm, argument ?? new Uint8Array());
        network.advance(1);
        return new EmptyCalls(name, network, ids[name]);
    }

    /** Instructions of an empty call with the operation's argument; the median. */
    costOf(operation: Operation, value: unknown, from: Principal): number {
        const argument = new Uint8Array(IDL.encode(this.argumentTypes(operation), [value]));
        const call = { to: this.canister, method: `empty_${operation}`, argument, from };
        const costs = repeat(() => this.network.measureIn(this.canister, () => this.network.update(call)).own);
        return [...costs].sort((a, b) => a - b)[costs.length >> 1] ?? 0;
    }

    private argumentTypes(operation: Operation): IDL.Type[] {
        const method = INTERFACES[this.name]({ IDL })._fields.find(([name]) => name === operation);
        if (method === undefined) throw new UnknownOperation(operation);
        return method[1].argTypes;
    }
}

/** The canister's interface has no such method. */
class UnknownOperation extends Error {
    constructor(readonly operation: string) {
        super(`${operation} is no method of the canister`);
        this.name = 'UnknownOperation';
    }
}
