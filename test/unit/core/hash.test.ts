import { sha256 as nobleSha256 } from '@noble/hashes/sha2';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/core/bytes';
import { sha224, sha256 } from '../../../src/core/hash';
import {
    compress,
    digestFromBytes,
    digestOf,
    digestOfDigest,
    digestToBytes,
    finishBlocks,
    INITIAL,
    prepare,
    compressPrepared
} from '../../../src/core/sha256';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** FIPS 180-4 examples (NIST CSRC "SHA256.pdf", "SHA2_Additional.pdf"). */
const FIPS: readonly (readonly [name: string, message: Uint8Array, digest: string])[] = [
    ['the empty message', ascii(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['one block', ascii('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
        'two blocks',
        ascii('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
        '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'
    ],
    ['one byte', Uint8Array.of(0xbd), '68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b'],
    [
        'four bytes',
        fromHex('c98c8e55') ?? ascii(''),
        '7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504'
    ],
    ['55 zeros', new Uint8Array(55), '02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7'],
    ['56 zeros', new Uint8Array(56), 'd4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb'],
    ['57 zeros', new Uint8Array(57), '65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785'],
    ['64 zeros', new Uint8Array(64), 'f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b'],
    ['1000 zeros', new Uint8Array(1000), '541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53'],
    [
        '1000 times 0x41',
        new Uint8Array(1000).fill(0x41),
        'c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4'
    ],
    ['a million zeros', new Uint8Array(1_000_000), 'd29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025']
];

test.each(FIPS)('FIPS 180-4: SHA-256 of %s', (_, message, digest) => {
    expect(toHex(sha256(message))).toBe(digest);
});

test('FIPS 180-4: SHA-224 of "abc"', () => {
    expect(toHex(sha224(ascii('abc')))).toBe('23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7');
});

test('any message, also one that is a window into a larger buffer, has the digest that @noble/hashes finds', () => {
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(40), (bytes, from) => {
            const window = bytes.subarray(Math.min(from, bytes.length));
            expect(toHex(sha256(window))).toBe(toHex(nobleSha256(window)));
        }),
        { numRuns: 500 }
    );
});

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => digestFromBytes(bytes));

test('digests of digests, kept states and prepared blocks give what hashing the bytes gives', () => {
    fc.assert(
        fc.property(digest, digest, (left, right) => {
            const bytes = new Uint8Array([...digestToBytes(left), ...digestToBytes(right)]);
            expect(finishBlocks(compress(INITIAL, left, right), 1)).toEqual(digestOf(bytes));
            expect(compressPrepared(INITIAL, prepare(left, right))).toEqual(compress(INITIAL, left, right));
            expect(digestOfDigest(left)).toEqual(digestOf(digestToBytes(left)));
            expect(digestFromBytes(bytes, 32)).toEqual(right);
        }),
        { numRuns: 300 }
    );
});
