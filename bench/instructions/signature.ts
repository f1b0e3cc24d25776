/** What one Ed25519 signature costs a canister: why receipts are proved by who calls (docs/decisions/0010-receipts.md). */
import type { ActorMethod } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { ed25519 } from '@noble/curves/ed25519';
import { sha256 } from '../../src/core/hash';
import { once, type Benchmark } from '../lib/benchmark';
import { NO_ARGUMENTS } from '../lib/empty_canister';
import { LocalNetwork, type LocalActor } from '../lib/local_network';
import { repeat } from '../lib/repeat';
import { smallCanister } from '../lib/small_canister';

const RUNS = 5;

const source = (root: string): string => `import { IDL } from 'azle';
import { ed25519 } from '@noble/curves/ed25519';
import { SERVED_WHILE_PAUSED, update } from ${JSON.stringify(`${root}/src/azle/endpoint`)};

const Blob = IDL.Vec(IDL.Nat8);

export default class {
    @update([Blob, Blob, Blob], IDL.Bool, SERVED_WHILE_PAUSED)
    verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
        return ed25519.verify(Uint8Array.from(signature), Uint8Array.from(message), Uint8Array.from(key));
    }
}
`;

const verifierInterface: IDL.InterfaceFactory = ({ IDL: idl }) => {
    const Blob = idl.Vec(idl.Nat8);
    return idl.Service({ verify: idl.Func([Blob, Blob, Blob], [idl.Bool], []) });
};

interface Verifier {
    verify: ActorMethod<[Uint8Array, Uint8Array, Uint8Array], boolean>;
}

/** A true signature was refused. */
class Refused extends Error {
    constructor() {
        super('a true signature was refused');
        this.name = 'Refused';
    }
}

const installed = once(async () => {
    const network = new LocalNetwork();
    const canister = network.create();
    network.install(canister, await smallCanister({ name: 'ed25519', source }), NO_ARGUMENTS);
    return { network, verifier: network.actor<Verifier>(verifierInterface, canister, network.deployer) };
});

function verifyOne(verifier: LocalActor<Verifier>, run: number): boolean {
    const secret = sha256(new TextEncoder().encode(`key ${run}`));
    const message = sha256(new TextEncoder().encode(`receipt ${run}`));
    return verifier.verify(ed25519.sign(message, secret), message, ed25519.getPublicKey(secret));
}

export const signatureBenchmarks: readonly Benchmark[] = [
    {
        name: 'ed25519_verify',
        unit: 'instructions',
        description: 'One Ed25519 verification by @noble/curves in a canister: what no message does.',
        runs: async () => {
            const { network, verifier } = await installed();
            verifyOne(verifier, 0);
            return repeat((run) => {
                const { instructions, value } = network.measure(() => verifyOne(verifier, run + 1));
                if (!value) throw new Refused();
                return instructions;
            }, RUNS);
        }
    }
];
