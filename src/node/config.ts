import { z } from 'zod';
import { principalFromText } from '../core/account';

const principalText = z.string().refine((text) => principalFromText(text) !== undefined, 'not a principal');
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hexadecimal');

const server = {
    baseUrl: z.url(),
    model: z.string().min(1),
    /** File that holds the server's API key; keys do not stand in configurations. */
    apiKeyFile: z.string().min(1).optional(),
    modelHash: sha256Hex.optional(),
    timeoutMs: z.int().positive().default(300_000),
    /** Longest silence within an answer. */
    idleMs: z.int().positive().default(60_000),
    /** Requests that the server is given at a time. */
    slots: z.int().min(1).max(1_024).default(4),
    /** Failures in a row after which the server is left alone for a while. */
    breaker: z.object({ failures: z.int().min(1).default(5), restMs: z.int().positive().default(10_000) }).prefault({}),
    retry: z
        .object({
            tries: z.int().min(1).max(10).default(3),
            minMs: z.int().positive().default(250),
            maxMs: z.int().positive().default(5_000)
        })
        .prefault({}),
    /** How long a look at the server's load is believed. */
    probeMs: z.int().min(0).default(5_000)
};

const BackendConfig = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('embedded-embeddings') }),
    /** `baseUrl` with the version, such as http://127.0.0.1:8000/v1. */
    z.object({ kind: z.literal('openai-compatible'), ...server }),
    /** `baseUrl` without a path, such as http://127.0.0.1:11434. */
    z.object({ kind: z.literal('ollama'), ...server })
]);
export type BackendConfig = z.output<typeof BackendConfig>;
export type ServerConfig = Exclude<BackendConfig, { readonly kind: 'embedded-embeddings' }>;

const NodeConfig = z.object({
    network: z.object({ host: z.url(), rootKeyHex: z.string().optional() }),
    canisters: z.object({ compute_gateway: principalText, state_machine: principalText }),
    /** PEM file of the node's Ed25519 key: the node is its key. */
    keyFile: z.string().min(1),
    apps: z
        .array(
            z.object({
                appId: z.string().min(1),
                /** One, or several of the same model. */
                backend: z.union([BackendConfig, z.array(BackendConfig).min(1).max(16)])
            })
        )
        .min(1)
        .max(32),
    slots: z.int().min(1).max(64).default(4),
    poll: z
        .object({ minMs: z.int().min(20).default(150), maxMs: z.int().min(20).default(2_000) })
        .prefault({})
        .refine(({ minMs, maxMs }) => minMs <= maxMs, 'minMs is larger than maxMs'),
    statusIntervalMs: z.int().min(500).default(60_000),
    /** How often open challenges are looked for; 0 leaves proofs of computing to somebody else. */
    pocIntervalMs: z.int().min(0).default(1_000),
    poc: z
        .object({
            /** Only this prover; default: the fastest that works here. */
            prover: z.enum(['webgpu', 'wasm', 'typescript']).optional(),
            /** Threads of the WebAssembly prover; default: all cores. */
            threads: z.int().min(1).max(1_024).optional()
        })
        .prefault({}),
    shutdownGraceMs: z.int().min(0).default(25_000),
    delivery: z
        .object({
            /** Hand results to gateways that want them; otherwise everything goes through the chain. */
            enabled: z.boolean().default(true),
            /** Also to gateways without TLS that are not on this machine. */
            allowHttp: z.boolean().default(false)
        })
        .prefault({}),
    /** Inputs that are kept elsewhere: never from this machine's own network, unless told so. */
    inputs: z
        .object({
            allowPrivate: z.boolean().default(false),
            timeoutMs: z.int().min(100).default(60_000)
        })
        .prefault({}),
    /** Serve sessions: calls that come from a gateway directly, paid by its signed receipts. */
    sessions: z
        .object({
            enabled: z.boolean().default(true),
            /** Between two looks for new ones. */
            pollMs: z.int().min(50).default(2_000),
            /** Between two settlements of what is signed for. */
            settleMs: z.int().min(1_000).default(45_000),
            /** How long a call may stay unsigned before no further call is taken. */
            unsignedMs: z.int().min(100).default(5_000)
        })
        .prefault({}),
    /** Port of Prometheus metrics on this machine; absent: none. */
    metricsPort: z.int().min(0).max(65_535).optional(),
    logLevel: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info')
});

export type NodeConfig = z.output<typeof NodeConfig>;
export type NodeConfigInput = z.input<typeof NodeConfig>;

/** The configuration cannot be used; every problem is listed, by its path. */
export class BadConfig extends Error {
    constructor(readonly problems: readonly string[]) {
        super(`configuration: ${problems.join('; ')}`);
        this.name = 'BadConfig';
    }
}

/** Validates a configuration and fills its defaults in. @throws {@link BadConfig} */
export function parseNodeConfig(input: unknown): NodeConfig {
    const parsed = NodeConfig.safeParse(input);
    if (parsed.success) return parsed.data;
    throw new BadConfig(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}
