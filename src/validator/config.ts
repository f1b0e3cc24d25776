import { z } from 'zod';
import { err, ok, type Result } from '../core/result';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Timers of Node cannot wait longer. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

const waitMs = z.number().int().min(10).max(LONGEST_WAIT_MS);
const canisterId = z.string().regex(/^[a-z0-9]{1,5}(-[a-z0-9]{1,5})*$/, 'a canister id');

const schema = z
    .object({
        /** Network to talk to, such as http://127.0.0.1:4943. */
        host: z.url(),
        /** DER in hexadecimal; see `connectAgent` for what is trusted without it. */
        rootKeyHex: z.string().optional(),
        /** Ids of the suite's canisters. Without hub and rewards the agent cannot verify what they recorded, nor follow the plan of probes. */
        canisterIds: z.object({
            state_machine: canisterId,
            hub: canisterId.optional(),
            rewards: canisterId.optional()
        }),
        /** PEM file of the validator's key; made when it does not exist. */
        keyFile: z.string().min(1),
        /** What the validator has said, so that it never contradicts itself; default: beside the key file. */
        journalFile: z.string().min(1).optional(),
        /** Port of `/metrics` and `/health`; without it there is none. */
        metricsPort: z.number().int().min(0).max(65_535).optional(),
        metricsHost: z.string().min(1).default('127.0.0.1'),
        /** Registers the key when the registry does not know it; without it the agent waits to be registered. */
        registration: z
            .object({ region: z.string().min(1).max(64), bandwidthMbps: z.number().int().min(0).max(0xffffffff) })
            .optional(),
        /** Off-chain gateway that probes go to, as any user's call. */
        gatewayUrl: z.url(),
        apiKey: z.string().min(1),
        probeModel: z.string().min(1).default('text-embedding-en'),
        probeMinMs: waitMs.default(HOUR_MS),
        probeMaxMs: waitMs.default(2 * HOUR_MS),
        probeTimeoutMs: waitMs.default(2 * MINUTE_MS),
        /** Between two reports of the agent's own status; the network counts it offline after 30 minutes. */
        reportMs: waitMs.default(15 * MINUTE_MS),
        /** Between two looks for openings to attest. */
        attestMs: waitMs.default(10_000),
        /** Between two looks at the agreement; less than the ten seconds of a round. */
        agreeMs: waitMs.default(4_000),
        /** A state without items is proposed when the last one is so old: deductions need to see who is there. */
        heartbeatMs: waitMs.default(4 * MINUTE_MS),
        /** Between two looks for states to commit and commitments to confirm. */
        commitMs: waitMs.default(30_000),
        /** A commitment packs so many states, or fewer when the first of them has waited for so long. */
        commitStates: z.number().int().min(1).max(512).default(100),
        commitAgeMs: waitMs.default(10 * MINUTE_MS),
        /** Between two looks for due probes. */
        planMs: waitMs.default(MINUTE_MS),
        /** Between two looks for nodes that need a proof. */
        challengeMs: waitMs.default(MINUTE_MS),
        /** Mean time between two challenges of an active node, by all validators together; more than `reproofMaxMs` is never waited. */
        reproofMeanMs: waitMs.default(40 * MINUTE_MS),
        reproofMaxMs: waitMs.default(80 * MINUTE_MS)
    })
    .refine((config) => config.probeMinMs <= config.probeMaxMs, { path: ['probeMinMs'], error: 'above probeMaxMs' });

/** What a validator agent needs to run. */
export type ValidatorConfig = z.infer<typeof schema>;

/** Checks a configuration; the refusal lists every problem as `field: reason`. */
export function parseValidatorConfig(raw: unknown): Result<ValidatorConfig, readonly string[]> {
    const parsed = schema.safeParse(raw);
    if (parsed.success) return ok(parsed.data);
    return err(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`));
}
