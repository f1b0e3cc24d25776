import type { DeliveryFrame } from '../../core/compute/direct_delivery';
import { decodeTextDetails } from '../../core/compute/text_output';
import type { BackendResult } from '../ports';

/** Bytes of an output per line. */
const PIECE_BYTES = 49_152;

type BytesFrame = Extract<DeliveryFrame, { readonly kind: 'bytes' }>;

/** What of an output has not gone out as text. */
export function* bytesAfter({ output, details }: BackendResult, hasSpoken: boolean): Generator<BytesFrame> {
    const spoken = hasSpoken ? (textBytesOf(details) ?? 0) : 0;
    for (let at = spoken; at < output.length; at += PIECE_BYTES) {
        yield { kind: 'bytes', base64: Buffer.from(output.subarray(at, at + PIECE_BYTES)).toString('base64') };
    }
}

function textBytesOf(details: Uint8Array | undefined): number | undefined {
    if (details === undefined) return undefined;
    const parsed = decodeTextDetails(details);
    return parsed.ok ? parsed.value.textBytes : undefined;
}
