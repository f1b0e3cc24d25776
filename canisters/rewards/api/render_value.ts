import { Principal } from '@dfinity/principal';
import { toHex } from '../../../src/core/bytes';

/** A Candid value as people read it: JSON, with principals and numbers as texts and bytes as hexadecimal digits. */
export function renderValue(value: unknown): string {
    return JSON.stringify(readable(value));
}

function readable(value: unknown): unknown {
    if (typeof value === 'bigint') return value.toString();
    if (value instanceof Principal) return value.toText();
    if (value instanceof Uint8Array) return toHex(value);
    if (Array.isArray(value)) return value.map(readable);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, readable(field)]));
}
