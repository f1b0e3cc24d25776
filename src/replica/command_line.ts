import { parseArgs, type ParseArgsConfig } from 'node:util';
import { failure, success, type Result } from './wire/result';

/** Options of a command, as `parseArgs` of Node takes them. */
export type OptionTable = NonNullable<ParseArgsConfig['options']>;
/** What was given, by the name of the option; an array for options that may be given several times. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** A command line, read. */
export interface ParsedArguments {
    readonly values: OptionValues;
    readonly positionals: readonly string[];
}

/** Options of a command; the error is a sentence for its user. */
export function parseOptions(args: readonly string[], options: OptionTable): Result<ParsedArguments, string> {
    try {
        const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
        return success({ values: { ...values }, positionals });
    } catch (error) {
        // parseArgs throws for unknown options and missing values, with a text that names them.
        return failure(error instanceof Error ? error.message : String(error));
    }
}

/** A whole number of an option; undefined when the option is absent, an error when it is none or out of range. */
export function numberOption(
    values: OptionValues,
    name: string,
    range: { readonly min: number; readonly max: number }
): Result<number | undefined, string> {
    const text = values[name];
    if (text === undefined) {
        return success(undefined);
    }
    const value = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= range.min && value <= range.max
        ? success(value)
        : failure(`--${name} takes a whole number from ${range.min} to ${range.max}, not ${String(text)}`);
}

/** Calls `stop` once, at the first signal that asks the process to end; a second signal ends it at once. */
export function onStopSignal(stop: () => Promise<void>): void {
    let stopping = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.on(signal, () => {
            if (stopping) {
                process.exit(1);
            }
            stopping = true;
            void stop().finally(() => process.exit(0));
        });
    }
}
