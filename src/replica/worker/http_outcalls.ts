import type { HttpOutcall, HttpOutcallAnswer } from '../state/api';

/** The real network gives an outcall up after this time. */
const timeoutMs = 30_000;

const sysFatal = 1;
const sysTransient = 2;

/** The answer is larger than the canister allowed. */
class TooLargeError extends Error {}

/**
 * Performs an HTTPS outcall of a live network by this process's own means. Unlike on the real network, http: is allowed,
 * since the servers that a developer calls are often local; redirects are not followed there, so neither here.
 */
export async function performOutcall(outcall: HttpOutcall): Promise<HttpOutcallAnswer> {
    try {
        const response = await fetch(outcall.url, {
            method: outcall.method,
            headers: outcall.headers.map(([name, value]) => [name, value]),
            body: outcall.method === 'POST' ? new Uint8Array(outcall.body) : undefined,
            redirect: 'manual',
            signal: AbortSignal.timeout(timeoutMs)
        });
        const headers = [...response.headers];
        const headerBytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
        const body = await readLimited(response, Number(outcall.maxResponseBytes) - headerBytes);
        return { kind: 'reply', status: response.status, headers, body };
    } catch (error) {
        return rejection(error, outcall);
    }
}

async function readLimited(response: Response, maxBytes: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
        const bytes: Uint8Array = chunk;
        length += bytes.length;
        if (length > maxBytes) {
            throw new TooLargeError();
        }
        chunks.push(bytes);
    }
    return new Uint8Array(Buffer.concat(chunks, length));
}

function rejection(error: unknown, { maxResponseBytes }: HttpOutcall): HttpOutcallAnswer {
    if (error instanceof TooLargeError) {
        const message = `Http body exceeds size limit of ${maxResponseBytes} bytes.`;
        return { kind: 'reject', rejectCode: sysFatal, message };
    }
    const cause = error instanceof Error && error.cause !== undefined ? `: ${String(error.cause)}` : '';
    return { kind: 'reject', rejectCode: sysTransient, message: `Connecting failed: ${String(error)}${cause}` };
}
