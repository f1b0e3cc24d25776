import type { Principal } from '@dfinity/principal';
import { blob, bool, nat, record, text, variant, type Field } from '../../../src/core/codec';
import type { TokenSettings } from './token';

/** Value of an ICRC-1 metadata entry. */
export type MetadataValue =
    | { readonly kind: 'nat'; readonly value: bigint }
    | { readonly kind: 'int'; readonly value: bigint }
    | { readonly kind: 'text'; readonly value: string }
    | { readonly kind: 'blob'; readonly value: Uint8Array };

/** One entry of `icrc1_metadata`. */
export interface MetadataEntry {
    /** `namespace:key` */
    readonly key: string;
    readonly value: MetadataValue;
}

const int: Field<bigint> = {
    write(writer, value) {
        bool.write(writer, value < 0n);
        nat.write(writer, value < 0n ? -value : value);
    },
    read(reader) {
        const negative = bool.read(reader);
        const magnitude = nat.read(reader);
        return negative ? -magnitude : magnitude;
    }
};

/** Stored form of a metadata entry. */
export const metadataEntryField: Field<MetadataEntry> = record<MetadataEntry>({
    key: text,
    value: variant<MetadataValue>({
        nat: record({ value: nat }),
        int: record({ value: int }),
        text: record({ value: text }),
        blob: record({ value: blob })
    })
});

const RESERVED_KEYS = ['icrc1:name', 'icrc1:symbol', 'icrc1:decimals', 'icrc1:fee', 'icrc1:max_memo_length'];
const RESERVED_NAMESPACES = ['icrc103:', 'icrc106:'];

/** Keys that the ledger answers for itself. */
export function isReservedKey(key: string): boolean {
    return RESERVED_KEYS.includes(key) || RESERVED_NAMESPACES.some((namespace) => key.startsWith(namespace));
}

/** ICRC-1: a key is a namespace and a name around a colon. */
export function isWellFormedKey(key: string): boolean {
    return /^[^:]+:[^]+$/.test(key);
}

/** The token's mark: a white E on a dark disc, as a data URL, because wallets load no others. */
const LOGO =
    'data:image/svg+xml;base64,' +
    'PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA2NCA2NCI+PGNpcmNsZSBjeD0iMzIi' +
    'IGN5PSIzMiIgcj0iMzIiIGZpbGw9IiMxNDIxM2QiLz48cGF0aCBkPSJNMjAgMThoMjR2NkgyN3Y1aDE0djZIMjd2NWgxN3Y2SDIw' +
    'eiIgZmlsbD0iI2ZmZiIvPjwvc3ZnPg==';

/** Entries of a ledger whose installer names none. */
export const DEFAULT_METADATA: readonly MetadataEntry[] = [{ key: 'icrc1:logo', value: { kind: 'text', value: LOGO } }];

/** Allowances that one `icrc103_get_allowances` answers at most. */
export const MAX_TAKE = 500n;

/**
 * `icrc1_metadata` in the official ledger's order: own entries, then those that repeat the endpoints.
 * `self`: the ledger, which is its own index unless the settings name another.
 */
export function metadataOf(settings: TokenSettings, self: Principal): readonly MetadataEntry[] {
    return [
        ...settings.metadata,
        { key: 'icrc1:decimals', value: { kind: 'nat', value: BigInt(settings.decimals) } },
        { key: 'icrc1:name', value: { kind: 'text', value: settings.name } },
        { key: 'icrc1:symbol', value: { kind: 'text', value: settings.symbol } },
        { key: 'icrc1:fee', value: { kind: 'nat', value: settings.fee } },
        { key: 'icrc1:max_memo_length', value: { kind: 'nat', value: BigInt(settings.maxMemoBytes) } },
        { key: 'icrc103:public_allowances', value: { kind: 'text', value: 'true' } },
        { key: 'icrc103:max_take_value', value: { kind: 'nat', value: MAX_TAKE } },
        { key: 'icrc106:index_principal', value: { kind: 'text', value: indexOf(settings, self).toText() } }
    ];
}

/** The canister that serves ICRC-106. */
export function indexOf({ indexPrincipal }: TokenSettings, self: Principal): Principal {
    return indexPrincipal ?? self;
}
