/** Vectors of ICRC-3's HASHINGVALUES.md and of the interface specification, and further ones of ledger.md §3.1. */
import { fromHex, toHex } from '../../../../src/core/bytes';
import { hashValue } from '../../../../src/core/icrc3/hash';
import { decodeUnsigned, encodeSigned, encodeUnsigned } from '../../../../src/core/icrc3/leb128';
import type { Icrc3Value } from '../../../../src/core/icrc3/value';

const blob = (hex: string): Icrc3Value => ({ Blob: fromHex(hex) ?? [] });
const tail = 'ef0012340056789a00bcdef000012345678900abcdef01';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const VECTORS: readonly (readonly [name: string, value: Icrc3Value, digest: string])[] = [
    ['Nat 42', { Nat: 42n }, '684888c0ebb17f374298b65ee2807526c066094c701bcc7ebbe1c1095f494fc1'],
    ['Int 42', { Int: 42n }, '684888c0ebb17f374298b65ee2807526c066094c701bcc7ebbe1c1095f494fc1'],
    ['Int -42', { Int: -42n }, 'de5a6f78116eca62d7fc5ce159d23ae6b889b365a1739ad2cf36f925a140d0cc'],
    ['Text', { Text: 'Hello, World!' }, 'dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f'],
    ['Blob', blob('01020304'), '9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a'],
    [
        'Array',
        { Array: [{ Nat: 3n }, { Text: 'foo' }, blob('0506')] },
        '514a04011caa503990d446b7dec5d79e19c221ae607fb08b2848c67734d468d6'
    ],
    [
        'Map of a transfer',
        {
            Map: [
                ['from', blob(`00abcd${tail}`)],
                ['to', blob(`00ab0d${tail}`)],
                ['amount', { Nat: 42n }],
                ['created_at', { Nat: 1699218263n }],
                ['memo', { Nat: 0n }]
            ]
        },
        'c56ece650e1de4269c5bdeff7875949e3e2033f85b2d193c2ff4f7f78bdcfc75'
    ],
    [
        'Map of a request',
        {
            Map: [
                ['request_type', { Text: 'call' }],
                ['canister_id', blob('00000000000004d2')],
                ['method_name', { Text: 'hello' }],
                ['arg', blob('4449444c00fd2a')]
            ]
        },
        '8781291c347db32a9d8c10eb62b710fce5a93be676474c42babc74c51858f94b'
    ],
    ['Nat 0', { Nat: 0n }, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    ['Nat 2^64', { Nat: 2n ** 64n }, '44ab025a31ea1fb75b3de5f3c0196c43a860b7b2c4762700a612232b5cd3b944'],
    ['Nat 2^128', { Nat: 2n ** 128n }, 'fba8b7e74908148f21d30595a2887c262a3943088340534829c6588fe3f7ff80'],
    ['Nat 64', { Nat: 64n }, 'c3641f8544d7c02f3580b07c0f9887f0c6a27ff5ab1d4a3e29caf197cfc299ae'],
    ['Int 64', { Int: 64n }, 'e9aff84fdb699ca706c0a1fed47bb095cb25e3c95aa5d1c5d216ff2cfbcd4998'],
    ['Array []', { Array: [] }, EMPTY],
    ['Map []', { Map: [] }, EMPTY],
    ['Text ""', { Text: '' }, EMPTY],
    ['Blob ""', { Blob: [] }, EMPTY]
];

test.each(VECTORS)('ICRC-3: the hash of %s', (_, value, digest) => {
    expect(toHex(hashValue(value))).toBe(digest);
});

test('the order of a map changes nothing, the order of an array does', () => {
    const items: Icrc3Value[] = [{ Nat: 1n }, { Nat: 2n }];
    const entries: [string, Icrc3Value][] = [
        ['a', { Nat: 1n }],
        ['b', { Nat: 2n }]
    ];
    expect(hashValue({ Map: entries })).toEqual(hashValue({ Map: [...entries].reverse() }));
    expect(hashValue({ Array: items })).not.toEqual(hashValue({ Array: [...items].reverse() }));
});

test.each([
    [0n, '00'],
    [127n, '7f'],
    [128n, '8001'],
    [624485n, 'e58e26'],
    [1677770607672807382n, 'd69fb7e7a7efa8a417'],
    [2n ** 64n - 1n, 'ffffffffffffffffff01'],
    [2n ** 128n, `${'80'.repeat(18)}04`]
])('unsigned LEB128 of %s', (value, hex) => {
    expect(toHex(encodeUnsigned(value))).toBe(hex);
    expect(decodeUnsigned(fromHex(hex) ?? new Uint8Array())).toBe(value);
});

test.each([
    [-123456n, 'c0bb78'],
    [-1n, '7f'],
    [63n, '3f'],
    [64n, 'c000'],
    [-64n, '40'],
    [-65n, 'bf7f']
])('signed LEB128 of %s', (value, hex) => expect(toHex(encodeSigned(value))).toBe(hex));

test.each(['', '80', '8000', '0100', '8080'])('"%s" is no shortest unsigned LEB128 number', (hex) => {
    expect(decodeUnsigned(fromHex(hex) ?? new Uint8Array())).toBeUndefined();
});
