import { err, type Result } from '../../core/result';
import type { Backend, BackendResult, Failure, Task } from '../ports';
import { kindNotServed } from './malformed';
import { runEmbeddings } from './openai/embeddings';
import { runImages } from './openai/images';
import { probeOpenAi } from './openai/probe';
import { runChat, runCompletion } from './openai/text';
import { Probed } from './probed';
import { BackendServer, type ServerOptions } from './server';

export interface OpenAiBackendOptions extends ServerOptions {
    /** The model's name on that server. */
    readonly model: string;
    readonly modelHash?: Uint8Array;
    /** How long a look at the server's load is believed. */
    readonly probeMs: number;
}

/** Any server with the OpenAI interface: vLLM, Ollama's /v1, llama.cpp, LM Studio, SGLang, … */
export function openAiCompatible(options: OpenAiBackendOptions): Backend {
    const server = new BackendServer(options);
    const { model } = options;
    const probed = new Probed(server, options.probeMs, () => probeOpenAi(server, model));
    return {
        name: 'openai-compatible',
        modelHash: options.modelHash,
        room: () => probed.room(),
        loads: () => [probed.load()],
        run: (task, signal) => run(server, model, task, signal)
    };
}

function run(
    server: BackendServer,
    model: string,
    task: Task,
    signal: AbortSignal
): Promise<Result<BackendResult, Failure>> {
    if (signal.aborted) return Promise.resolve(err({ code: 'aborted', retryable: true }));
    switch (task.kind) {
        case 'Embedding':
            return runEmbeddings(server, model, task, signal);
        case 'Chat':
            return runChat(server, model, task, signal);
        case 'Completion':
            return runCompletion(server, model, task, signal);
        case 'Image':
            return runImages(server, model, task, signal);
        case 'Other':
            return kindNotServed();
    }
}
