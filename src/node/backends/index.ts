import { readFile } from 'node:fs/promises';
import { fromHex } from '../../core/bytes';
import type { BackendConfig, ServerConfig } from '../config';
import type { Backend } from '../ports';
import { embeddedEmbeddings } from './embedded_embeddings';
import { ollama } from './ollama';
import { openAiCompatible, type OpenAiBackendOptions } from './openai_compatible';
import { poolOf } from './pool';

/** Makes the backend that a configuration names; several servers become one pool. */
export async function makeBackend(
    config: BackendConfig | readonly BackendConfig[],
    onRetry?: (cause: string) => void
): Promise<Backend> {
    if (!isList(config)) return makeOne(config, onRetry);
    const [first, ...others] = await Promise.all(config.map((each) => makeOne(each, onRetry)));
    return first === undefined ? embeddedEmbeddings() : poolOf([first, ...others]);
}

function isList(config: BackendConfig | readonly BackendConfig[]): config is readonly BackendConfig[] {
    return Array.isArray(config);
}

async function makeOne(config: BackendConfig, onRetry?: (cause: string) => void): Promise<Backend> {
    switch (config.kind) {
        case 'embedded-embeddings':
            return embeddedEmbeddings();
        case 'openai-compatible':
            return openAiCompatible({ ...(await toOptions(config)), onRetry });
        case 'ollama':
            return ollama({ ...(await toOptions(config)), onRetry });
    }
}

async function toOptions(config: ServerConfig): Promise<OpenAiBackendOptions> {
    const { apiKeyFile, modelHash, baseUrl, ...rest } = config;
    const apiKey = apiKeyFile === undefined ? undefined : (await readFile(apiKeyFile, 'utf8')).trim();
    return {
        ...rest,
        baseUrl: baseUrl.replace(/\/$/, ''),
        apiKey,
        modelHash: modelHash === undefined ? undefined : fromHex(modelHash)
    };
}
