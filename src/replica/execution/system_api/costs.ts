/** Prices: `cost_*`. */
import { contractViolation } from '../traps';
import { cyclesToHeap, decodeText, decodeTextLossy, fromHeap } from './copy';
import type { Execution } from './execution';
import { group } from './handlers';

type Scheme = 'ecdsa' | 'schnorr' | 'vetkd';

/** Results of the functions for signatures. */
const OK = 0;
const UNKNOWN_CURVE = 1;
const UNKNOWN_KEY = 2;

interface KeyQuery {
    readonly name: string;
    readonly scheme: Scheme;
    readonly src: number;
    readonly size: number;
    readonly curve: number;
    readonly dst: number;
}

function signatureCost(x: Execution, { name, scheme, src, size, curve, dst }: KeyQuery): number {
    const bytes = fromHeap(x, `ic0.${name} heap`, src, size);
    const keyName = decodeText(bytes);
    if (keyName === undefined) throw contractViolation(`Failed to decode key name ${decodeTextLossy(bytes)}`);
    const price = x.input.costs.sign(scheme, keyName, curve);
    if (price === 'unknown-curve') return UNKNOWN_CURVE;
    if (price === 'unknown-key') return UNKNOWN_KEY;
    cyclesToHeap(x, name, price, dst);
    return OK;
}

export const costsApi = group({
    cost_call: (x, methodNameBytes, payloadBytes, dst) =>
        cyclesToHeap(x, 'cost_call', x.input.costs.call(methodNameBytes, payloadBytes), dst),
    cost_create_canister: (x, dst) => cyclesToHeap(x, 'cost_create_canister', x.input.costs.createCanister(), dst),
    cost_http_request: (x, requestBytes, maxResponseBytes, dst) =>
        cyclesToHeap(x, 'cost_http_request', x.input.costs.httpRequest(requestBytes, maxResponseBytes), dst),
    cost_sign_with_ecdsa: (x, src, size, curve, dst) =>
        signatureCost(x, { name: 'cost_sign_with_ecdsa', scheme: 'ecdsa', src, size, curve, dst }),
    cost_sign_with_schnorr: (x, src, size, curve, dst) =>
        signatureCost(x, { name: 'cost_sign_with_schnorr', scheme: 'schnorr', src, size, curve, dst }),
    cost_vetkd_derive_key: (x, src, size, curve, dst) =>
        signatureCost(x, { name: 'cost_vetkd_derive_key', scheme: 'vetkd', src, size, curve, dst })
});
