import fc from 'fast-check';
import { fromHex } from '../../../../src/core/bytes';
import { parseCertificate } from '../../../../src/core/certification/certificate';
import { lookupLeaf } from '../../../../src/core/certification/hash_tree';
import {
    verifyCertificate,
    verifyCertifiedData,
    type Trust
} from '../../../../src/core/certification/verify_certificate';
import vector from '../../../vectors/mainnet_certificate.json';
import { certifiedTree, fork, labeled, leaf, leb128, SubnetKey, subnetTree, utf8 } from '../../../support/certificates';

const hex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array();
const minutes = (count: number): bigint => BigInt(count) * 60_000_000_000n;
const TAKEN_NS = BigInt(Date.parse(vector.taken_at)) * 1_000_000n;
const mainnet: Trust = {
    rootKeyDer: hex(vector.root_key_hex),
    canisterId: hex(vector.inner_canister_hex),
    nowNs: TAKEN_NS,
    maxAgeNs: minutes(5),
    maxAheadNs: minutes(5)
};
const real = hex(vector.certificate_hex);

const fault = (bytes: Uint8Array, trust: Trust): string => {
    const verified = verifyCertificate(bytes, trust);
    return verified.ok ? 'ok' : verified.error;
};

test('a certificate of the main network is verified through its delegation, and its content can be read', () => {
    const verified = verifyCertificate(real, mainnet);
    expect(verified.ok).toBe(true);
    if (!verified.ok) return;
    expect(new Date(Number(verified.value.timeNs / 1_000_000n)).toISOString().slice(0, 16)).toBe('2022-02-23T07:38');
    const request = hex('edad510eaaa08ed2acd4781324e6446269da6753ec17760f206bbe81c465ff52');
    const status = lookupLeaf(verified.value.tree, [utf8('request_status'), request, utf8('status')]);
    expect(new TextDecoder().decode(status)).toBe('rejected');
});

test('ranges: the first and the last canister of the subnet are its own, their neighbours are not', () => {
    const of = (canister: string): string => fault(real, { ...mainnet, canisterId: hex(canister) });
    expect([of(vector.first_canister_hex), of(vector.last_canister_hex)]).toEqual(['ok', 'ok']);
    expect([of(vector.before_hex), of(vector.behind_hex)]).toEqual(['WrongSubnet', 'WrongSubnet']);
});

test('freshness: refused when older or newer than the verifier accepts', () => {
    expect(fault(real, { ...mainnet, nowNs: TAKEN_NS + minutes(6) })).toBe('Stale');
    expect(fault(real, { ...mainnet, nowNs: TAKEN_NS - minutes(6) })).toBe('FromTheFuture');
    expect(fault(real, { ...mainnet, nowNs: TAKEN_NS + minutes(6), maxAgeNs: minutes(7) })).toBe('ok');
});

test('a foreign root key, or something that is no key, verifies nothing', () => {
    expect(fault(real, { ...mainnet, rootKeyDer: new SubnetKey('other').der })).toBe('BadSignature');
    expect(fault(real, { ...mainnet, rootKeyDer: hex(vector.root_key_hex).slice(1) })).toBe('BadRootKey');
});

test('no single changed byte of a certificate leaves it valid', () => {
    fc.assert(
        fc.property(fc.nat(real.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
            const forged = real.slice();
            forged[at] = (forged[at] ?? 0) ^ flip;
            expect(fault(forged, mainnet)).not.toBe('ok');
        }),
        { numRuns: 60 }
    );
});

test('bytes that are no certificate are refused, whatever they are', () => {
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
            expect(fault(bytes, mainnet)).toBe('Malformed');
        })
    );
    expect(fault(real.slice(0, -1), mainnet)).toBe('Malformed');
    expect(parseCertificate(Uint8Array.of(...real, 0))).toBeUndefined();
});

const rootKey = new SubnetKey('root');
const subnetKey = new SubnetKey('subnet');
const subnetId = utf8('a subnet');
const canisterId = hex('00000000000000070101');
const NOW_NS = 1_800_000_000_000_000_000n;
const local: Trust = { ...mainnet, rootKeyDer: rootKey.der, canisterId, nowNs: NOW_NS };
const data = new Uint8Array(32).fill(7);
const state = certifiedTree(canisterId, data, NOW_NS);

test('certified data: of this canister, and of no other', () => {
    const bytes = rootKey.certificate(state);
    expect(verifyCertifiedData(bytes, local)).toEqual({ ok: true, value: { data, timeNs: NOW_NS } });
    const other = verifyCertifiedData(bytes, { ...local, canisterId: hex('00000000000000080101') });
    expect(other).toEqual({ ok: false, error: 'NoCertifiedData' });
});

test('delegations: by the root key alone, one deep, in either form of ranges', () => {
    const range = [hex('00000000000000000101'), hex('00000000000fffff0101')] as const;
    const delegate = (key: SubnetKey, sharded: boolean) => ({
        subnetId,
        certificate: key.certificate(subnetTree(subnetId, subnetKey, [range], sharded))
    });
    expect(fault(subnetKey.certificate(state, delegate(rootKey, false)), local)).toBe('ok');
    expect(fault(subnetKey.certificate(state, delegate(rootKey, true)), local)).toBe('ok');
    expect(fault(subnetKey.certificate(state, delegate(subnetKey, false)), local)).toBe('BadSignature');
    expect(fault(rootKey.certificate(state, delegate(rootKey, false)), local)).toBe('BadSignature');
    const tree = subnetTree(subnetId, subnetKey, [range]);
    const nested = { subnetId, certificate: rootKey.certificate(tree, delegate(rootKey, false)) };
    expect(fault(subnetKey.certificate(state, nested), local)).toBe('NestedDelegation');
});

test('a tree without a time is refused; a pruned tree has the digest of the whole', () => {
    expect(fault(rootKey.certificate(labeled('canister', leaf(data))), local)).toBe('NoTime');
    const whole = fork(labeled('a', leaf(data)), labeled('time', leaf(leb128(NOW_NS))));
    const verified = verifyCertificate(rootKey.certificate(whole), local);
    expect(verified.ok).toBe(true);
});
