/** Calls to the management canister by which a canister makes another one. */
import { call, IDL } from 'azle';
import { Principal } from '@dfinity/principal';
import { compileArgs } from '../core/candid/codec';
import { err, ok, type Result } from '../core/result';
import { callRemote, remoteMethod, type CallFailure } from './c2c';

const MANAGEMENT = Principal.managementCanister();
const blob = IDL.Vec(IDL.Nat8);

const createArgs = compileArgs<[{ settings: [{ controllers: [Principal[]] }] }]>([
    IDL.Record({ settings: IDL.Opt(IDL.Record({ controllers: IDL.Opt(IDL.Vec(IDL.Principal)) })) })
]);
const createResult = compileArgs<[{ canister_id: Principal }]>([IDL.Record({ canister_id: IDL.Principal })]);

/** A new canister with the given cycles (`create_canister`), or why there is none: then the cycles have come back. */
export async function createCanister(controllers: Principal[], cycles: bigint): Promise<Result<Principal, string>> {
    try {
        const args = createArgs.encode([{ settings: [{ controllers: [controllers] }] }]);
        const reply = await call<Uint8Array, Uint8Array>(MANAGEMENT, 'create_canister', { raw: true, args, cycles });
        const created = createResult.decode(reply);
        return created.ok ? ok(created.value[0].canister_id) : err(created.error.code);
    } catch (thrown) {
        if (isCleanup(thrown)) throw thrown;
        return err(reasonOf(thrown));
    }
}

function reasonOf(thrown: unknown): string {
    if (typeof thrown !== 'object' || thrown === null) return String(thrown);
    return 'rejectMessage' in thrown ? String(thrown.rejectMessage) : 'type' in thrown ? String(thrown.type) : 'failed';
}

/** After a trap in the callback nothing may go on. */
function isCleanup(thrown: unknown): boolean {
    return typeof thrown === 'object' && thrown !== null && 'type' in thrown && thrown.type === 'CleanupCallback';
}

interface InstallChunkedCode {
    mode: { reinstall: null };
    target_canister: Principal;
    store_canister: [Principal];
    chunk_hashes_list: { hash: Uint8Array }[];
    wasm_module_hash: Uint8Array;
    arg: Uint8Array;
}

const installChunkedCode = remoteMethod<[InstallChunkedCode], null>(
    'install_chunked_code',
    [
        IDL.Record({
            mode: IDL.Variant({ install: IDL.Null, reinstall: IDL.Null }),
            target_canister: IDL.Principal,
            store_canister: IDL.Opt(IDL.Principal),
            chunk_hashes_list: IDL.Vec(IDL.Record({ hash: blob })),
            wasm_module_hash: blob,
            arg: blob
        })
    ],
    IDL.Null
);

const uploadChunk = remoteMethod<[{ canister_id: Principal; chunk: Uint8Array }], { hash: Uint8Array }>(
    'upload_chunk',
    [IDL.Record({ canister_id: IDL.Principal, chunk: blob })],
    IDL.Record({ hash: blob })
);

/** A module whose pieces are in the caller's own chunk store. */
export interface StoredModule {
    /** SHA-256 of the module; 32 bytes. */
    readonly hash: Uint8Array;
    /** SHA-256 of each piece, in order. */
    readonly chunks: readonly Uint8Array[];
}

/** Installs a stored module on a canister that holds nothing of value: whatever is there is replaced. */
export async function installStored(
    store: Principal,
    target: Principal,
    { hash, chunks }: StoredModule,
    arg: Uint8Array
): Promise<Result<null, CallFailure>> {
    return callRemote(MANAGEMENT, installChunkedCode, [
        {
            mode: { reinstall: null },
            target_canister: target,
            store_canister: [store],
            chunk_hashes_list: chunks.map((chunk) => ({ hash: chunk })),
            wasm_module_hash: hash,
            arg
        }
    ]);
}

/** Puts a piece of a module, at most 1 MiB, into the canister's own chunk store; answers its SHA-256. */
export async function storeChunk(self: Principal, chunk: Uint8Array): Promise<Result<Uint8Array, CallFailure>> {
    const stored = await callRemote(MANAGEMENT, uploadChunk, [{ canister_id: self, chunk }]);
    return stored.ok ? ok(stored.value.hash) : stored;
}
