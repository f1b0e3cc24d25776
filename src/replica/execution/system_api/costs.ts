/** Prices: `cost_*`. */
import { decodeArgument, nat64, record } from '../../candid/codecs';
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

const outcallUsage = record({
    request_bytes: nat64,
    http_roundtrip_time_ms: nat64,
    raw_response_bytes: nat64,
    transformed_response_bytes: nat64,
    transform_instructions: nat64
});

/** The usage comes as Candid. */
function outcallCost(x: Execution, src: number, size: number, dst: number): void {
    const name = 'cost_http_request_v2';
    const usage = decodeArgument(outcallUsage, fromHeap(x, `ic0.${name} heap`, src, size));
    if (!usage.ok) throw contractViolation(`ic0.${name} failed to decode its parameters: ${usage.why}`);
    const price = x.input.costs.httpRequestV2({
        requestBytes: usage.value.request_bytes,
        roundtripMs: usage.value.http_roundtrip_time_ms,
        rawResponseBytes: usage.value.raw_response_bytes,
        transformedResponseBytes: usage.value.transformed_response_bytes,
        transformInstructions: usage.value.transform_instructions
    });
    cyclesToHeap(x, name, price, dst);
}

/** `cost_*`: what a call, a creation, an outcall or a signature would cost. */
export const costsApi = group({
    cost_call: (x, methodNameBytes, payloadBytes, dst) =>
        cyclesToHeap(x, 'cost_call', x.input.costs.call(methodNameBytes, payloadBytes, x.machine.pointerBytes), dst),
    cost_create_canister: (x, dst) => cyclesToHeap(x, 'cost_create_canister', x.input.costs.createCanister(), dst),
    cost_http_request: (x, requestBytes, maxResponseBytes, dst) =>
        cyclesToHeap(x, 'cost_http_request', x.input.costs.httpRequest(requestBytes, maxResponseBytes), dst),
    cost_http_request_v2: (x, src, size, dst) => outcallCost(x, src, size, dst),
    cost_sign_with_ecdsa: (x, src, size, curve, dst) =>
        signatureCost(x, { name: 'cost_sign_with_ecdsa', scheme: 'ecdsa', src, size, curve, dst }),
    cost_sign_with_schnorr: (x, src, size, curve, dst) =>
        signatureCost(x, { name: 'cost_sign_with_schnorr', scheme: 'schnorr', src, size, curve, dst }),
    cost_vetkd_derive_key: (x, src, size, curve, dst) =>
        signatureCost(x, { name: 'cost_vetkd_derive_key', scheme: 'vetkd', src, size, curve, dst })
});
