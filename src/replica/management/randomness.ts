import { blob, encodeResult, nothing } from '../candid/codecs';
import { method, type Outcome } from './call';

/** The response to raw_rand, made by the round after the call. */
export function encodeRandomness(bytes: Uint8Array): Uint8Array {
    return encodeResult(blob, bytes);
}

/** raw_rand takes no arguments; its bytes come with the next round. */
export const rawRand = method({
    ingress: 'never',
    argument: nothing,
    run: (call): Outcome<undefined> => {
        call.network.waitingForRandomness.push({ origin: call.origin, refund: call.cycles });
        return { kind: 'waiting' };
    }
});
