/** A validator's API whose calls are given up late. */
import type { ApiPort } from '../../src/validator/ports';
import { until } from './until';

/** Calls end when their limit is over and the condition holds, such as that what was asked for has arrived; then not by an answer. */
export function givenUpWhen(api: Pick<ApiPort, 'send'>, condition: () => Promise<boolean>): Pick<ApiPort, 'send'> {
    return {
        async send(call, limit) {
            const gaveUp = new AbortController();
            const sent = api.send(call, gaveUp.signal);
            await until(async () => limit.aborted && (await condition()));
            gaveUp.abort(limit.reason);
            return sent;
        }
    };
}
