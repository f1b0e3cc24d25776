import { errorText } from '../../client/error_text';
import { BadKeyFile } from '../../client/key_file';
import { CommandFailed } from '../command_failed';
import type { Print } from '../print';

/** Runs a command that ends, and ends the process: 0, or 1 with the reason and what to do about it. */
export async function attempt(command: (print: Print) => Promise<void>): Promise<void> {
    await tried(() => command((line) => console.log(line)));
    process.exit(0);
}

/** Ends the process for what the user can mend: 1, with the reason and what to do. */
export async function tried<T>(command: () => Promise<T>): Promise<T> {
    try {
        return await command();
    } catch (failure) {
        for (const line of explain(failure)) console.error(line);
        process.exit(1);
    }
}

function explain(failure: unknown): readonly string[] {
    if (failure instanceof CommandFailed) return [failure.message, ...failure.hints.map((hint) => `  ${hint}`)];
    if (failure instanceof BadKeyFile) return [failure.message];
    return [`The network did not answer: ${errorText(failure)}`, '  Does it run? `npm start` brings a local one up.'];
}
