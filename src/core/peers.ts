import { Principal } from '@dfinity/principal';

/** The five canisters of the suite, by their folder's name. */
export const CANISTERS = ['token_icrc1', 'rewards', 'state_machine', 'hub', 'compute_gateway'] as const;

export type CanisterName = (typeof CANISTERS)[number];

/** Ids of the other canisters, as far as they are known. */
export type Peers = { readonly [Name in CanisterName]?: Principal };

/** Environment variable in which dfx passes a canister's id to the build. */
export function peerVariable(name: CanisterName): string {
    return `CANISTER_ID_${name.toUpperCase()}`;
}

/** Reads the ids that the build environment holds; malformed ones are left out. */
export function peersFromEnvironment(variables: Readonly<Record<string, string | undefined>>): Peers {
    const peers: { [Name in CanisterName]?: Principal } = {};
    for (const name of CANISTERS) {
        const text = variables[peerVariable(name)];
        if (text === undefined || text === '') continue;
        try {
            peers[name] = Principal.fromText(text);
        } catch {
            continue;
        }
    }
    return peers;
}
