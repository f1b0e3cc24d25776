/** Rows that the hub lays out by hand are what was stored, and those of schema 6 are read as they are. */
import fc from 'fast-check';
import * as books from '../../../canisters/hub/book_codecs';
import { ORIGINS } from '../../../canisters/hub/domain/api_keys';
import { FINAL_STATUSES, type CallRequest } from '../../../canisters/hub/domain/requests';
import { callRequestCodec, rowOfSix } from '../../../canisters/hub/request_codec';
import {
    codecOf,
    CorruptBytes,
    nat,
    principal,
    record,
    u64,
    ValueOutOfRange,
    type Codec
} from '../../../src/core/codec';
import { anyHash, anyPrincipal, anyText, anyU64, maybe, plain } from '../../support/arbitraries';

/** Ids of schema 6 count from 1: the highest byte of none of them is set. */
const anyId = fc.bigInt({ min: 1n, max: (1n << 56n) - 1n });

const anyRequest: fc.Arbitrary<CallRequest> = fc.record({
    requestId: anyId,
    owner: anyPrincipal,
    keyHash: maybe(anyHash),
    origin: fc.constantFrom(...ORIGINS),
    appId: anyText,
    creditsHeld: anyU64,
    openedAtNs: anyU64,
    nodes: maybe(fc.array(anyPrincipal, { maxLength: 50 })),
    purse: maybe(anyPrincipal),
    outcome: maybe(
        fc.record({
            node: maybe(anyPrincipal),
            status: fc.constantFrom(...FINAL_STATUSES),
            creditsUsed: anyU64,
            receipt: maybe(fc.uint8Array({ maxLength: 44 })),
            closedAtNs: anyU64,
            window: anyU64
        })
    )
});

test('any request comes back as it was stored, now and by schema 6', () => {
    fc.assert(
        fc.property(anyRequest, (request) => {
            const rows = [callRequestCodec.encode(request), rowOfSix.encode(request)];
            for (const row of rows) expect(plain(callRequestCodec.decode(row))).toEqual(plain(request));
        }),
        { numRuns: 300 }
    );
});

test('a row of a request that is too long, or of no known status, is corrupt', () => {
    const [request] = fc.sample(anyRequest, { numRuns: 1, seed: 1 });
    if (request === undefined) throw new CorruptBytes('a sample', 0);
    const row = callRequestCodec.encode({ ...request, outcome: undefined });
    expect(() => callRequestCodec.decode(Uint8Array.from([...row, 0]))).toThrow(CorruptBytes);
    const unknown = row.slice();
    unknown[1] = 9;
    expect(() => callRequestCodec.decode(unknown)).toThrow(CorruptBytes);
});

test('what does not fit a row of a request is refused, and not cut', () => {
    const [request] = fc.sample(anyRequest, { numRuns: 1, seed: 1 });
    if (request === undefined) throw new CorruptBytes('a sample', 0);
    const refused = [
        { ...request, keyHash: new Uint8Array(31) },
        { ...request, appId: 'x'.repeat(9_000) }
    ];
    for (const wrong of refused) expect(() => callRequestCodec.encode(wrong)).toThrow(ValueOutOfRange);
});

/** Values come back, and the bytes are those that composed fields write. */
function expectSameBytes<T>(codec: Codec<T>, composed: Codec<T>, value: T): void {
    const row = codec.encode(value).slice();
    expect(row).toEqual(composed.encode(value));
    expect(plain(codec.decode(row))).toEqual(plain(value));
}

test('rows of accounts, of keys and of nodes have the bytes that schema 6 wrote', () => {
    const numbers = fc.array(anyU64, { minLength: 5, maxLength: 5 });
    fc.assert(
        fc.property(numbers, ([a = 0n, b = 0n, c = 0n, d = 0n, e = 0n]) => {
            expectSameBytes(
                books.creditAccountCodec,
                codecOf(record({ bought: u64, available: u64, held: u64, spent: u64, withdrawn: u64 })),
                { bought: a, available: b, held: c, spent: d, withdrawn: e }
            );
            expectSameBytes(
                books.keyUseCodec,
                codecOf(record({ minuteNs: u64, requests: u64, held: u64, spent: u64 })),
                { minuteNs: a, requests: b, held: c, spent: d }
            );
            expectSameBytes(
                books.nodeUsageCodec,
                codecOf(record({ records: u64, successes: u64, credits: u64, cancelledCredits: u64, returned: u64 })),
                { records: a, successes: b, credits: c, cancelledCredits: d, returned: e }
            );
        })
    );
});

test('sums of windows and of pairs come back, now and by schema 6', () => {
    const sumsOfSix = codecOf(
        record({ records: u64, successes: u64, credits: u64, cancelledCredits: u64, marketE8s: nat })
    );
    const amountsOfSix = codecOf(record({ fresh: u64, carried: u64, marketE8s: nat }));
    fc.assert(
        fc.property(fc.array(anyU64, { minLength: 5, maxLength: 5 }), ([a = 0n, b = 0n, c = 0n, d = 0n, e = 0n]) => {
            const sums = { records: a, successes: b, credits: c, cancelledCredits: d, marketE8s: e };
            for (const codec of [books.windowSumsCodec, sumsOfSix]) {
                expect(books.windowSumsCodec.decode(codec.encode(sums).slice())).toEqual(sums);
            }
            const amounts = { fresh: a, carried: b, marketE8s: c };
            for (const codec of [books.pairAmountsCodec, amountsOfSix]) {
                expect(books.pairAmountsCodec.decode(codec.encode(amounts).slice())).toEqual(amounts);
            }
        })
    );
});

test('an amount of money above 64 bits is refused, and not cut', () => {
    const marketE8s = 1n << 64n;
    expect(() => books.pairAmountsCodec.encode({ fresh: 0n, carried: 0n, marketE8s })).toThrow(ValueOutOfRange);
});

test('keys of windows have the bytes that schema 6 wrote, and each has a name of its own', () => {
    const anyKey = fc.record({ window: anyU64, node: anyPrincipal, buyer: anyPrincipal });
    const names = new Map<string, string>();
    fc.assert(
        fc.property(fc.array(anyKey, { minLength: 1, maxLength: 4 }), (keys) => {
            for (const key of keys) {
                const { window, node } = key;
                const pair = books.pairInWindowKey.encode(key);
                expectSameBytes(
                    books.nodeInWindowKey,
                    codecOf(record<typeof key>({ window: u64, node: principal } as never)),
                    { window, node } as never
                );
                expectSameBytes(
                    books.pairInWindowKey,
                    codecOf(record({ window: u64, node: principal, buyer: principal })),
                    key
                );
                const name = books.pairInWindowName(key);
                expect(names.get(name) ?? `${pair}`).toBe(`${pair}`);
                names.set(name, `${pair}`);
            }
        })
    );
    expect(new Set(names.values()).size).toBe(names.size);
});
