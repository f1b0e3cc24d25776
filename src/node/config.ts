import { z } from 'zod';
import { principalFromText } from '../core/account';

const principalText = z.string().refine((text) => principalFromText(text) !== undefined, 'not a principal');
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hexadecimal');

const BackendConfig = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('embedded-embeddings') }),
    z.object({
        kind: z.literal('openai-compatible'),
        baseUrl: z.url(),
        model: z.string().min(1),
        /** File that holds the server's API key; keys do not stand in configurations. */
        apiKeyFile: z.string().min(1).optional(),
        modelHash: sha256Hex.optional(),
        timeoutMs: z.int().positive().default(300_000)
    })
]);
export type BackendConfig = z.output<typeof BackendConfig>;

const NodeConfig = z.object({
    network: z.object({ host: z.url(), rootKeyHex: z.string().optional() }),
    canisters: z.object({ compute_gateway: principalText, state_machine: principalText }),
    /** PEM file of the node's Ed25519 key: the node is its key. */
    keyFile: z.string().min(1),
    apps: z
        .array(z.object({ appId: z.string().min(1), backend: BackendConfig }))
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
    shutdownGraceMs: z.int().min(0).default(25_000),
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
