/**
 * UTF-8 in both directions. Azle's TextDecoder and TextEncoder are polyfills that cost 500 000 and 220 000 instructions
 * for ten characters, so decoding goes through built-ins that QuickJS has natively.
 */
const CHUNK = 8192;

/** One character per byte, U+0000 to U+00FF. */
export function latin1Of(bytes: Uint8Array): string {
    if (bytes.length <= CHUNK) return String.fromCharCode.apply(null, asList(bytes));
    let text = '';
    for (let from = 0; from < bytes.length; from += CHUNK) {
        text += String.fromCharCode.apply(null, asList(bytes.subarray(from, from + CHUNK)));
    }
    return text;
}

/** `apply` takes any array-like; its declaration knows arrays only. */
export function asList(list: Uint8Array | Uint16Array): number[] {
    return list as unknown as number[];
}

/** Undefined when the bytes are not UTF-8: overlong forms and surrogates are refused. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
    return decodeLatin1(latin1Of(bytes));
}

/** As {@link decodeUtf8}, of bytes that {@link latin1Of} has made characters. */
export function decodeLatin1(raw: string): string | undefined {
    const escaped = escape(raw);
    if (escaped.length === raw.length) return raw;
    try {
        return decodeURIComponent(escaped);
    } catch {
        return undefined;
    }
}

type Utf8Encoder = (text: string) => Uint8Array;

let encoder: Utf8Encoder = (text) => new TextEncoder().encode(text);

/** Encodes as TextEncoder does: a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
    return encoder(text);
}

/** Names that come again and again, such as those of apps. */
const KEPT_NAMES = 256;
let names = new Map<string, Uint8Array>();

/** As {@link encodeUtf8}, remembered: the bytes must not be changed. */
export function encodeName(name: string): Uint8Array {
    const known = names.get(name);
    if (known !== undefined) return known;
    if (names.size >= KEPT_NAMES) names = new Map();
    const bytes = encodeUtf8(name);
    names.set(name, bytes);
    return bytes;
}

/** Canisters bring a native encoder. */
export function useUtf8Encoder(native: Utf8Encoder): void {
    encoder = native;
}
