import type { MalformedPayload } from '../../core/compute/json_payload';
import { err, type Result } from '../../core/result';
import type { Failure } from '../ports';

/** The job's input is none of its kind: no backend could run it. */
export function malformedInput({ field }: MalformedPayload): Promise<Result<never, Failure>> {
    return Promise.resolve(err({ code: `malformed_${field}`, retryable: false }));
}

/** The backend has nothing for apps of this kind; another node's may. */
export function kindNotServed(): Promise<Result<never, Failure>> {
    return Promise.resolve(err({ code: 'kind_not_served', retryable: true }));
}
