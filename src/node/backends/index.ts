import { readFile } from 'node:fs/promises';
import { fromHex } from '../../core/bytes';
import type { BackendConfig } from '../config';
import type { Backend } from '../ports';
import { embeddedEmbeddings } from './embedded_embeddings';
import { openAiCompatible } from './openai_compatible';

/** Makes the backend that a configuration names. */
export async function makeBackend(config: BackendConfig): Promise<Backend> {
    if (config.kind === 'embedded-embeddings') return embeddedEmbeddings();
    const { baseUrl, model, timeoutMs, apiKeyFile, modelHash } = config;
    const apiKey = apiKeyFile === undefined ? undefined : (await readFile(apiKeyFile, 'utf8')).trim();
    return openAiCompatible({
        baseUrl: baseUrl.replace(/\/$/, ''),
        model,
        timeoutMs,
        apiKey,
        modelHash: modelHash === undefined ? undefined : fromHex(modelHash)
    });
}
