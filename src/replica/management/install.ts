/** `install_code` and `install_chunked_code`. */
import { createHash } from 'node:crypto';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import { sameId } from '../state/principals';
import { controlled, controlledOrSelf, failed, method } from './call';
import { chunkStoreError } from './chunks';
import { deploy } from './deploy';
import { installArgument, installChunkedArgument } from './types';

/** `install_code`: controllers. */
export const installCode = method({
    ingress: 'controllers',
    argument: installArgument,
    target: (argument) => argument.canister_id,
    run: (call, { mode, canister_id, wasm_module, arg, sender_canister_version }) => {
        const found = controlled(call, canister_id);
        if (!found.ok) return failed(found.error);
        const { canister } = found;
        return deploy({
            call,
            canister,
            mode,
            wasm: wasm_module,
            argument: arg,
            senderVersion: sender_canister_version
        });
    }
});

/** `install_chunked_code`: controllers of the target who may read the store. */
export const installChunkedCode = method({
    ingress: 'controllers',
    argument: installChunkedArgument,
    target: (argument) => argument.target_canister,
    run: (call, argument) => {
        const found = controlled(call, argument.target_canister);
        if (!found.ok) return failed(found.error);
        const { canister } = found;
        const store = controlledOrSelf(call, argument.store_canister ?? argument.target_canister);
        if (!store.ok) return failed(store.error);
        const hashes = argument.chunk_hashes_list.map(({ hash }) => hash);
        const joined = joinChunks(store.canister, hashes, argument.wasm_module_hash);
        if (!joined.ok) return failed(joined.error);
        const { mode, arg, sender_canister_version: senderVersion } = argument;
        return deploy({ call, canister, mode, wasm: joined.wasm, argument: arg, senderVersion });
    }
});

type Joined = { readonly ok: true; readonly wasm: Uint8Array } | { readonly ok: false; readonly error: IcError };

function joinChunks(store: Canister, hashes: readonly Uint8Array[], wanted: Uint8Array): Joined {
    const chunks: Uint8Array[] = [];
    for (const hash of hashes) {
        const key = Buffer.from(hash).toString('hex');
        const chunk = store.chunks.get(key);
        if (chunk === undefined) return { ok: false, error: chunkStoreError(`Chunk hash ${key} was not found`) };
        chunks.push(chunk);
    }
    const wasm = Buffer.concat(chunks);
    const hash = createHash('sha256').update(wasm).digest();
    if (!sameId(hash, wanted))
        return { ok: false, error: chunkStoreError('Wasm module hash does not match the chunks') };
    return { ok: true, wasm };
}
