/** Blocks and their hash chain against what the official ledger produced (ledger.md §3.2 and §3.3). */
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import type { Account } from '../../../src/core/account';
import { fromHex, toHex } from '../../../src/core/bytes';
import { decodeBlock } from '../../../src/core/icrc3/block';
import { hashValue } from '../../../src/core/icrc3/hash';
import { decodeTipTree, encodeTipTree, tipRoot } from '../../../src/core/icrc3/tip';
import { accountValue, type Icrc3Value } from '../../../src/core/icrc3/value';
import { verifyChain } from '../../../src/core/icrc3/verify';
import { digestFromBytes, digestToBytes } from '../../../src/core/sha256';
import { digestOfBlock, freshDigests, KEYS_IN_ORDER } from '../../../canisters/token_icrc1/domain/block_digest';
import { blockValue } from '../../../canisters/token_icrc1/domain/block_value';
import { blockCodec, blockOf } from '../../../canisters/token_icrc1/domain/journal';
import { transactionCodec, type Transaction } from '../../../canisters/token_icrc1/domain/transaction';
import { aStoredBlock } from './arbitraries';
import { ALICE, BOB, CAROL, subaccount, T0, TestLedger } from './fixture';

const hex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array();
const raw = (owner: string): Account => ({ owner: Principal.fromUint8Array(hex(owner)) });
const [A, B, C, OFFICIAL_MINTER] = [raw('010101'), raw('020202'), raw('030303'), raw('aa01')];
const SECOND = 1_000_000_000n;

const OFFICIAL_HASHES = [
    'e6365e8a5463f98d2265d17cb2554b12132283fe6f6220851bfea0e3f09fa3b6',
    'df054018c0bf27f8c6effb1a02c8d4afed967046f9a1102a393bb5eb958a2969',
    'abca177138ccfdabfc4d710887e4897f474be2507adab1f5aec913f28e406493',
    '9c72267dfc31fe7a411e4f6da49a96a22d7eff74d1e8c35d322629c25a4b8ba2',
    '995c1fecab4ce456aa6e51947ed3c36a98dc97f225aa636c7ea6a95a085bcd29',
    'fbb6c2fe35d53e4249abb9c588832a56bf64cc4bbdd2486f97ef94e9b3cfb8e6',
    '22efb49bff7a80915cf5eeed15b269caeb79120adc44dfb53246321b993e9f57',
    '0ddb4e99b9561b84f980f1882b64c9f908d8e70ab9bedcdc3cfdc1cc826cb773',
    '250a2d8329d926e13d516422b93e13a018c505db1f77da04350dbd3e9634ad46'
];

/** The requests of ledger.md §3.2, one block each. */
function officialLedger(): TestLedger {
    const ledger = new TestLedger({ mintingAccount: OFFICIAL_MINTER });
    ledger.storage.ledger.grant(A, 1_000_000_000n, T0);
    const at = (seconds: bigint) => (ledger.nowNs = T0 + seconds * SECOND);
    const done = (result: { ok: boolean }) => expect(result.ok).toBe(true);
    at(1n);
    done(ledger.transfer({ from: A, to: B, amount: 100_000n }));
    const createdAtNs = at(2n);
    const toSeven = { ...B, subaccount: subaccount(7) };
    done(ledger.transfer({ from: A, to: toSeven, amount: 100_000n, fee: 10_000n, memo: hex('010203'), createdAtNs }));
    const now = at(3n);
    done(ledger.transfer({ from: OFFICIAL_MINTER, to: C, amount: 5n }));
    done(ledger.transfer({ from: A, to: OFFICIAL_MINTER, amount: 10_000n }));
    done(ledger.approve({ from: A, spender: B, amount: 500_000n }));
    const limits = { expectedAllowance: 500_000n, expiresAtNs: now + 3_600n * SECOND };
    const named = { fee: 10_000n, memo: hex('09'), createdAtNs: now };
    done(ledger.approve({ from: A, spender: B, amount: 500_000n, ...limits, ...named }));
    done(ledger.transferFrom({ spender: B, from: A, to: C, amount: 50_000n }));
    done(ledger.transferFrom({ spender: B, from: A, to: OFFICIAL_MINTER, amount: 50_000n }));
    return ledger;
}

const numbered = (ledger: TestLedger) =>
    Array.from({ length: Number(ledger.blocks()) }, (_, i) => {
        const block = ledger.block(BigInt(i));
        if (block === undefined) throw new Error(`block ${i} is missing`);
        return { id: BigInt(i), block: blockValue(block, ledger.storage.books.chain.hashOf(BigInt(i) - 1n)) };
    });

test('the chain of the official ledger, block for block', () => {
    const ledger = officialLedger();
    const { chain } = ledger.storage.books;
    expect(chain.extend()).toBe(true);
    expect(OFFICIAL_HASHES.map((_, i) => toHex(chain.hashOf(BigInt(i)) ?? new Uint8Array()))).toEqual(OFFICIAL_HASHES);
    expect(numbered(ledger).map(({ block }) => toHex(hashValue(block)))).toEqual(OFFICIAL_HASHES);
    expect(toHex(chain.root() ?? new Uint8Array())).toBe(
        'a4e29f8eecfed778ee8d20c0dff2cdee4003cc553d5561ec71ae3718417ed5f6'
    );
});

