import { Checklist } from '../start/checklist';
import { StepRefused, toJson, WaitedInVain } from '../start/outcome';
import { parseStartOptions, type StartOptions } from '../start/options';
import { afterword } from '../start/afterword';
import { Cleanup, tellStory } from '../start/story';
import { ListenError } from '../../replica';
import { untilInterrupted } from './interrupt';

/** `emc start`: exits 0 after `--once` or Ctrl-C, 1 when a step fails, 2 for wrong options. */
export async function startCommand(raw: object): Promise<void> {
    const options = parseStartOptions(raw);
    if (!options.ok) return leave(2, options.error.join('\n'));
    const cleanup = new Cleanup();
    const interrupted = untilInterrupted();
    try {
        await Promise.race([start(options.value, cleanup, interrupted), interrupted]);
        await cleanup.run();
        process.exit(0);
    } catch (failure) {
        await cleanup.run();
        leave(1, explain(failure, options.value));
    }
}

async function start(options: StartOptions, cleanup: Cleanup, interrupted: Promise<void>): Promise<void> {
    const list = new Checklist();
    const { summary, running } = await tellStory(options, list, cleanup);
    if (!options.once) {
        for (const line of afterword(running, options)) console.log(line);
        await interrupted;
        console.log('Stopping …');
        return;
    }
    console.log(toJson(summary));
}

function explain(failure: unknown, options: StartOptions): string {
    if (failure instanceof ListenError)
        return `${failure.message}\nChoose another with --port (it was ${options.port}).`;
    if (failure instanceof StepRefused || failure instanceof WaitedInVain) return failure.message;
    return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
}

function leave(code: number, message: string): never {
    console.error(message);
    process.exit(code);
}
