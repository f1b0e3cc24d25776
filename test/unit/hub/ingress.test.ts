import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { isWorthwhile } from '../../../canisters/hub/domain/ingress';
import { idlFactory } from '../../../src/declarations/hub';

const methods = new Map(idlFactory({ IDL })._fields);

/** An argument as a client encodes it. */
function argument(method: string, ...values: unknown[]): Uint8Array {
    return new Uint8Array(IDL.encode(methods.get(method)?.argTypes ?? [], values));
}

/** The longest principal. */
const NODE = Principal.fromUint8Array(new Uint8Array(29).fill(255));

test('the largest argument that each method can mean passes', () => {
    const limits = {
        apps: [Array.from({ length: 50 }, () => '€'.repeat(64))],
        nodes: [Array.from({ length: 50 }, () => NODE)],
        requests_per_minute: [2n ** 64n - 1n],
        max_credits: [2n ** 64n - 1n]
    };
    const key_hash = new Uint8Array(32);
    const result = {
        request_id: 2n ** 64n - 1n,
        node: [NODE],
        status: { Success: null },
        credits_used: 2n ** 64n - 1n,
        receipt_hash: [new Uint8Array(32)],
        receipt: [new Uint8Array(44)]
    };
    const largest = {
        set_key_limits: argument('set_key_limits', { key_hash, limits }),
        dispute_order: argument('dispute_order', { order: 2n ** 64n - 1n, why: '€'.repeat(500) }),
        create_api_key: argument('create_api_key', { key_hash, label: '€'.repeat(64) }),
        c2c_record_results: argument('c2c_record_results', Array(64).fill(result))
    };
    for (const [method, bytes] of Object.entries(largest))
        expect([method, isWorthwhile(method, bytes)]).toEqual([method, true]);
});

test('what is larger than any sense of its method, or no Candid, is refused', () => {
    const { buffer } = new Uint8Array(3_000).fill(97);
    const text = new TextDecoder().decode(buffer);
    expect(isWorthwhile('dispute_order', argument('dispute_order', { order: 0n, why: text }))).toBe(false);
    expect(isWorthwhile('audit', new Uint8Array(2_000_000))).toBe(false);
    expect(isWorthwhile('audit', new Uint8Array())).toBe(false);
    expect(isWorthwhile('audit', new TextEncoder().encode('{"json":1}'))).toBe(false);
    expect(isWorthwhile('audit', argument('audit'))).toBe(true);
});
