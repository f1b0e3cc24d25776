/** A canister that does nothing but verify proofs of computing: the cost of the check alone, under QuickJS. */
import { IDL } from '@dfinity/candid';
import { join } from 'node:path';
import { smallCanister } from '../lib/small_canister';

export const verifierInterface: IDL.InterfaceFactory = ({ IDL: idl }) => {
    const Blob = idl.Vec(idl.Nat8);
    const Claim = idl.Record({
        dimension: idl.Nat32,
        rows: idl.Nat32,
        slot_seed: Blob,
        node_seed: Blob,
        rounds: idl.Nat32,
        commitment: Blob,
        samples: idl.Nat32,
        randomness: Blob
    });
    return idl.Service({
        make_vectors: idl.Func([Blob, idl.Nat32, Blob], [idl.Null], []),
        verify: idl.Func([Claim, Blob], [idl.Text], [])
    });
};

function source(root: string): string {
    const path = (...parts: string[]): string => JSON.stringify(join(root, 'src', ...parts));
    return `import { IDL } from 'azle';
import { update } from ${path('azle', 'endpoint')};
import { checkVectors, verifyOpening, type CheckVectors } from ${path('core', 'poc', 'verify')};

const Blob = IDL.Vec(IDL.Nat8);
const Claim = IDL.Record({
    dimension: IDL.Nat32, rows: IDL.Nat32, slot_seed: Blob, node_seed: Blob, rounds: IDL.Nat32, commitment: Blob,
    samples: IDL.Nat32, randomness: Blob
});
interface ClaimArgument {
    dimension: number; rows: number; slot_seed: Uint8Array; node_seed: Uint8Array; rounds: number; commitment: Uint8Array;
    samples: number; randomness: Uint8Array;
}
let vectors: CheckVectors | undefined;

export default class {
    @update([Blob, IDL.Nat32, Blob], IDL.Null)
    make_vectors(slotSeed: Uint8Array, dimension: number, randomness: Uint8Array): null {
        vectors = checkVectors(slotSeed, dimension, randomness);
        return null;
    }

    @update([Claim, Blob], IDL.Text)
    verify(claim: ClaimArgument, opening: Uint8Array): string {
        if (vectors === undefined) return 'no vectors';
        const { dimension, rows, rounds, commitment, samples, randomness } = claim;
        const verdict = verifyOpening(
            { shape: { dimension, rows }, slotSeed: claim.slot_seed, nodeSeed: claim.node_seed, rounds, commitment },
            { count: samples, randomness },
            opening,
            vectors
        );
        return verdict.ok ? 'ok' : verdict.error.code;
    }
}
`;
}

const CORE = ['chain', 'fold', 'freivalds', 'opening', 'sampling', 'seeds', 'shape', 'stream', 'tree', 'verify'];

/** Gzipped module, as it is installed; built once per version of its sources. */
export function verifierCanister(): Promise<Uint8Array> {
    const dependsOn = ['src/azle/endpoint.ts', ...CORE.map((name) => `src/core/poc/${name}.ts`)];
    return smallCanister({ name: 'poc_verifier', source, dependsOn });
}
