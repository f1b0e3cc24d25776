import { CommandFailed } from '../command_failed';
import { readDeployment } from '../deployment_file';
import type { NodeConfigInput } from '../../node';
import { EMBEDDING_MODEL } from '../start/market';
import { nodeKeyPath, type NodeOptions } from './home';

export interface RunOptions extends NodeOptions {
    /** JSON configuration; everything else is then in it. */
    readonly config?: string;
    /** App that the node serves. */
    readonly app?: string;
    /** `embedded`, or `openai:URL` or `ollama:URL`. */
    readonly backend: string;
    /** The model's name on that server; default: the app's. */
    readonly model?: string;
    readonly slots?: number;
    /** Video memory in MiB; default: what the devices here say. */
    readonly vram?: number;
    /** How the weights are quantised. */
    readonly quantization?: string;
    readonly metricsPort?: number;
}

type BackendInput = Extract<NodeConfigInput['apps'][number]['backend'], { readonly kind: string }>;

/** The configuration of a node with one app, from the command line and the deployment. @throws {@link CommandFailed} */
export async function runConfigOf(options: RunOptions): Promise<NodeConfigInput> {
    const { access, ids } = await readDeployment(options.deployment);
    const appId = options.app ?? EMBEDDING_MODEL;
    return {
        network: access,
        canisters: { compute_gateway: ids.compute_gateway.toText(), state_machine: ids.state_machine.toText() },
        keyFile: nodeKeyPath(options.home),
        apps: [
            { appId, backend: backendOf(options.backend, options.model ?? appId), quantization: options.quantization }
        ],
        slots: options.slots,
        vramMib: options.vram,
        metricsPort: options.metricsPort
    };
}

function backendOf(text: string, model: string): BackendInput {
    if (text === 'embedded') return { kind: 'embedded-embeddings' };
    const [, kind, baseUrl] = /^(openai|ollama):(https?:\/\/.+)$/.exec(text) ?? [];
    if (baseUrl === undefined) {
        throw new CommandFailed(`--backend ${text}: not a backend`, [
            'embedded                                the embeddings model that comes with EMC',
            'openai:http://127.0.0.1:8000/v1         any OpenAI-compatible server (vLLM, llama.cpp, SGLang, …)',
            'ollama:http://127.0.0.1:11434           Ollama by its own interface'
        ]);
    }
    return { kind: kind === 'ollama' ? 'ollama' : 'openai-compatible', baseUrl, model };
}
