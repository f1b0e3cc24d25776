import { encodeUtf8 } from './utf8';

const ids = new Map<string, number>();

/**
 * The 32-bit id of a label (Candid specification, "Shorthand: Symbolic Field Ids"). `_7_` and `_0x7_` are the id itself,
 * as @dfinity/candid writes fields that have no name.
 */
export function labelId(label: string): number {
    let id = ids.get(label);
    if (id === undefined) {
        id = numericLabel(label) ?? hash(label);
        ids.set(label, id);
    }
    return id;
}

function numericLabel(label: string): number | undefined {
    if (label.charAt(0) !== '_' || !/^_(\d+|0x[0-9a-fA-F]+)_$/.test(label)) return undefined;
    const value = Number(label.slice(1, -1));
    return value < 2 ** 32 ? value : undefined;
}

function hash(label: string): number {
    let h = 0;
    for (let i = 0; i < label.length; i++) {
        const unit = label.charCodeAt(i);
        if (unit > 127) return hashBytes(encodeUtf8(label));
        h = (h * 223 + unit) >>> 0;
    }
    return h;
}

function hashBytes(bytes: Uint8Array): number {
    let h = 0;
    for (const byte of bytes) h = (h * 223 + byte) >>> 0;
    return h;
}
