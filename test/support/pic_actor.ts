/**
 * Typed actors over @dfinity/pic. The client carries its own copy of the Candid library, with its own Principal class;
 * encoding here with the project's copy keeps one Principal in all tests.
 */
import type { PocketIc } from '@dfinity/pic';
import type { ActorMethod, ActorSubclass } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';

/** The methods of a service as promises, without the agent's options. */
export type PicActor<Service> = {
    [Method in keyof Service]: Service[Method] extends ActorMethod<infer Args, infer Result>
        ? (...args: Args) => Promise<Result>
        : never;
};

/** The class that the client wants its principals to have. */
type PicPrincipal = Parameters<PocketIc['updateCall']>[0]['canisterId'];

/** An upgrade that does not ask the canister, which refuses while calls are under way. */
export const BY_FORCE = { skip_pre_upgrade: [true], wasm_memory_persistence: [] } satisfies NonNullable<
    Parameters<PocketIc['upgradeCanister']>[0]['upgradeModeOptions']
>;

export function toPicPrincipal(principal: Principal): PicPrincipal {
    return principal as unknown as PicPrincipal;
}

export function fromPicPrincipal(principal: PicPrincipal): Principal {
    return principal as unknown as Principal;
}

/** Calls a canister as `sender`: queries as queries, updates as updates. */
export function picActor<Service>(
    pic: PocketIc,
    factory: IDL.InterfaceFactory,
    canisterId: Principal,
    sender: Principal
): PicActor<Service> {
    const service = factory({ IDL });
    const methods = service._fields.map(([method, func]) => [method, methodOf(pic, canisterId, sender, method, func)]);
    return Object.fromEntries(methods) as PicActor<Service>;
}

/** For clients that take a raw agent service, such as @dfinity/ledger-icrc. */
export function asService<Service>(actor: PicActor<Service>): ActorSubclass<Service> {
    return actor as unknown as ActorSubclass<Service>;
}

function methodOf(
    pic: PocketIc,
    canisterId: Principal,
    sender: Principal,
    method: string,
    func: IDL.FuncClass
): (...args: unknown[]) => Promise<unknown> {
    const isQuery = func.annotations.includes('query') || func.annotations.includes('composite_query');
    return async (...args) => {
        const call = {
            canisterId: toPicPrincipal(canisterId),
            sender: toPicPrincipal(sender),
            method,
            arg: new Uint8Array(IDL.encode(func.argTypes, args))
        };
        const answer = isQuery ? await pic.queryCall(call) : await pic.updateCall(call);
        return IDL.decode(func.retTypes, answer)[0];
    };
}
