import { z } from 'zod';
import { err, ok, type Result } from '../core/result';
import { BackendConfig } from '../node/config';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Timers of Node cannot wait longer. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

const waitMs = z.number().int().min(10).max(LONGEST_WAIT_MS);
const canisterId = z.string().regex(/^[a-z0-9]{1,5}(-[a-z0-9]{1,5})*$/, 'a canister id');

export const validatorConfigSchema = z
    .object({
        host: z.url().describe('Network to talk to, such as http://127.0.0.1:4943'),
        rootKeyHex: z
            .string()
            .optional()
            .describe('DER in hexadecimal; see `connectAgent` for what is trusted without it'),
        canisterIds: z
            .object({
                state_machine: canisterId,
                hub: canisterId.optional(),
                rewards: canisterId.optional()
            })
            .describe(
                "Ids of the suite's canisters. Without hub and rewards the agent cannot verify what they recorded, nor follow the plan of probes."
            ),
        keyFile: z.string().min(1).describe("PEM file of the validator's key; made when it does not exist"),
        journalFile: z
            .string()
            .min(1)
            .optional()
            .describe('What the validator has said, so that it never contradicts itself; default: beside the key file'),
        metricsPort: z
            .number()
            .int()
            .min(0)
            .max(65_535)
            .optional()
            .describe('Port of `/metrics` and `/health`; without it there is none'),
        metricsHost: z.string().min(1).default('127.0.0.1'),
        registration: z
            .object({ region: z.string().min(1).max(64), bandwidthMbps: z.number().int().min(0).max(0xffffffff) })
            .optional()
            .describe(
                'Registers the key when the registry does not know it; without it the agent waits to be registered'
            ),
        gatewayUrl: z.url().describe("Off-chain gateway that probes go to, as any user's call"),
        apiKey: z.string().min(1).optional().describe('Key of the API that probes are paid by; or apiKeyFile'),
        apiKeyFile: z
            .string()
            .min(1)
            .optional()
            .describe(
                'File that holds it, as `emc user key --out` writes it; with a key on each line, so many probes go on at a time'
            ),
        probeModel: z
            .string()
            .min(1)
            .default('text-embedding-en')
            .describe('Model of a probe whose node names none that the gateway offers'),
        probeTextsFile: z
            .string()
            .min(1)
            .optional()
            .describe(
                'Texts of your own, UTF-8, of which probes are made: then nobody knows the words. Default: made-up texts'
            ),
        references: z
            .array(
                z.strictObject({
                    model: z.string().min(1).describe('A model of the API, by its id'),
                    backend: BackendConfig.describe(
                        "Where the validator has the same model, as in a node's configuration"
                    ),
                    leastCosine: z
                        .number()
                        .gt(0)
                        .max(1)
                        .default(0.99)
                        .describe('How alike an honest vector is at least; another precision costs a little')
                })
            )
            .max(64)
            .default([])
            .describe(
                "Embedding models whose answers are held against the validator's own; others by their form alone"
            ),
        probeMinMs: waitMs.default(HOUR_MS),
        probeMaxMs: waitMs.default(2 * HOUR_MS),
        probeTimeoutMs: waitMs.default(2 * MINUTE_MS),
        recordMs: waitMs
            .default(MINUTE_MS)
            .describe(
                'A served probe waits so long for the record of its call, without which the hub takes no Success'
            ),
        reportMs: waitMs
            .default(15 * MINUTE_MS)
            .describe("Between two reports of the agent's own status; the network counts it offline after 30 minutes"),
        attestMs: waitMs.default(10_000).describe('Between two looks for openings to attest'),
        agreeMs: waitMs
            .default(4_000)
            .describe('Between two looks at the agreement; less than the ten seconds of a round'),
        heartbeatMs: waitMs
            .default(4 * MINUTE_MS)
            .describe(
                'A state without items is proposed when the last one is so old: deductions need to see who is there'
            ),
        commitMs: waitMs.default(30_000).describe('Between two looks for states to commit and commitments to confirm'),
        commitStates: z
            .number()
            .int()
            .min(1)
            .max(512)
            .default(100)
            .describe('A commitment packs so many states, or fewer when the first of them has waited for so long'),
        commitAgeMs: waitMs.default(10 * MINUTE_MS),
        planMs: waitMs.default(MINUTE_MS).describe('Between two looks for due probes'),
        challengeMs: waitMs.default(MINUTE_MS).describe('Between two looks for nodes that need a proof'),
        reproofMeanMs: waitMs
            .default(40 * MINUTE_MS)
            .describe(
                'Mean time between two challenges of an active node, by all validators together; more than `reproofMaxMs` is never waited'
            ),
        reproofMaxMs: waitMs.default(80 * MINUTE_MS)
    })
    .refine(({ apiKey, apiKeyFile }) => (apiKey === undefined) !== (apiKeyFile === undefined), {
        path: ['apiKey'],
        error: 'either apiKey or apiKeyFile'
    })
    .refine((config) => config.probeMinMs <= config.probeMaxMs, { path: ['probeMinMs'], error: 'above probeMaxMs' });

/** What a validator agent needs to run. */
export type ValidatorConfig = z.infer<typeof validatorConfigSchema>;

/** Checks a configuration; the refusal lists every problem as `field: reason`. */
export function parseValidatorConfig(raw: unknown): Result<ValidatorConfig, readonly string[]> {
    const parsed = validatorConfigSchema.safeParse(raw);
    if (parsed.success) return ok(parsed.data);
    return err(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`));
}
