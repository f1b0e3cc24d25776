import type { Ed25519KeyIdentity } from '@dfinity/identity';
import { newApiKey } from '../../client/api_key';
import { approve } from './funding';
import type { LocalSuite } from './local_suite';
import { expectOk, StepRefused } from './outcome';

/** Credits of the local network cost the hub's default price. */
export const CREDIT_PRICE_E8S = 100_000n;

/** Buys credits at the hub: the wallet approves, the hub pulls. Answers the credits that are available then. */
export async function buyCredits(suite: LocalSuite, buyer: Ed25519KeyIdentity, credits: bigint): Promise<bigint> {
    await approve(suite, buyer, suite.ids.hub, credits * CREDIT_PRICE_E8S);
    const { hub } = await suite.as(buyer);
    const bought = expectOk('buy_credits', await hub.buy_credits({ credits, from_subaccount: [] }));
    return bought.account.available;
}

/** Makes an API key. The secret is shown here once; the hub keeps its SHA-256. */
export async function createApiKey(suite: LocalSuite, owner: Ed25519KeyIdentity, label: string): Promise<string> {
    const { secret, hash } = newApiKey();
    const { hub } = await suite.as(owner);
    expectOk('create_api_key', await hub.create_api_key({ label, key_hash: hash }));
    return secret;
}

export interface EmbeddingAnswer {
    readonly dimensions: number;
    readonly jobId: bigint;
}

/** Asks the gateway for an embedding as any OpenAI client would. */
export async function requestEmbedding(
    gatewayUrl: string,
    apiKey: string,
    model: string,
    input: string
): Promise<EmbeddingAnswer> {
    const response = await fetch(`${gatewayUrl}/v1/embeddings`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, input })
    });
    const body = (await response.json()) as { data?: { embedding?: number[] }[] };
    const embedding = body.data?.[0]?.embedding;
    const jobId = response.headers.get('x-emc-job-id');
    if (!response.ok || embedding === undefined || jobId === null) throw new StepRefused('POST /v1/embeddings', body);
    return { dimensions: embedding.length, jobId: BigInt(jobId) };
}
