import { Actor, type ActorSubclass, type Agent } from '@dfinity/agent';
import type { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { CANISTERS, type CanisterName } from '../core/peers';
import * as computeGateway from '../declarations/compute_gateway';
import * as hub from '../declarations/hub';
import * as rewards from '../declarations/rewards';
import * as stateMachine from '../declarations/state_machine';
import * as token from '../declarations/token_icrc1';
import type { CheckSignature } from './certificate_checks';

/** Service type of each canister. */
export interface Services {
    token_icrc1: token._SERVICE;
    rewards: rewards._SERVICE;
    state_machine: stateMachine._SERVICE;
    hub: hub._SERVICE;
    compute_gateway: computeGateway._SERVICE;
}

export type CanisterIds = { readonly [Name in CanisterName]: Principal };
export type Canisters = { readonly [Name in CanisterName]: ActorSubclass<Services[Name]> };

/** Candid interface of each canister. */
export const INTERFACES: { readonly [Name in CanisterName]: IDL.InterfaceFactory } = {
    token_icrc1: token.idlFactory,
    rewards: rewards.idlFactory,
    state_machine: stateMachine.idlFactory,
    hub: hub.idlFactory,
    compute_gateway: computeGateway.idlFactory
};

/** Types of each canister's init argument. */
export const INIT_TYPES: { readonly [Name in CanisterName]: (types: { IDL: typeof IDL }) => IDL.Type[] } = {
    token_icrc1: token.init,
    rewards: rewards.init,
    state_machine: stateMachine.init,
    hub: hub.init,
    compute_gateway: computeGateway.init
};

/** A typed actor for one canister; certificates are checked by the library, unless somebody else is named. */
export function canisterActor<Name extends CanisterName>(
    name: Name,
    agent: Agent,
    canisterId: Principal,
    checkSignature?: CheckSignature
): ActorSubclass<Services[Name]> {
    return Actor.createActor<Services[Name]>(INTERFACES[name], { agent, canisterId, blsVerify: checkSignature });
}

/** Typed actors for the whole suite. */
export function canisterActors(agent: Agent, ids: CanisterIds): Canisters {
    return {
        token_icrc1: canisterActor('token_icrc1', agent, ids.token_icrc1),
        rewards: canisterActor('rewards', agent, ids.rewards),
        state_machine: canisterActor('state_machine', agent, ids.state_machine),
        hub: canisterActor('hub', agent, ids.hub),
        compute_gateway: canisterActor('compute_gateway', agent, ids.compute_gateway)
    };
}

/** Reads canister ids from text; the names of missing or malformed ones come back instead. */
export function parseCanisterIds(texts: Readonly<Record<string, string | undefined>>): CanisterIds | CanisterName[] {
    const ids: Partial<Record<CanisterName, Principal>> = {};
    for (const name of CANISTERS) {
        try {
            ids[name] = Principal.fromText(texts[name] ?? '');
        } catch {
            continue;
        }
    }
    const missing = CANISTERS.filter((name) => ids[name] === undefined);
    return missing.length > 0 ? missing : (ids as CanisterIds);
}
