import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { fromHex, toHex } from '../../core/bytes';
import {
    ACK_BYTES,
    DELIVERY_CONTENT_TYPE,
    deliveryPath,
    leaseHash,
    type DeliveryFrame
} from '../../core/compute/direct_delivery';
import { sha256 } from '../../core/hash';
import { bytesAfter } from './delivery_frames';
import { mayTalkTo } from './gateway_address';
import type { BackendResult, Delivery, LeasedJob, OpenDelivery } from '../ports';

export interface HttpDeliveryOptions {
    /** Also to hosts other than this one without TLS. */
    readonly allowHttp: boolean;
    /** How long the gateway may take no more of a result, or not acknowledge a whole one. */
    readonly ackMs: number;
}

type TargetJob = LeasedJob & { readonly replyUrl: string };

/** Deliveries over HTTP: one request per attempt, whose body grows with the result. */
export function httpDelivery(options: HttpDeliveryOptions): OpenDelivery {
    return (job) => (mayTalkTo(job.replyUrl, options.allowHttp) ? new HttpDelivery(job, options) : undefined);
}

class HttpDelivery implements Delivery {
    private readonly request: ClientRequest;
    private readonly answered: Promise<Uint8Array | undefined>;
    private readonly left = new AbortController();
    private hasSpoken = false;

    constructor(
        job: TargetJob,
        private readonly options: HttpDeliveryOptions
    ) {
        const url = new URL(job.replyUrl.replace(/\/$/, '') + deliveryPath(job.jobId, job.attempt));
        const open = url.protocol === 'https:' ? requestHttps : requestHttp;
        this.request = open(url, {
            method: 'POST',
            headers: { 'content-type': DELIVERY_CONTENT_TYPE, authorization: `Lease ${toHex(leaseHash(job))}` }
        });
        this.answered = this.answer();
        this.request.flushHeaders();
    }

    get gone(): AbortSignal {
        return this.left.signal;
    }

    text(text: string): void {
        this.hasSpoken = true;
        this.send({ kind: 'text', text });
    }

    async finish(result: BackendResult): Promise<Uint8Array | undefined> {
        for (const frame of bytesAfter(result, this.hasSpoken)) this.send(frame);
        const { output, details = new Uint8Array() } = result;
        this.send({ kind: 'end', outputHash: toHex(sha256(output)), details: Buffer.from(details).toString('utf8') });
        // The socket's silence is what is limited: a large result takes its time on a slow line, and moves.
        this.request.setTimeout(this.options.ackMs, () => this.abort());
        this.request.end();
        const ack = await this.answered;
        if (ack === undefined) this.abort();
        return ack;
    }

    abort(): void {
        this.request.destroy();
    }

    private send(frame: DeliveryFrame): void {
        if (this.request.writable) this.request.write(`${JSON.stringify(frame)}\n`);
    }

    /** The acknowledgement, or nothing: whatever goes wrong, the chain is there. */
    private answer(): Promise<Uint8Array | undefined> {
        return new Promise((resolve) => {
            let isAnswered = false;
            const lost = (): void => (isAnswered ? undefined : resolve(undefined));
            this.request.on('error', lost);
            this.request.on('close', lost);
            this.request.on('response', (response) => {
                isAnswered = true;
                if (response.statusCode === GONE) this.left.abort();
                readAck(response)
                    .catch(() => undefined)
                    .then((ack) => {
                        // Whatever is answered before the end is a refusal of the rest.
                        if (ack === undefined) this.request.destroy();
                        resolve(ack);
                    });
            });
        });
    }
}

/** Nobody waits for the result any more. */
const GONE = 410;
const MAX_ANSWER_BYTES = 4_096;

async function readAck(response: IncomingMessage): Promise<Uint8Array | undefined> {
    let body = '';
    for await (const piece of response) {
        body += String(piece);
        if (body.length > MAX_ANSWER_BYTES) return undefined;
    }
    if (response.statusCode !== 200) return undefined;
    const answer: unknown = JSON.parse(body);
    if (typeof answer !== 'object' || answer === null || !('ack' in answer)) return undefined;
    const ack = typeof answer.ack === 'string' ? fromHex(answer.ack) : undefined;
    return ack?.length === ACK_BYTES ? ack : undefined;
}
