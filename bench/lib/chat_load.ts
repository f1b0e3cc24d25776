/** Chats over HTTP, in a closed loop or at a fixed rate: what any OpenAI client sends, without what such a client does besides. */
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { sleep } from '../../src/client/wait';
import { BadStatus } from './lean_client';

export interface ChatTarget {
    /** With the version, such as http://127.0.0.1:8787/v1. */
    readonly url: string;
    readonly apiKey: string;
    readonly model: string;
}

export interface ChatRun {
    readonly elapsedMs: number;
    readonly latenciesMs: readonly number[];
}

/** Headers of one more request; the number counts from 0. */
export type HeadersOf = (index: number) => Record<string, string>;

const MILLISECONDS = 1_000;

/** What is asked: a prompt of 1 KiB. */
export const CHAT_BODY = {
    model: 'm',
    messages: [{ role: 'user', content: 'x'.repeat(1_024) }],
    max_tokens: 20
};

export class ChatLoad {
    private readonly agent: Agent;
    private readonly body: string;

    constructor(
        private readonly target: ChatTarget,
        private readonly connections: number
    ) {
        this.agent = new Agent({ keepAlive: true, maxSockets: connections });
        this.body = JSON.stringify({ ...CHAT_BODY, model: target.model });
    }

    /** A closed loop: each connection sends again when it has its answer. @throws {@link BadStatus} */
    async run(count: number, headersOf: HeadersOf = () => ({})): Promise<ChatRun> {
        const latenciesMs: number[] = [];
        let next = 0;
        const loop = async (): Promise<void> => {
            for (let index = next++; index < count; index = next++) {
                const sentAt = performance.now();
                await this.ask(headersOf(index));
                latenciesMs.push(performance.now() - sentAt);
            }
        };
        const startedAt = performance.now();
        await Promise.all(Array.from({ length: this.connections }, loop));
        return { elapsedMs: performance.now() - startedAt, latenciesMs };
    }

    /**
     * An open loop: one chat every 1/`perSecond` s, whether or not earlier ones are answered. A latency counts from the time
     * at which its chat was due, so that a server that stalls is not asked more gently. @throws {@link BadStatus}
     */
    async runAt(perSecond: number, count: number): Promise<ChatRun> {
        const startedAt = performance.now();
        const asked = Array.from({ length: count }, async (_, index) => {
            const dueAt = startedAt + (index * MILLISECONDS) / perSecond;
            await sleep(dueAt - startedAt);
            await this.ask();
            return performance.now() - dueAt;
        });
        const latenciesMs = await Promise.all(asked);
        return { elapsedMs: performance.now() - startedAt, latenciesMs };
    }

    /** One chat; the headers of its answer. */
    ask(more: Record<string, string> = {}): Promise<IncomingHttpHeaders> {
        const { url, apiKey } = this.target;
        const headers = {
            authorization: `Bearer ${apiKey}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(this.body),
            ...more
        };
        return new Promise((resolve, reject) => {
            const sent = request(
                `${url}/chat/completions`,
                { agent: this.agent, method: 'POST', headers },
                (answer) => {
                    const chunks: Buffer[] = [];
                    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
                    answer.on('end', () => {
                        const text = Buffer.concat(chunks).toString();
                        if (answer.statusCode === 200 && text.includes('10 11 ')) return resolve(answer.headers);
                        reject(new BadStatus('/chat/completions', answer.statusCode ?? 0, text));
                    });
                    answer.on('error', reject);
                }
            );
            sent.on('error', reject);
            sent.end(this.body);
        });
    }

    close(): void {
        this.agent.destroy();
    }
}
