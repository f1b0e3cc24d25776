import { err, type Result } from '../result';

/** Payloads of jobs are JSON in UTF-8. The bytes are no payload of the expected kind; `field` says where. */
export interface MalformedPayload {
    readonly kind: 'MalformedPayload';
    readonly field: string;
}

export type JsonObject = { readonly [name: string]: unknown };

const encoder = new TextEncoder();

export function encodeJson(value: object): Uint8Array {
    return encoder.encode(JSON.stringify(value));
}

/** The object that the bytes spell; undefined when they spell anything else. */
export function decodeJsonObject(bytes: Uint8Array): JsonObject | undefined {
    try {
        const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
        return isJsonObject(value) ? value : undefined;
    } catch {
        return undefined;
    }
}

export function isJsonObject(value: unknown): value is JsonObject {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own field; what a prototype carries is no part of a payload. */
export function fieldOf(value: JsonObject | undefined, name: string): unknown {
    return value === undefined ? undefined : Object.getOwnPropertyDescriptor(value, name)?.value;
}

/** Those of the named fields that the object has. */
export function pickFields(value: JsonObject, names: readonly string[]): JsonObject {
    const picked = names.flatMap((name): [string, unknown][] => {
        const field = fieldOf(value, name);
        return field === undefined || field === null ? [] : [[name, field]];
    });
    return Object.fromEntries(picked);
}

export function isTexts(value: unknown): value is string[] {
    return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

export function isCount(value: unknown): value is number {
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function malformed(field: string): Result<never, MalformedPayload> {
    return err({ kind: 'MalformedPayload', field });
}
