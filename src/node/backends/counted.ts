import { decodeTextDetails } from '../../core/compute/text_output';
import type { NodeMetrics } from '../metrics';
import type { Backend, BackendResult } from '../ports';

/** The same backend, whose tokens are counted for an app: of jobs and of sessions' calls alike. */
export function counted(backend: Backend, appId: string, metrics: Pick<NodeMetrics, 'tokens'>): Backend {
    return {
        name: backend.name,
        modelHash: backend.modelHash,
        room: () => backend.room(),
        loads: () => backend.loads?.() ?? [],
        async run(task, signal) {
            const result = await backend.run(task, signal);
            if (result.ok) {
                const [prompt, completion] = tokensOf(result.value);
                metrics.tokens(appId, prompt, completion);
            }
            return result;
        }
    };
}

/** What has no details has no text: all its tokens are of the prompt. */
function tokensOf({ details, tokens }: BackendResult): readonly [prompt: number, completion: number] {
    const text = details && decodeTextDetails(details);
    return text?.ok ? [text.value.promptTokens, text.value.completionTokens] : [tokens, 0];
}
