import type { Account } from '../../../src/core/account';
import type { Result } from '../../../src/core/result';
import { DEFAULT_PROFILE } from '../../../src/core/tokenomics/profiles';
import type { ArchiveOptions } from './archiving';
import type { GenesisPlan, GenesisProblem, Grant } from './genesis';
import { checkSettings, DEFAULT_SETTINGS, type SettingsProblem, type TokenSettings } from './token';

/** Why a module cannot be installed or upgraded with the arguments that it was given. */
export type InstallationProblem =
    | SettingsProblem
    | GenesisProblem
    | { readonly kind: 'upgrade_arguments_at_install' | 'malformed_subaccount' | 'invalid_fee_collector' }
    | { readonly kind: 'unsupported_feature'; readonly feature: 'icrc152' };

/** The install or upgrade arguments are refused. Thrown, because only a trap undoes an installation. */
export class InstallationRefused extends Error {
    constructor(readonly problem: InstallationProblem) {
        super(`installation refused: ${JSON.stringify(problem, (_, value) => printable(value))}`);
        this.name = 'InstallationRefused';
    }
}

function printable(value: unknown): unknown {
    return typeof value === 'bigint' ? value.toString() : value;
}

/** What an installation may choose; all of it has a default. */
export type InstallationChoices = Partial<TokenSettings> & {
    readonly profileId?: string;
    readonly publicAccount?: Account;
    readonly grants?: readonly Grant[];
    readonly archiveOptions?: ArchiveOptions;
};

/** Settings of a new ledger. The default minting account is the ledger's own, which nobody controls. */
export function chooseSettings(choices: InstallationChoices, self: Account): Result<TokenSettings, SettingsProblem> {
    return checkSettings({
        name: choices.name ?? DEFAULT_SETTINGS.name,
        symbol: choices.symbol ?? DEFAULT_SETTINGS.symbol,
        decimals: choices.decimals ?? DEFAULT_SETTINGS.decimals,
        fee: choices.fee ?? DEFAULT_SETTINGS.fee,
        maxMemoBytes: choices.maxMemoBytes ?? DEFAULT_SETTINGS.maxMemoBytes,
        mintingAccount: choices.mintingAccount ?? self,
        metadata: choices.metadata ?? DEFAULT_SETTINGS.metadata,
        indexPrincipal: choices.indexPrincipal
    });
}

/** Initial supply of a new ledger: named balances, or the profile's allocations with `public` to the installer. */
export function chooseGenesis(choices: InstallationChoices, installer: Account): GenesisPlan {
    if (choices.grants !== undefined) return { kind: 'balances', grants: choices.grants };
    return {
        kind: 'profile',
        profileId: choices.profileId ?? DEFAULT_PROFILE.id,
        publicAccount: choices.publicAccount ?? installer
    };
}
