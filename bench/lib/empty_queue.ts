/** The queue's canister with methods that are given what its operations are given, and do nothing. */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { join } from 'node:path';
import { INTERFACES } from '../../src/client/canisters';
import { initArguments } from '../../src/client/deployment';
import { CANISTERS } from '../../src/core/peers';
import { sourcesOf } from './canister_sources';
import { LocalNetwork } from './local_network';
import { repeat } from './repeat';
import { smallCanister } from './small_canister';

/** Operations with an empty counterpart, and their argument types in the canister's sources. */
const OPERATIONS = {
    submit_job: 'SubmitJobArgs',
    claim_jobs: 'ClaimArgs',
    heartbeat: 'HeldLeases',
    complete_job: 'CompleteJobArgs',
    complete_jobs: 'IDL.Vec(CompleteJobArgs)'
} as const;
export type Operation = keyof typeof OPERATIONS;

function source(root: string): string {
    const methods = Object.entries(OPERATIONS).map(
        ([operation, type]) => `
    @update([${type}], IDL.Null, SERVED_WHILE_PAUSED)
    empty_${operation}(): null {
        return null;
    }`
    );
    return `import { IDL } from 'azle';
import endpoints from ${JSON.stringify(join(root, 'canisters/compute_gateway/index'))};
import { ClaimArgs, CompleteJobArgs, HeldLeases, SubmitJobArgs } from ${JSON.stringify(join(root, 'canisters/compute_gateway/api/idl'))};
import { SERVED_WHILE_PAUSED, update } from ${JSON.stringify(join(root, 'src/azle/endpoint'))};

class EmptyCalls {${methods.join('\n')}
}

export default [...endpoints, EmptyCalls];
`;
}

/** A network with that canister alone. */
export class EmptyQueue {
    private constructor(
        private readonly network: LocalNetwork,
        private readonly canister: Principal
    ) {}

    static async open(): Promise<EmptyQueue> {
        const network = new LocalNetwork();
        const ids = Object.fromEntries(CANISTERS.map((name) => [name, network.create()])) as Parameters<
            typeof initArguments
        >[0];
        const argument = initArguments(ids, { publicOwner: network.deployer }).get('compute_gateway');
        const dependsOn = sourcesOf('compute_gateway');
        const wasm = await smallCanister({ name: 'empty_queue', source, dependsOn });
        network.install(ids.compute_gateway, wasm, argument ?? new Uint8Array());
        network.advance(1);
        return new EmptyQueue(network, ids.compute_gateway);
    }

    /** Instructions of an empty call with the operation's argument; the median. */
    costOf(operation: Operation, value: unknown, from: Principal): number {
        const argument = new Uint8Array(IDL.encode(argumentTypes(operation), [value]));
        const call = { to: this.canister, method: `empty_${operation}`, argument, from };
        const costs = repeat(() => this.network.measureIn(this.canister, () => this.network.update(call)).own);
        return [...costs].sort((a, b) => a - b)[costs.length >> 1] ?? 0;
    }
}

function argumentTypes(operation: Operation): IDL.Type[] {
    const method = INTERFACES.compute_gateway({ IDL })._fields.find(([name]) => name === operation);
    if (method === undefined) throw new UnknownOperation(operation);
    return method[1].argTypes;
}

/** The canister's interface has no such method. */
class UnknownOperation extends Error {
    constructor(readonly operation: string) {
        super(`${operation} is no method of the queue`);
        this.name = 'UnknownOperation';
    }
}
