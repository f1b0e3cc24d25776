import { Actor, type HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

const managementId = Principal.fromText('aaaaa-aa');

const Mode = IDL.Variant({ install: IDL.Null, reinstall: IDL.Null, upgrade: IDL.Null });

const managementIdl: IDL.InterfaceFactory = () =>
    IDL.Service({
        provisional_create_canister_with_cycles: IDL.Func(
            [IDL.Record({ amount: IDL.Opt(IDL.Nat) })],
            [IDL.Record({ canister_id: IDL.Principal })],
            []
        ),
        install_code: IDL.Func(
            [
                IDL.Record({
                    mode: Mode,
                    canister_id: IDL.Principal,
                    wasm_module: IDL.Vec(IDL.Nat8),
                    arg: IDL.Vec(IDL.Nat8)
                })
            ],
            [],
            []
        )
    });

interface Management {
    provisional_create_canister_with_cycles(args: { amount: [bigint] }): Promise<{ canister_id: Principal }>;
    install_code(args: {
        mode: { install: null };
        canister_id: Principal;
        wasm_module: Uint8Array;
        arg: Uint8Array;
    }): Promise<undefined>;
}

function management(agent: HttpAgent, effectiveCanisterId: Principal): Management {
    return Actor.createActor<Management>(managementIdl, {
        agent,
        canisterId: managementId,
        callTransform: () => ({ effectiveCanisterId })
    });
}

/** Creates a canister with the provisional method and installs a module, all through an agent. */
export async function deploy(
    agent: HttpAgent,
    wasm: Uint8Array,
    arg: Uint8Array = IDL.encode([], [])
): Promise<Principal> {
    const created = await management(agent, managementId).provisional_create_canister_with_cycles({
        amount: [100_000_000_000_000n]
    });
    const { canister_id } = created;
    await management(agent, canister_id).install_code({ mode: { install: null }, canister_id, wasm_module: wasm, arg });
    return canister_id;
}
