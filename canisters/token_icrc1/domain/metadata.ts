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

/** `icrc1_metadata` in the official ledger's order: own entries, then those that repeat the endpoints. */
export function metadataOf(settings: TokenSettings): readonly MetadataEntry[] {
    return [
        ...settings.metadata,
        { key: 'icrc1:decimals', value: { kind: 'nat', value: BigInt(settings.decimals) } },
        { key: 'icrc1:name', value: { kind: 'text', value: settings.name } },
        { key: 'icrc1:symbol', value: { kind: 'text', value: settings.symbol } },
        { key: 'icrc1:fee', value: { kind: 'nat', value: settings.fee } },
        { key: 'icrc1:max_memo_length', value: { kind: 'nat', value: BigInt(settings.maxMemoBytes) } }
    ];
}

/** An entry of `icrc1_supported_standards` and `icrc10_supported_standards`. */
export interface Standard {
    readonly name: string;
    readonly url: string;
}

/** Standards that the ledger keeps, with the official ledger's addresses. */
export const SUPPORTED_STANDARDS: readonly Standard[] = [
    { name: 'ICRC-1', url: 'https://github.com/dfinity/ICRC-1/tree/main/standards/ICRC-1' },
    { name: 'ICRC-2', url: 'https://github.com/dfinity/ICRC-1/tree/main/standards/ICRC-2' },
    { name: 'ICRC-10', url: 'https://github.com/dfinity/ICRC/blob/main/ICRCs/ICRC-10/ICRC-10.md' }
];
