import type { HttpAgent } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { sha256 } from '../core/hash';
import { managementActor, type ChunkHash, type InstallMode } from './management';

/** Message payloads end at 2 MiB; a module and its argument that come near are uploaded in chunks. */
const SINGLE_MESSAGE_BYTES = 1_900_000;
const CHUNK_BYTES = 1_000_000;

/** Creates an empty canister with cycles out of nothing: a method of development networks only. */
export async function createLocalCanister(agent: HttpAgent, cycles: bigint): Promise<Principal> {
    const answer = await managementActor(agent).provisional_create_canister_with_cycles({
        amount: [cycles],
        specified_id: []
    });
    return answer.canister_id;
}

/** Installs or upgrades a canister's code, in chunks when it does not fit one message. */
export async function installCode(
    agent: HttpAgent,
    canister: Principal,
    mode: InstallMode,
    wasm: Uint8Array,
    arg: Uint8Array
): Promise<void> {
    const management = managementActor(agent, canister);
    if (wasm.length + arg.length <= SINGLE_MESSAGE_BYTES) {
        await management.install_code({ mode, canister_id: canister, wasm_module: wasm, arg });
        return;
    }
    await management.clear_chunk_store({ canister_id: canister });
    const hashes: ChunkHash[] = [];
    for (let at = 0; at < wasm.length; at += CHUNK_BYTES) {
        hashes.push(await management.upload_chunk({ canister_id: canister, chunk: wasm.slice(at, at + CHUNK_BYTES) }));
    }
    await management.install_chunked_code({
        mode,
        target_canister: canister,
        chunk_hashes_list: hashes,
        wasm_module_hash: sha256(wasm),
        arg
    });
    await management.clear_chunk_store({ canister_id: canister });
}
