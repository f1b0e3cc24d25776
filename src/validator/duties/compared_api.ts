import type { ApiPort, ReferencePort } from '../ports';
import { isAlike } from './likeness';
import { textsOf } from './probe_call';

/** The code of a well-formed answer that the model does not give. */
export const OTHER_ANSWER = 'other_answer';

/**
 * An API whose embeddings are held against the validator's own (compute.md §5.8, L2): who serves another model than the app
 * names, or none, answers other vectors. Chats and images are not compared: engines of one model differ in them.
 */
export function comparedApi(api: ApiPort, references: ReferencePort): ApiPort {
    return {
        models: (signal) => api.models(signal),
        async send(call, signal) {
            const outcome = await api.send(call, signal);
            if (outcome.kind !== 'served' || outcome.vectors === undefined) return outcome;
            const expected = await references.embed(call.model, textsOf(call.body), signal);
            if (expected === undefined || isAlike(outcome.vectors, expected)) return outcome;
            return { kind: 'refused', httpStatus: 200, code: OTHER_ANSWER };
        }
    };
}
