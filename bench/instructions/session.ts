/** What the payer's signature on a session's receipt costs the canister that settles it. */
import { IDL } from '@dfinity/candid';
import type { Benchmark } from '../lib/benchmark';
import { LocalNetwork } from '../lib/local_network';
import { repeat } from '../lib/repeat';
import { join } from 'node:path';
import { smallCanister } from '../lib/small_canister';

const sessionInterface: IDL.InterfaceFactory = ({ IDL: idl }) =>
    idl.Service({ verify: idl.Func([idl.Nat64], [idl.Nat64], []) });

function source(root: string): string {
    const path = (...parts: string[]): string => JSON.stringify(join(root, ...parts));
    return `import { IDL, performanceCounter, Principal, trap } from 'azle';
import { SERVED_WHILE_PAUSED, update } from ${path('src', 'azle', 'endpoint')};
import {
    firstReceipt, sessionPublicKey, signSessionReceipt, verifySessionReceipt
} from ${path('src', 'core', 'compute', 'session_receipt')};

const secret = new Uint8Array(32).fill(7);

export default class {
    @update([IDL.Nat64], IDL.Nat64, SERVED_WHILE_PAUSED)
    verify(units) {
        const key = sessionPublicKey(secret);
        const receipt = { ...firstReceipt(Principal.fromUint8Array(new Uint8Array(10)), 1n), units };
        const signature = signSessionReceipt(receipt, secret);
        const before = performanceCounter(0);
        if (!verifySessionReceipt(receipt, signature, key)) trap('a good signature was refused');
        return performanceCounter(0) - before;
    }
}
`;
}

async function verifications(): Promise<readonly number[]> {
    const network = new LocalNetwork();
    const canister = network.create();
    network.install(canister, await smallCanister({ name: 'session', source }), new Uint8Array(IDL.encode([], [])));
    const actor = network.actor<{ verify(units: bigint): Promise<bigint> }>(
        sessionInterface,
        canister,
        network.deployer
    ) as unknown as { verify(units: bigint): bigint };
    return repeat((run) => Number(actor.verify(BigInt(run))));
}

export const sessionBenchmarks: readonly Benchmark[] = [
    {
        name: 'session_receipt_verify',
        unit: 'instructions',
        description: 'verifySessionReceipt: the Ed25519 signature of a payer, with @noble/curves.',
        runs: verifications
    }
];
