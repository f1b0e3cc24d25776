import { Agent, request } from 'node:http';
import type { SignedRequest } from './signed_requests';

/** The server did not answer 200; the body says why. */
export class BadStatus extends Error {
    constructor(
        readonly path: string,
        readonly status: number,
        readonly body: string
    ) {
        super(`${path}: ${status} ${body}`);
        this.name = 'BadStatus';
    }
}

/** A closed loop of requests: when each was answered, and with what. */
export interface Drive {
    readonly elapsedMs: number;
    readonly latenciesMs: readonly number[];
    readonly answers: readonly Uint8Array[];
}

/** An HTTP client that does nothing but send and receive, on a fixed number of connections. */
export class LeanClient {
    private readonly agent: Agent;

    constructor(
        private readonly url: string,
        private readonly connections: number
    ) {
        this.agent = new Agent({ keepAlive: true, maxSockets: connections });
    }

    /** Sends all requests, as many at a time as there are connections, each as soon as one is free. @throws {@link BadStatus} */
    async drive(requests: readonly SignedRequest[]): Promise<Drive> {
        const queue = requests.entries();
        const answers: Uint8Array[] = [];
        const latenciesMs: number[] = [];
        const loop = async (): Promise<void> => {
            for (const [index, signed] of queue) {
                const sentAt = performance.now();
                answers[index] = await this.post(signed);
                latenciesMs.push(performance.now() - sentAt);
            }
        };
        const startedAt = performance.now();
        await Promise.all(Array.from({ length: this.connections }, loop));
        return { elapsedMs: performance.now() - startedAt, latenciesMs, answers };
    }

    close(): void {
        this.agent.destroy();
    }

    private post({ path, body }: SignedRequest): Promise<Uint8Array> {
        const headers = { 'content-type': 'application/cbor', 'content-length': body.length };
        return new Promise((resolve, reject) => {
            const sent = request(new URL(path, this.url), { agent: this.agent, method: 'POST', headers }, (answer) => {
                const chunks: Buffer[] = [];
                answer.on('data', (chunk: Buffer) => chunks.push(chunk));
                answer.on('end', () => {
                    const bytes = Buffer.concat(chunks);
                    if (answer.statusCode === 200) resolve(new Uint8Array(bytes));
                    else reject(new BadStatus(path, answer.statusCode ?? 0, bytes.toString()));
                });
            });
            sent.on('error', reject);
            sent.end(body);
        });
    }
}
