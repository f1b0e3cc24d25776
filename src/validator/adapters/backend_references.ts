import { decodeEmbeddingOutput, encodeEmbeddingInput } from '../../core/compute/embedding_job';
import { errorText } from '../../client/error_text';
import { decodeVector } from '../../client/vectors';
import { makeBackend } from '../../node/backends';
import type { Backend } from '../../node/ports';
import type { ValidatorConfig } from '../config';
import type { Log, ReferencePort } from '../ports';

type Reference = ValidatorConfig['references'][number];

/** Models that the validator runs, or has run, as a node does: by the backends of nodes. Each is opened when it is first needed. */
export function backendReferences(references: readonly Reference[], log: Log): ReferencePort {
    const backends = new Map<string, Promise<Backend>>();
    const backendOf = ({ model, backend }: Reference): Promise<Backend> => {
        const open = backends.get(model) ?? makeBackend(backend);
        backends.set(model, open);
        // What could not be opened may open the next time.
        open.catch(() => backends.delete(model));
        return open;
    };
    return {
        async embed(model, texts, signal) {
            const reference = references.find((each) => each.model === model);
            if (reference === undefined) return undefined;
            try {
                const backend = await backendOf(reference);
                const result = await backend.run(
                    { kind: 'Embedding', input: encodeEmbeddingInput({ input: texts }) },
                    signal
                );
                const output = result.ok ? decodeEmbeddingOutput(result.value.output) : result;
                if (!output.ok) return unanswered(log, model, output.error);
                const { leastCosine } = reference;
                return { vectors: output.value.embeddings.map(decodeVector), leastCosine };
            } catch (failure) {
                return unanswered(log, model, errorText(failure));
            }
        }
    };
}

function unanswered(log: Log, model: string, reason: unknown): undefined {
    log.warn({ model, reason }, 'the reference of a model does not answer');
    return undefined;
}
