/** The PocketIC client with patience: by itself it gives up on an answer that takes half a minute. */
import { PocketIc, type CreateInstanceOptions } from '@dfinity/pic';

/** As long as `fetch` itself waits for an answer: a large install on a busy machine may take longer than half a minute. */
const ANSWER_MS = 300_000;

/** An instance of the server at this address; the end-to-end tests share the one at `PIC_URL`. */
export function createPocketIc(
    url = process.env.PIC_URL ?? '',
    options: CreateInstanceOptions = {}
): Promise<PocketIc> {
    return PocketIc.create(url, { ...options, processingTimeoutMs: ANSWER_MS });
}
