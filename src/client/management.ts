import { Actor, type ActorMethod, type Agent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

/** Methods of the management canister that installing needs (interface specification, "The IC management canister"). */
export interface ManagementService {
    provisional_create_canister_with_cycles: ActorMethod<
        [{ amount: [] | [bigint]; specified_id: [] | [Principal] }],
        { canister_id: Principal }
    >;
    install_code: ActorMethod<
        [{ mode: InstallMode; canister_id: Principal; wasm_module: Uint8Array; arg: Uint8Array }],
        undefined
    >;
    upload_chunk: ActorMethod<[{ canister_id: Principal; chunk: Uint8Array }], ChunkHash>;
    clear_chunk_store: ActorMethod<[{ canister_id: Principal }], undefined>;
    install_chunked_code: ActorMethod<
        [
            {
                mode: InstallMode;
                target_canister: Principal;
                chunk_hashes_list: ChunkHash[];
                wasm_module_hash: Uint8Array;
                arg: Uint8Array;
            }
        ],
        undefined
    >;
}

export interface ChunkHash {
    hash: Uint8Array | number[];
}

export type InstallMode = { install: null } | { reinstall: null } | { upgrade: [] };

const Blob = IDL.Vec(IDL.Nat8);
const Mode = IDL.Variant({
    install: IDL.Null,
    reinstall: IDL.Null,
    upgrade: IDL.Opt(IDL.Record({ skip_pre_upgrade: IDL.Opt(IDL.Bool) }))
});
const Target = IDL.Record({ canister_id: IDL.Principal });
const Hash = IDL.Record({ hash: Blob });

const managementInterface: IDL.InterfaceFactory = () =>
    IDL.Service({
        provisional_create_canister_with_cycles: IDL.Func(
            [IDL.Record({ amount: IDL.Opt(IDL.Nat), specified_id: IDL.Opt(IDL.Principal) })],
            [Target]
        ),
        install_code: IDL.Func(
            [IDL.Record({ mode: Mode, canister_id: IDL.Principal, wasm_module: Blob, arg: Blob })],
            []
        ),
        upload_chunk: IDL.Func([IDL.Record({ canister_id: IDL.Principal, chunk: Blob })], [Hash]),
        clear_chunk_store: IDL.Func([Target], []),
        install_chunked_code: IDL.Func(
            [
                IDL.Record({
                    mode: Mode,
                    target_canister: IDL.Principal,
                    chunk_hashes_list: IDL.Vec(Hash),
                    wasm_module_hash: Blob,
                    arg: Blob
                })
            ],
            []
        )
    });

const MANAGEMENT = Principal.fromText('aaaaa-aa');

/** The management canister, for calls that concern one canister. */
export function managementActor(agent: Agent, effectiveCanisterId: Principal = MANAGEMENT): ManagementService {
    return Actor.createActor<ManagementService>(managementInterface, {
        agent,
        canisterId: MANAGEMENT,
        effectiveCanisterId
    });
}
