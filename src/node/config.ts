import { z } from 'zod';
import { parseConfig } from '../client/config_problems';
import { principalFromText } from '../core/account';
import { QUANTIZATION } from '../core/compute/app_terms';

const principalText = z.string().refine((text) => principalFromText(text) !== undefined, 'not a principal');
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hexadecimal');

const server = {
    baseUrl: z
        .url()
        .describe(
            'openai-compatible: with the version, as http://127.0.0.1:8000/v1; ollama: as http://127.0.0.1:11434'
        ),
    model: z.string().min(1),
    apiKeyFile: z
        .string()
        .min(1)
        .optional()
        .describe("File that holds the server's API key; keys do not stand in configurations"),
    modelHash: sha256Hex.optional(),
    timeoutMs: z
        .int()
        .positive()
        .optional()
        .describe('Longest time for an answer; default: as long as the app lets a job run (exec_limit_s)'),
    idleMs: z.int().positive().default(60_000).describe('Longest silence within an answer'),
    slots: z.int().min(1).max(1_024).default(4).describe('Requests that the server is given at a time'),
    breaker: z
        .strictObject({ failures: z.int().min(1).default(5), restMs: z.int().positive().default(10_000) })
        .prefault({})
        .describe('Failures in a row after which the server is left alone for a while'),
    retry: z
        .strictObject({
            tries: z.int().min(1).max(10).default(3),
            minMs: z.int().positive().default(250),
            maxMs: z.int().positive().default(5_000)
        })
        .prefault({}),
    probeMs: z.int().min(0).default(5_000).describe("How long a look at the server's load is believed")
};

export const BackendConfig = z.discriminatedUnion(
    'kind',
    [
        z.strictObject({ kind: z.literal('embedded-embeddings') }),
        z.strictObject({ kind: z.literal('openai-compatible'), ...server }),
        z.strictObject({ kind: z.literal('ollama'), ...server })
    ],
    'one of embedded-embeddings, openai-compatible, ollama'
);
export type BackendConfig = z.output<typeof BackendConfig>;
export type ServerConfig = Exclude<BackendConfig, { readonly kind: 'embedded-embeddings' }>;

export const nodeConfigSchema = z.strictObject({
    network: z.strictObject({ host: z.url(), rootKeyHex: z.string().optional() }),
    canisters: z.object({ compute_gateway: principalText, state_machine: principalText }),
    keyFile: z.string().min(1).describe("PEM file of the node's Ed25519 key: the node is its key"),
    apps: z
        .array(
            z.strictObject({
                appId: z.string().min(1),
                quantization: z
                    .string()
                    .regex(QUANTIZATION, 'not a quantisation, such as q4_k_m')
                    .optional()
                    .describe('How the weights are quantised, where the app asks for it'),
                backend: z
                    .union([BackendConfig, z.array(BackendConfig).min(1).max(16)])
                    .describe('One, or several of the same model')
            })
        )
        .min(1)
        .max(32),
    slots: z.int().min(1).max(64).default(4),
    vramMib: z
        .int()
        .positive()
        .optional()
        .describe(
            'Video memory of all devices that run the models, in MiB; default: what nvidia-smi says, where the servers are on this machine'
        ),
    poll: z
        .strictObject({ minMs: z.int().min(20).default(150), maxMs: z.int().min(20).default(2_000) })
        .prefault({})
        .refine(({ minMs, maxMs }) => minMs <= maxMs, 'minMs is larger than maxMs'),
    statusIntervalMs: z.int().min(500).default(60_000),
    pocIntervalMs: z
        .int()
        .min(0)
        .default(1_000)
        .describe('How often open challenges are looked for; 0 leaves proofs of computing to somebody else'),
    poc: z
        .strictObject({
            prover: z
                .enum(['webgpu', 'wasm', 'typescript'])
                .optional()
                .describe('Only this prover; default: the fastest that works here'),
            threads: z
                .int()
                .min(1)
                .max(1_024)
                .optional()
                .describe('Threads of the WebAssembly prover; default: all cores')
        })
        .prefault({}),
    shutdownGraceMs: z.int().min(0).default(25_000),
    delivery: z
        .strictObject({
            enabled: z
                .boolean()
                .default(true)
                .describe('Hand results to gateways that want them; otherwise everything goes through the chain'),
            allowHttp: z
                .boolean()
                .default(false)
                .describe('Also talk to gateways without TLS that are not on this machine: results, sessions and hints')
        })
        .prefault({}),
    inputs: z
        .strictObject({
            allowPrivate: z.boolean().default(false),
            timeoutMs: z.int().min(100).default(60_000)
        })
        .prefault({})
        .describe("Inputs that are kept elsewhere: never from this machine's own network, unless told so"),
    sessions: z
        .strictObject({
            enabled: z.boolean().default(true),
            /** Between two looks for new ones. */
            pollMs: z.int().min(50).default(2_000),
            /** Between two settlements of what is signed for. */
            settleMs: z
                .int()
                .min(1_000)
                .default(45_000)
                .describe('The canister verifies a receipt of a session every 30 s'),
            /** How long a call may stay unsigned before no further call is taken. */
            unsignedMs: z.int().min(100).default(5_000),
            /** How long a gateway may deny a session before it is settled for good. */
            deniedMs: z.int().min(0).default(10_000),
            receiptsFolder: z
                .union([z.string().min(1), z.literal(false)])
                .optional()
                .describe(
                    'Folder of signed receipts that are not settled for good; default: keyFile.receipts; false: a crash loses them'
                )
        })
        .prefault({})
        .describe('Serve sessions: calls that come from a gateway directly, paid by its signed receipts'),
    hints: z
        .boolean()
        .default(true)
        .describe('Keep a line to each gateway, by which both hear at once of jobs that wait and jobs that have ended'),
    metricsPort: z
        .int()
        .min(0)
        .max(65_535)
        .optional()
        .describe('Port of Prometheus metrics on this machine; absent: none'),
    logLevel: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info')
});

export type NodeConfig = z.output<typeof nodeConfigSchema>;
export type NodeConfigInput = z.input<typeof nodeConfigSchema>;

/** Validates a configuration and fills its defaults in. @throws `BadConfig` */
export function parseNodeConfig(input: unknown): NodeConfig {
    return parseConfig(nodeConfigSchema, input);
}
