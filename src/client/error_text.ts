import { z } from 'zod';

const MAX_LENGTH = 300;

/** What agents of the Internet Computer hang on their errors: why a canister rejected, or what the network said. */
const rejection = z.object({
    cause: z.object({ code: z.object({ rejectMessage: z.string(), rejectErrorCode: z.string().optional() }) })
});
const transport = z.object({
    cause: z.object({ code: z.object({ error: z.object({ cause: z.object({ code: z.string() }) }) }) })
});

/**
 * One line about an error and its cause, for logs. Agents hang whole requests on their errors, with arguments and all:
 * only names, the first lines of messages, and what a canister or the network answered come through.
 */
export function errorText(failure: unknown): string {
    if (!(failure instanceof Error)) return typeof failure;
    const line = `${failure.name}: ${reasonOf(failure)}`.slice(0, MAX_LENGTH);
    return failure.cause instanceof Error ? `${line} <- ${errorText(failure.cause)}` : line;
}

function reasonOf(failure: Error): string {
    const rejected = rejection.safeParse(failure).data?.cause.code;
    if (rejected !== undefined)
        return [firstLine(rejected.rejectMessage), rejected.rejectErrorCode].filter(Boolean).join(' ');
    // A parser's message repeats what it could not read: prompts, for what is known here.
    if (failure instanceof SyntaxError) return 'malformed';
    const code = transport.safeParse(failure).data?.cause.code.error.cause.code;
    return code === undefined ? firstLine(failure.message) : `${code} ${firstLine(failure.message)}`;
}

function firstLine(text: string): string {
    return text.split('\n')[0] ?? '';
}
