import { requestIdOf } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/replica/wire/bytes';
import { cborRecord } from '../../../src/replica/wire/cbor';
import { decodeLeb128, encodeLeb128 } from '../../../src/replica/wire/leb128';
import { hashOfMap } from '../../../src/replica/wire/request_id';

test('request id: the example of the interface specification', () => {
    const content = cborRecord({
        request_type: 'call',
        sender: fromHex('04'),
        ingress_expiry: 1685570400000000000n,
        canister_id: fromHex('00000000000004d2'),
        method_name: 'hello',
        arg: fromHex('4449444c00fd2a')
    });
    expect(toHex(hashOfMap(content) ?? new Uint8Array())).toBe(
        '1d1091364d6bb8a6c16b203ee75467d59ead468f523eb058880ae8ec80e2b101'
    );
});

test('request id: agrees with the agent', () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
        fc.property(bytes, bytes, fc.string(), fc.bigInt({ min: 0n, max: 1n << 64n }), (arg, nonce, name, expiry) => {
            const paths = [[arg, nonce], [], [nonce]];
            const request = { arg, nonce, method_name: name, paths };
            const expected = requestIdOf({
                ...request,
                ingress_expiry: expiry,
                sender: Principal.anonymous().toUint8Array()
            });
            const ours = hashOfMap(cborRecord({ ...request, ingress_expiry: expiry, sender: Uint8Array.of(4) }));
            expect(ours).toEqual(new Uint8Array(expected));
        })
    );
});

test('request id: a field that cannot be hashed gives none', () => {
    expect(hashOfMap(cborRecord({ a: -1n }))).toBeUndefined();
    expect(hashOfMap(cborRecord({ a: [true] }))).toBeUndefined();
});

test('leb128: round trip, and nothing but whole numbers', () => {
    fc.assert(
        fc.property(fc.bigInt({ min: 0n, max: 1n << 128n }), (value) => {
            expect(decodeLeb128(encodeLeb128(value))).toBe(value);
        })
    );
    expect(toHex(encodeLeb128(624485n))).toBe('e58e26');
    expect(decodeLeb128(fromHex('80'))).toBeUndefined();
    expect(decodeLeb128(fromHex('0000'))).toBeUndefined();
    expect(decodeLeb128(new Uint8Array())).toBeUndefined();
});
