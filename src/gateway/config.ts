import { z } from 'zod';
import { parseConfig } from '../client/config_problems';
import { principalFromText } from '../core/account';
import { INTERACTIVE_EXEC_S } from '../core/compute/exec_limits';

const principalText = z.string().refine((text) => principalFromText(text) !== undefined, 'not a principal');

export const gatewayConfigSchema = z.strictObject({
    network: z.strictObject({ host: z.url(), rootKeyHex: z.string().optional() }),
    canisters: z.object({ compute_gateway: principalText, hub: principalText }),
    keyFile: z
        .string()
        .min(1)
        .describe("PEM file of the gateway's Ed25519 key; the principal must be whitelisted by the canister"),
    host: z.string().min(1).default('127.0.0.1').describe('Only this machine, unless told otherwise'),
    port: z.int().min(0).max(65_535).default(8787),
    limits: z
        .strictObject({
            bodyBytes: z
                .int()
                .positive()
                .default(262_144)
                .describe(
                    'Body of a request; for calls of a session, whose inputs go to their node directly, the only bound'
                ),
            bodyMs: z.int().min(100).default(30_000).describe('How long it may take to arrive'),
            inlineBytes: z
                .int()
                .positive()
                .max(131_072)
                .default(65_536)
                .describe(
                    'Input of a job; larger ones are named by their hash (POST /v1/jobs). The canister takes no more than 131072'
                ),
            inputsPerRequest: z.int().positive().default(256),
            requestsInFlight: z.int().positive().default(256),
            requestsPerMinutePerKey: z.int().positive().default(600),
            requestMs: z
                .int()
                .min(100)
                .default(Number(INTERACTIVE_EXEC_S) * 1_000)
                .describe(
                    'After this time a request is answered with 504 and its job cancelled; default: as long as a chat may run'
                )
        })
        .prefault({}),
    poll: z
        .strictObject({ minMs: z.int().min(20).default(100), maxMs: z.int().min(20).default(1_000) })
        .prefault({})
        .refine(({ minMs, maxMs }) => minMs <= maxMs, 'minMs is larger than maxMs'),
    delivery: z
        .strictObject({
            enabled: z
                .boolean()
                .default(true)
                .describe('Take results from nodes directly, so that texts can be streamed'),
            publicUrl: z
                .url({ protocol: /^https?$/ })
                .max(256)
                .optional()
                .describe('Where nodes reach this gateway; default: where it listens, which suits one machine')
        })
        .prefault({}),
    sessions: z
        .strictObject({
            enabled: z.boolean().default(true),
            maxCredits: z
                .int()
                .positive()
                .default(10_000)
                .describe('What one session may come to; it is held when it opens'),
            ttlS: z.int().min(60).max(86_400).default(3_600),
            idleMs: z.int().min(1_000).default(60_000),
            openMs: z.int().min(1_000).default(30_000),
            capacity: z.int().min(1).max(10_000).default(256)
        })
        .prefault({})
        .describe(
            "Lines to nodes for texts: a key's repeated requests go to one node directly, and are settled by signed receipts"
        ),
    journalFile: z
        .union([z.string().min(1), z.literal(false)])
        .optional()
        .describe(
            'File of what must survive a crash, with results in the folder FILE.results; default: keyFile.journal; false: nothing survives, and a crash leaves jobs and holds to their time to live'
        ),
    results: z
        .strictObject({
            capacityBytes: z.int().min(0).default(268_435_456),
            keepMs: z
                .int()
                .min(0)
                .default(86_400_000)
                .describe('As long as the canister keeps the results that it has itself')
        })
        .prefault({})
        .describe('Results that nodes have handed over are kept for clients that ask again'),
    shutdownGraceMs: z
        .int()
        .min(0)
        .default(25_000)
        .describe('How long running requests may go on when the gateway is told to stop'),
    cacheMs: z
        .int()
        .min(0)
        .default(5_000)
        .describe('How long an answer about an API key or the list of models is believed'),
    logLevel: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info')
});

export type GatewayConfig = z.output<typeof gatewayConfigSchema>;
export type GatewayConfigInput = z.input<typeof gatewayConfigSchema>;

/** Where the journal is; undefined where nothing is to be written down. */
export function journalPath({ journalFile, keyFile }: GatewayConfig): string | undefined {
    return journalFile === false ? undefined : (journalFile ?? `${keyFile}.journal`);
}

/** Validates a configuration and fills its defaults in. @throws `BadConfig` */
export function parseGatewayConfig(input: unknown): GatewayConfig {
    return parseConfig(gatewayConfigSchema, input);
}
