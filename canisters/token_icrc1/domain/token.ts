import type { Principal } from '@dfinity/principal';
import { accountField, accountKey, type Account } from '../../../src/core/account';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { invariant } from '../../../src/core/assert';
import { equalBytes } from '../../../src/core/bytes';
import {
    appended,
    codecOf,
    list,
    nat,
    optional,
    principal,
    record,
    text,
    u32,
    u8,
    type Codec
} from '../../../src/core/codec';
import { err, ok, type Result } from '../../../src/core/result';
import type { Cell } from '../../../src/core/table';
import type { AccountKey } from './accounts';
import { DEFAULT_METADATA, isReservedKey, isWellFormedKey, metadataEntryField, type MetadataEntry } from './metadata';
import { MAX_AMOUNT } from './transaction';

/** What a ledger is told at installation; an upgrade may change all but decimals and minting account. */
export interface TokenSettings {
    readonly name: string;
    readonly symbol: string;
    readonly decimals: number;
    /** Base units, for a transfer and for an approval; mints and burns are free. */
    readonly fee: bigint;
    readonly maxMemoBytes: number;
    /** A transfer from it mints, a transfer to it burns; it never holds tokens. */
    readonly mintingAccount: Account;
    /** Entries beyond those that the ledger makes itself. */
    readonly metadata: readonly MetadataEntry[];
    /** ICRC-107: where fees go; absent, they are burned. */
    readonly feeCollector?: Account;
    /** ICRC-106: another canister that serves as index; absent, the ledger does. */
    readonly indexPrincipal?: Principal;
}

/** What an upgrade may change; absent fields stay as they are. */
export type TokenChange = Partial<
    Pick<TokenSettings, 'name' | 'symbol' | 'fee' | 'maxMemoBytes' | 'metadata' | 'indexPrincipal'>
>;

/** The EMC token (domain.md C.2). */
export const DEFAULT_SETTINGS: Omit<TokenSettings, 'mintingAccount'> = {
    name: 'EdgeMatrix Computing',
    symbol: 'EMC',
    decimals: 8,
    fee: LEDGER_FEE_E8S,
    maxMemoBytes: 32,
    metadata: DEFAULT_METADATA
};

/** ICRC-1: a ledger must accept memos of 32 bytes. */
const LEAST_MEMO_BYTES = 32;

/** Why a ledger cannot run with settings. */
export type SettingsProblem =
    | { readonly kind: 'memo_limit_too_small' }
    | { readonly kind: 'memo_limit_shrinks'; readonly current: number }
    | { readonly kind: 'fee_too_large' }
    | {
          readonly kind: 'malformed_metadata_key' | 'reserved_metadata_key' | 'repeated_metadata_key';
          readonly key: string;
      };

/** Undefined before installation. */
export const settingsCodec: Codec<TokenSettings | undefined> = codecOf(
    optional(
        record<TokenSettings>({
            name: text,
            symbol: text,
            decimals: u8,
            fee: nat,
            maxMemoBytes: u32,
            mintingAccount: accountField,
            metadata: list(metadataEntryField),
            feeCollector: optional(accountField),
            indexPrincipal: appended(optional(principal), undefined)
        })
    )
);

/** The settings if a ledger can run with them. */
export function checkSettings(settings: TokenSettings): Result<TokenSettings, SettingsProblem> {
    if (settings.maxMemoBytes < LEAST_MEMO_BYTES) return err({ kind: 'memo_limit_too_small' });
    if (settings.fee > MAX_AMOUNT) return err({ kind: 'fee_too_large' });
    const seen = new Set<string>();
    for (const { key } of settings.metadata) {
        if (!isWellFormedKey(key)) return err({ kind: 'malformed_metadata_key', key });
        if (isReservedKey(key)) return err({ kind: 'reserved_metadata_key', key });
        if (seen.has(key)) return err({ kind: 'repeated_metadata_key', key });
        seen.add(key);
    }
    return ok(settings);
}

/** The settings after an upgrade. Memos that were accepted once must stay acceptable, so their limit only grows. */
export function changeSettings(current: TokenSettings, change: TokenChange): Result<TokenSettings, SettingsProblem> {
    const next = { ...current, ...change };
    if (next.maxMemoBytes < current.maxMemoBytes) {
        return err({ kind: 'memo_limit_shrinks', current: current.maxMemoBytes });
    }
    return checkSettings(next);
}

/** The settings that every transfer needs. */
export interface TokenRules {
    readonly fee: bigint;
    readonly maxMemoBytes: number;
    readonly minter: AccountKey;
    readonly collector: AccountKey | undefined;
}

/** Whether an account may take the fees: the minting account holds nothing, and nobody owns the anonymous one. */
export function canCollectFees(account: Account, minter: AccountKey): boolean {
    return !account.owner.isAnonymous() && !equalBytes(accountKey.encode(account), minter);
}

/** The stored settings. Only this class changes them, so what was read once serves until then. */
export class Token {
    private read: { readonly settings: TokenSettings; readonly rules: TokenRules } | undefined;

    constructor(private readonly stored: Cell<TokenSettings | undefined>) {}

    settings(): TokenSettings {
        return this.load().settings;
    }

    rules(): TokenRules {
        return this.load().rules;
    }

    set(settings: TokenSettings): void {
        this.stored.set(settings);
        this.read = undefined;
    }

    private load(): { readonly settings: TokenSettings; readonly rules: TokenRules } {
        this.read ??= withRules(requireSettings(this.stored.get()));
        return this.read;
    }
}

function withRules(settings: TokenSettings): { readonly settings: TokenSettings; readonly rules: TokenRules } {
    const { fee, maxMemoBytes, mintingAccount, feeCollector } = settings;
    const collector = feeCollector && accountKey.encode(feeCollector);
    return { settings, rules: { fee, maxMemoBytes, minter: accountKey.encode(mintingAccount), collector } };
}

function requireSettings(settings: TokenSettings | undefined): TokenSettings {
    invariant(settings !== undefined, 'T0', 'a ledger is installed with its settings');
    return settings;
}
