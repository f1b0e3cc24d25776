import { ok, type Result } from '../result';
import {
    decodeJsonObject,
    encodeJson,
    fieldOf,
    isCount,
    isTexts,
    malformed,
    pickFields,
    type JsonObject,
    type MalformedPayload
} from './json_payload';

/** Payloads of jobs of kind `Image`. */
export interface ImageInput {
    readonly prompt: string;
    /** Images wanted; at least one. */
    readonly count: number;
    /** Those of {@link IMAGE_OPTIONS} that were set. */
    readonly options: JsonObject;
}

export interface ImageOutput {
    /** Image files in base64. */
    readonly images: readonly string[];
}

/** Options that reach the backend. */
export const IMAGE_OPTIONS = [
    'size',
    'quality',
    'style',
    'background',
    'output_format',
    'negative_prompt',
    'seed'
] as const;

export function encodeImageInput({ prompt, count, options }: ImageInput): Uint8Array {
    return encodeJson({ prompt, n: count, ...pickFields(options, IMAGE_OPTIONS) });
}

export function decodeImageInput(bytes: Uint8Array): Result<ImageInput, MalformedPayload> {
    const value = decodeJsonObject(bytes);
    const prompt = fieldOf(value, 'prompt');
    const count = fieldOf(value, 'n');
    if (value === undefined || typeof prompt !== 'string' || prompt === '') return malformed('prompt');
    if (!isCount(count) || count === 0) return malformed('n');
    return ok({ prompt, count, options: pickFields(value, IMAGE_OPTIONS) });
}

export function encodeImageOutput({ images }: ImageOutput): Uint8Array {
    return encodeJson({ images });
}

export function decodeImageOutput(bytes: Uint8Array): Result<ImageOutput, MalformedPayload> {
    const images = fieldOf(decodeJsonObject(bytes), 'images');
    return isTexts(images) && images.length > 0 ? ok({ images }) : malformed('images');
}
