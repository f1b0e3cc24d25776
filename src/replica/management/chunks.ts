/** The chunk store: pieces of modules that are too large for one message. */
import { createHash } from 'node:crypto';
import type { IcError } from '../state/errors';
import { chunkSlotBytes, type Canister } from '../state/canister';
import { unpayableGrowth } from '../cycles/account';
import { chargeWork, controlledOrSelf, done, failed, method, type ManagementCall } from './call';
import { vec } from '../candid/codecs';
import { canisterArgument, chunkHash, uploadChunkArgument } from './types';

/** Limits of a chunk store. */
export const maxChunks = 100;
/** Of a chunk in the chunk store. */
export const maxChunkBytes = 1024 * 1024;

/** IC0504 in the words of the chunk store. */
export function chunkStoreError(why: string): IcError {
    return { code: 'CanisterContractViolation', message: `Error from Wasm chunk store: ${why}.` };
}

/** `upload_chunk`: controllers and the canister itself; at most 100 chunks of 1 MiB. */
export const uploadChunk = method({
    ingress: 'controllers',
    argument: uploadChunkArgument,
    result: chunkHash,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id, chunk }) => {
        const found = controlledOrSelf(call, canister_id);
        if (!found.ok) return failed(found.error);
        const { chunks } = found.canister;
        if (chunk.length > maxChunkBytes) {
            return failed(
                chunkStoreError(`Wasm chunk size ${chunk.length} exceeds the maximum of ${maxChunkBytes} bytes`)
            );
        }
        const hash = createHash('sha256').update(chunk).digest();
        const key = hash.toString('hex');
        if (!chunks.has(key) && chunks.size >= maxChunks) {
            return failed(
                chunkStoreError(`Wasm chunk store has already reached maximum capacity of ${maxChunks} chunks`)
            );
        }
        const unpayable = chunks.has(key) ? undefined : chargeChunk(call, found.canister);
        if (unpayable !== undefined) return failed(unpayable);
        // A copy: the argument's buffer would otherwise live as long as the chunk.
        chunks.set(key, chunk.slice());
        return done({ hash: new Uint8Array(hash) });
    }
});

/** As the replica charges it. */
const chunkInstructions = 200_000_000n;

/** A chunk that is new costs room and work: IC0532 and IC0207. */
function chargeChunk(call: ManagementCall, canister: Canister): IcError | undefined {
    return (
        unpayableGrowth(call.network, canister, chunkSlotBytes, call.caller) ??
        chargeWork(call, canister, chunkInstructions)
    );
}

/** `clear_chunk_store`: controllers and the canister itself. */
export const clearChunkStore = method({
    ingress: 'controllers',
    argument: canisterArgument,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id }) => {
        const found = controlledOrSelf(call, canister_id);
        if (!found.ok) return failed(found.error);
        found.canister.chunks.clear();
        return done(undefined);
    }
});

/** `stored_chunks`: controllers and the canister itself. */
export const storedChunks = method({
    ingress: 'controllers',
    argument: canisterArgument,
    result: vec(chunkHash),
    target: (argument) => argument.canister_id,
    run: (call, { canister_id }) => {
        const found = controlledOrSelf(call, canister_id);
        if (!found.ok) return failed(found.error);
        return done(
            [...found.canister.chunks.keys()].map((key) => ({ hash: new Uint8Array(Buffer.from(key, 'hex')) }))
        );
    }
});
