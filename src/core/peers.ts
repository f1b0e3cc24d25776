import { Principal } from '@dfinity/principal';

/** The five canisters of the suite, by their folder's name. */
export const CANISTERS = ['token_icrc1', 'rewards', 'state_machine', 'hub', 'compute_gateway'] as const;

export type CanisterName = (typeof CANISTERS)[number];

/** Ids of the other canisters, as far as they are known. */
export type Peers = { readonly [Name in CanisterName]?: Principal };

/** Variable of the build's environment in which dfx passes a canister's id. */
export function buildVariable(name: CanisterName): string {
    return `CANISTER_ID_${name.toUpperCase()}`;
}

/** Variable of a canister's settings in which icp writes a canister's id. */
export function settingsVariable(name: CanisterName): string {
    return `PUBLIC_CANISTER_ID:${name}`;
}

/** Reads the ids that the build environment holds; malformed ones are left out. */
export function peersFromEnvironment(variables: Readonly<Record<string, string | undefined>>): Peers {
    return collect((name) => variables[buildVariable(name)]);
}

/** Reads the ids that a canister's settings hold; malformed ones are left out. */
export function peersFromSettings(variables: readonly { readonly name: string; readonly value: string }[]): Peers {
    return collect((name) => variables.find((variable) => variable.name === settingsVariable(name))?.value);
}

function collect(textOf: (name: CanisterName) => string | undefined): Peers {
    const peers: { [Name in CanisterName]?: Principal } = {};
    for (const name of CANISTERS) {
        const id = fromText(textOf(name) ?? '');
        if (id !== undefined) peers[name] = id;
    }
    return peers;
}

function fromText(text: string): Principal | undefined {
    if (text === '') return undefined;
    try {
        return Principal.fromText(text);
    } catch {
        return undefined;
    }
}
