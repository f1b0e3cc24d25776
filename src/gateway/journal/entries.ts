import { z } from 'zod';

const jobId = z.string().regex(/^\d{1,20}$/);
const sessionId = jobId;
const hash = z.string().regex(/^[0-9a-f]{64}$/);
/** Of an open submission, or of a session: unique in a journal. */
const id = z.string();

/** What a gateway writes down: numbers in decimal digits, bytes in hexadecimal. */
export const JournalEntry = z.discriminatedUnion('kind', [
    /** A submission is on its way; `ack` is the secret that its result will be acknowledged by. */
    z.object({
        kind: z.literal('opening'),
        id,
        keyHash: z.string(),
        key: z.string(),
        ours: z.boolean(),
        ack: hash.optional()
    }),
    z.object({ kind: z.literal('submitted'), id, jobId }),
    z.object({ kind: z.literal('closed'), id }),
    /** The canister must be told. */
    z.object({ kind: z.literal('cancel'), jobId }),
    z.object({ kind: z.literal('cancelled'), jobId }),
    /** A session is asked for; its public key names it here. */
    z.object({
        kind: z.literal('session_opening'),
        id: hash,
        appId: z.string(),
        keyHash: hash,
        maxCredits: z.string().regex(/^\d{1,20}$/),
        ttlS: z.string().regex(/^\d{1,6}$/)
    }),
    z.object({ kind: z.literal('session_opened'), id: hash, sessionId }),
    /** What was signed for by then. */
    z.object({
        kind: z.literal('session_owes'),
        id: hash,
        calls: z.int().nonnegative(),
        units: z.string().regex(/^\d{1,20}$/),
        digest: hash
    }),
    /** The canister must be told that nobody uses it any more. */
    z.object({ kind: z.literal('session_closing'), id: hash }),
    z.object({ kind: z.literal('session_closed'), id: hash })
]);
export type JournalEntry = z.output<typeof JournalEntry>;
