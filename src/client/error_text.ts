const MAX_LENGTH = 300;

/**
 * One line about an error and its cause, for logs. Agents hang whole requests on their errors, with arguments and all:
 * only names and the first lines of messages come through.
 */
export function errorText(failure: unknown): string {
    if (!(failure instanceof Error)) return typeof failure;
    const line = `${failure.name}: ${failure.message.split('\n')[0] ?? ''}`.slice(0, MAX_LENGTH);
    return failure.cause instanceof Error ? `${line} <- ${errorText(failure.cause)}` : line;
}