test('the tip tree has the official form', () => {
    const tip = { index: 8n, hash: hex(OFFICIAL_HASHES[8] ?? '') };
    const label = (text: string): string => toHex(new TextEncoder().encode(text));
    const expected = `830183024f${label('last_block_hash')}82035820${OFFICIAL_HASHES[8]}830250${label('last_block_index')}82034108`;
    expect(toHex(encodeTipTree(tip))).toBe(expected);
    expect(decodeTipTree(encodeTipTree(tip))).toEqual({ tip, root: tipRoot(tip) });
    const genesis = { index: 0n, hash: hex(OFFICIAL_HASHES[0] ?? '') };
    expect(toHex(tipRoot(genesis))).toBe('51116d7e579ceebe2d0f2992095dfb1adf309bba1d53735a6a4a29c842f422bf');
});

test('a fee is at the top of a block exactly when the transaction does not name it', () => {
    const [, plain, full] = numbered(officialLedger()).map(({ block }) => decodeBlock(block));
    expect(plain).toMatchObject({ value: { type: '1xfer', fee: 10_000n, from: A, to: B } });
    expect(full).toMatchObject({ value: { fee: 10_000n, memo: hex('010203'), to: { subaccount: subaccount(7) } } });
});

const stored = (transaction: Transaction, tsNs: bigint): Uint8Array =>
    blockCodec.encode({ tsNs, minted: 0n, burned: 0n, transaction: transactionCodec.encode(transaction) });

test('ICRC-107: blocks of the fee collector have the hashes of ledger.md §3.2', () => {
    const parent = Uint8Array.from({ length: 32 }, (_, i) => i);
    const feeCollector = {
        ...raw('000000000200010d0101'),
        subaccount: hex('06eccd3a97fba85fbc8da33e5dbabc2f3869605dc7a1c9531f70a366c5a7e421')
    };
    const caller = raw('00000000000000000101').owner;
    const set = { kind: 'fee_collector' as const, caller, feeCollector, createdAtNs: 1750951727000000000n };
    const burn = { kind: 'fee_collector' as const, caller, createdAtNs: 1750951728000000000n };
    const hashes: readonly (readonly [Uint8Array, string])[] = [
        [stored(set, 1741312737184874392n), 'af61599db6ed623c7e252c2ecd40a2ade8c0fefd05fc31fc50545ca9804d3a8d'],
        [stored(burn, 1n), '51e039130c809394cc2fa903682a70abbc09ca602391db92c8f1c578e7375c2e']
    ];
    for (const [bytes, hash] of hashes) {
        const digest = digestOfBlock(bytes, digestFromBytes(parent), freshDigests);
        expect(toHex(digestToBytes(digest))).toBe(hash);
        expect(toHex(hashValue(blockValue(blockOf(bytes), parent)))).toBe(hash);
    }
});

test('the keys of blocks are added in the order of their digests', () => {
    const digests = KEYS_IN_ORDER.map((key) => toHex(hashValue({ Text: key })));
    expect(digests).toEqual([...digests].sort());
});

test('any stored block has the hash of its ICRC-3 value, and its value can be read back', () => {
    const parents = fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined });
    fc.assert(
        fc.property(aStoredBlock, parents, (bytes, parent) => {
            const block = blockOf(bytes);
            const value = blockValue(block, parent);
            const digest = digestOfBlock(bytes, parent && digestFromBytes(parent), freshDigests);
            expect(toHex(digestToBytes(digest))).toBe(toHex(hashValue(value)));
            expect(decodeBlock(value)).toMatchObject({ ok: true, value: { tsNs: block.tsNs, parentHash: parent } });
        }),
        { numRuns: 500 }
    );
});

test('the chain may come in any batches, over upgrades, and answers the same', () => {
    const whole = new TestLedger().with(ALICE, 1_000_000_000n);
    const pieces = new TestLedger().with(ALICE, 1_000_000_000n);
    for (let i = 0n; i < 100n; i++) {
        for (const ledger of [whole, pieces])
            ledger.transfer({ from: ALICE, to: i % 3n === 0n ? BOB : CAROL, amount: i });
        if (i % 7n === 0n) pieces.storage.books.chain.extend(1n + (i % 11n));
        if (i % 13n === 0n) pieces.upgrade();
    }
    while (pieces.storage.books.chain.extend(9n));
    whole.storage.books.chain.extend();
    expect(pieces.storage.books.chain.backlog()).toBe(0n);
    expect(pieces.storage.books.chain.root()).toEqual(whole.storage.books.chain.root());
    expect(numbered(pieces)).toEqual(numbered(whole));
    const { chain } = pieces.storage.books;
    expect(verifyChain(numbered(pieces), chain.tip())).toEqual({ ok: true, value: chain.tip()?.hash });
});

test('a chain that was tampered with is found out', () => {
    const ledger = officialLedger();
    ledger.storage.books.chain.extend();
    const blocks = numbered(ledger);
    const tip = ledger.storage.books.chain.tip();
    const forged: Icrc3Value = { Map: [['tx', accountValue(A)]] };
    expect(verifyChain(blocks.toSpliced(3, 1), tip)).toMatchObject({ error: { kind: 'gap', id: 4n } });
    expect(verifyChain(blocks.with(3, { id: 3n, block: forged }), tip)).toMatchObject({
        error: { kind: 'other_parent' }
    });
    expect(verifyChain(blocks.with(8, { id: 8n, block: blocks[7]?.block ?? forged }), tip)).toMatchObject({
        ok: false
    });
    expect(verifyChain(blocks, tip && { ...tip, hash: new Uint8Array(32) })).toEqual({
        ok: false,
        error: { kind: 'other_tip', id: 8n }
    });
    expect(verifyChain(blocks.slice(4, 6), undefined, ledger.storage.books.chain.hashOf(3n)).ok).toBe(true);
    expect(verifyChain(blocks.slice(4, 6), undefined, ledger.storage.books.chain.hashOf(2n)).ok).toBe(false);
});
