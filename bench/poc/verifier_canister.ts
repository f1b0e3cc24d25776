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
        commitment: Blob
    });
    const Samples = idl.Vec(idl.Record({ round: idl.Nat32, row: idl.Nat32 }));
    return idl.Service({
        make_vectors: idl.Func([Blob, idl.Nat32, Blob], [idl.Null], []),
        verify_samples: idl.Func([Claim, Samples, Blob], [idl.Text], []),
        verify: idl.Func([Claim, Samples, Blob, Blob], [idl.Text], [])
    });
};

function source(root: string): string {
    const path = (...parts: string[]): string => JSON.stringify(join(root, 'src', ...parts));
    return `import { IDL } from 'azle';
import { SERVED_WHILE_PAUSED, update } from ${path('azle', 'endpoint')};
import { checkVectors, verifySamples, type CheckVectors, type Claim } from ${path('core', 'poc', 'verify')};
import type { Sample } from ${path('core', 'poc', 'sampling')};

const Blob = IDL.Vec(IDL.Nat8);
const ClaimRecord = IDL.Record({
    dimension: IDL.Nat32, rows: IDL.Nat32, slot_seed: Blob, node_seed: Blob, rounds: IDL.Nat32, commitment: Blob
});
const Samples = IDL.Vec(IDL.Record({ round: IDL.Nat32, row: IDL.Nat32 }));
interface ClaimArgument {
    dimension: number; rows: number; slot_seed: Uint8Array; node_seed: Uint8Array; rounds: number; commitment: Uint8Array;
}
let vectors: CheckVectors | undefined;

function toClaim({ dimension, rows, slot_seed, node_seed, rounds, commitment }: ClaimArgument): Claim {
    return { shape: { dimension, rows }, slotSeed: slot_seed, nodeSeed: node_seed, rounds, commitment };
}

function verdict(claim: ClaimArgument, samples: Sample[], opening: Uint8Array, by: CheckVectors): string {
    const result = verifySamples(toClaim(claim), samples, opening, by);
    return result.ok ? 'ok' : result.error.code;
}

export default class {
    @update([Blob, IDL.Nat32, Blob], IDL.Null, SERVED_WHILE_PAUSED)
    make_vectors(slotSeed: Uint8Array, dimension: number, randomness: Uint8Array): null {
        vectors = checkVectors(slotSeed, dimension, randomness);
        return null;
    }

    @update([ClaimRecord, Samples, Blob], IDL.Text, SERVED_WHILE_PAUSED)
    verify_samples(claim: ClaimArgument, samples: Sample[], opening: Uint8Array): string {
        return vectors === undefined ? 'no vectors' : verdict(claim, samples, opening, vectors);
    }

    @update([ClaimRecord, Samples, Blob, Blob], IDL.Text, SERVED_WHILE_PAUSED)
    verify(claim: ClaimArgument, samples: Sample[], opening: Uint8Array, randomness: Uint8Array): string {
        return verdict(claim, samples, opening, checkVectors(claim.slot_seed, claim.dimension, randomness));
    }
}
`;
}

/** Gzipped module, as it is installed; built once per version of its sources. */
export function verifierCanister(): Promise<Uint8Array> {
    return smallCanister({ name: 'poc_verifier', source });
}
