import { dirname, join, relative } from 'node:path';
import { CANISTERS } from '../../core/peers';
import { COMPUTE_NODES, keyPath, VALIDATORS, type KeyName } from './keys';
import { EMBEDDING_MODEL } from './market';
import type { StartOptions } from './options';
import type { Running } from './summary';

const SHOWN_KEYS: readonly KeyName[] = ['deployer', 'user', 'provider', 'operator', ...COMPUTE_NODES, ...VALIDATORS];

/** What to know and what to try, once everything is up. */
export function afterword(running: Running, options: StartOptions): readonly string[] {
    const { suite, keys, networkUrl, gatewayUrl, apiKey } = running;
    return [
        '',
        'Canisters',
        ...CANISTERS.map((name) => `  ${name.padEnd(16)} ${suite.ids[name].toText()}`),
        '',
        `Principals (keys in ${options.keyFolder})`,
        ...SHOWN_KEYS.map((name) => `  ${name.padEnd(16)} ${keys[name].getPrincipal().toText()}`),
        '',
        `Network   ${networkUrl}`,
        `Gateway   ${gatewayUrl}/v1   (any OpenAI client)`,
        `API key   ${apiKey}   (shown once; the hub keeps its hash)`,
        '',
        'Try',
        `  curl ${gatewayUrl}/v1/embeddings -H 'Authorization: Bearer ${apiKey}' \\`,
        `       -H 'Content-Type: application/json' -d '{"model":"${EMBEDDING_MODEL}","input":"hello"}'`,
        `  curl ${gatewayUrl}/v1/models -H 'Authorization: Bearer ${apiKey}'`,
        `  npx emc node --help   (be a provider; a wallet with EMC: ${walletOf(options)})`,
        `  A round lasts ${options.roundSeconds} s here: the provider's balance grows with each one that is settled.`,
        '',
        'Ctrl-C stops everything; the network forgets its state.'
    ];
}

/** Where the local network's addresses are written for the other commands. */
export function deploymentFile({ keyFolder }: StartOptions): string {
    return join(dirname(keyFolder), 'deployment.json');
}

function walletOf({ keyFolder }: StartOptions): string {
    return relative('', keyPath(keyFolder, 'provider'));
}
