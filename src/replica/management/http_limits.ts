/** Bounds of HTTPS outcalls (interface specification, "IC method http_request"); lengths are those of UTF-8. */

/** Ceiling and default of `max_response_bytes`. */
export const maxResponseBytes = 2_000_000n;

const maxUrlBytes = 8192;
const maxRequestBytes = 2_000_000;
const maxHeaders = 64;
const maxHeaderPartBytes = 8192;
const maxHeadersBytes = 49_152;

/** Name and value. */
export type HttpHeader = readonly [name: string, value: string];

/** Bytes of a text as UTF-8. */
export function textBytes(text: string): number {
    return Buffer.byteLength(text);
}

/** Of all names and values together. */
export function headerBytes(headers: readonly HttpHeader[]): number {
    return headers.reduce((sum, [name, value]) => sum + textBytes(name) + textBytes(value), 0);
}

/** Why there is no outcall to the address; undefined when there may be one. */
export function urlRefusal(url: string): string | undefined {
    const bytes = textBytes(url);
    return bytes > maxUrlBytes ? `url size ${bytes} exceeds ${maxUrlBytes}` : undefined;
}

/** Why a request may not be sent, or a response not be taken; undefined when all is within bounds. */
export function contentRefusal(headers: readonly HttpHeader[], body: Uint8Array): string | undefined {
    if (headers.length > maxHeaders) return `number of all http headers ${headers.length} exceeds ${maxHeaders}`;
    const longest = (part: 0 | 1): number => Math.max(0, ...headers.map((header) => textBytes(header[part])));
    const total = headerBytes(headers);
    const bounds = [
        ['number of bytes to represent some http header name', longest(0), maxHeaderPartBytes],
        ['number of bytes to represent some http header value', longest(1), maxHeaderPartBytes],
        ['total number of bytes to represent all http header names and values', total, maxHeadersBytes],
        [
            'total number of bytes to represent all http header names and values and http body',
            total + body.length,
            maxRequestBytes
        ]
    ] as const;
    const broken = bounds.find(([, bytes, max]) => bytes > max);
    return broken && `${broken[0]} ${broken[1]} exceeds ${broken[2]}`;
}
