import { accountToText } from '../../../src/core/account';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { DEFAULT_PROFILE, S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { profileGrants } from '../../../canisters/token_icrc1/domain/genesis';
import { chooseGenesis, chooseSettings } from '../../../canisters/token_icrc1/domain/installation';
import { metadataOf } from '../../../canisters/token_icrc1/domain/metadata';
import { readHistory } from '../../../canisters/token_icrc1/domain/log_reader';
import { changeSettings, DEFAULT_SETTINGS } from '../../../canisters/token_icrc1/domain/token';
import { account, ALICE, BOB, MINTER, person, refused, subaccount, T0, TestLedger } from './fixture';

const REWARDS = person(0x77);

test.each([
    [S2_2100M, 210_000_000_000_000_000n],
    [S3_1000M, 100_000_000_000_000_000n]
])('AS-80: a profile mints its whole supply to public account and purses', (profile, supply) => {
    const ledger = new TestLedger();
    const { genesis } = ledger.storage;
    expect(genesis.plan(chooseGenesis({ profileId: profile.id }, ALICE), MINTER, T0).ok).toBe(true);
    expect(genesis.settle(undefined, MINTER, T0).ok).toBe(true);
    expect([genesis.isDone(), ledger.supply()]).toEqual([false, 0n]);
    expect(genesis.settle(REWARDS, MINTER, T0 + 1n).ok).toBe(true);
    expect([genesis.isDone(), ledger.supply()]).toEqual([true, supply]);
    for (const { pool, amountE8s } of profile.allocations) {
        expect(ledger.balance(pool === 'public' ? ALICE : purseAccount(REWARDS, pool))).toBe(amountE8s);
    }
    expect(ledger.blocks()).toBe(BigInt(profile.allocations.length));
    expect(ledger.block(0n)).toMatchObject({ tsNs: T0 + 1n, transaction: { kind: 'mint', createdAtNs: T0 + 1n } });
});

test('T2: the supply is minted once, whoever the rewards canister becomes later', () => {
    const ledger = new TestLedger();
    const { genesis } = ledger.storage;
    genesis.plan(chooseGenesis({}, ALICE), MINTER, T0);
    genesis.settle(REWARDS, MINTER, T0);
    expect(genesis.settle(person(0x78), MINTER, T0).ok).toBe(true);
    expect(ledger.supply()).toBe(DEFAULT_PROFILE.totalSupplyE8s);
    expect(ledger.blocks()).toBe(BigInt(DEFAULT_PROFILE.allocations.length));
});

test('AS-80: allocations that do not add up to the supply are refused', () => {
    const broken = { ...S2_2100M, totalSupplyE8s: 1n };
    expect(profileGrants(broken, ALICE, REWARDS)).toMatchObject({ error: { kind: 'allocation_mismatch' } });
});

test('named balances replace the profile; spellings of one account add up and zero makes a block', () => {
    const ledger = new TestLedger();
    const { genesis } = ledger.storage;
    const grants = [
        { to: ALICE, amount: 5n },
        { to: { ...ALICE, subaccount: subaccount(0) }, amount: 6n },
        { to: BOB, amount: 0n }
    ];
    expect(genesis.plan(chooseGenesis({ grants }, BOB), MINTER, T0).ok).toBe(true);
    expect(genesis.isDone()).toBe(true);
    expect([ledger.balance(ALICE), ledger.balance(BOB), ledger.blocks(), ledger.supply()]).toEqual([11n, 0n, 3n, 11n]);
});

test('an unknown profile and tokens for the minting account are refused before anything is minted', () => {
    const ledger = new TestLedger();
    const { genesis } = ledger.storage;
    expect(genesis.plan({ kind: 'profile', profileId: 'nope', publicAccount: ALICE }, MINTER, T0)).toEqual(
        refused({ kind: 'unknown_profile', profileId: 'nope' })
    );
    expect(genesis.plan(chooseGenesis({}, MINTER), MINTER, T0)).toEqual(refused({ kind: 'grant_to_minter' }));
    const grants = [
        { to: ALICE, amount: 5n },
        { to: { ...MINTER, subaccount: subaccount(0) }, amount: 1n }
    ];
    expect(genesis.plan({ kind: 'balances', grants }, MINTER, T0)).toEqual(refused({ kind: 'grant_to_minter' }));
    expect([ledger.blocks(), ledger.supply(), genesis.isDone()]).toEqual([0n, 0n, false]);
});

test('the default minting account is the ledger itself', () => {
    const settings = chooseSettings({}, { owner: person(9) });
    expect(settings).toMatchObject({ ok: true, value: { symbol: 'EMC', decimals: 8, fee: 100_000n } });
    expect(settings.ok && accountToText(settings.value.mintingAccount)).toBe(person(9).toText());
});

const settings = { ...DEFAULT_SETTINGS, mintingAccount: MINTER };
const entry = (key: string) => ({ key, value: { kind: 'text' as const, value: 'x' } });

test.each(['icrc1:name', 'icrc1:fee', 'icrc1:max_memo_length', 'icrc103:max_take_value', 'icrc106:index_principal'])(
    'metadata key %s is reserved',
    (key) => {
        expect(chooseSettings({ metadata: [entry(key)] }, MINTER)).toEqual(
            refused({ kind: 'reserved_metadata_key', key })
        );
    }
);

test('metadata keys need a namespace and may not repeat', () => {
    expect(chooseSettings({ metadata: [entry('logo')] }, MINTER)).toMatchObject({
        error: { kind: 'malformed_metadata_key' }
    });
    expect(chooseSettings({ metadata: [entry('a:b'), entry('a:b')] }, MINTER)).toMatchObject({
        error: { kind: 'repeated_metadata_key' }
    });
});

test('metadata repeats the endpoints after its own entries', () => {
    expect(metadataOf({ ...settings, metadata: [entry('icrc1:logo')] }, person(9)).map(({ key }) => key)).toEqual([
        'icrc1:logo',
        'icrc1:decimals',
        'icrc1:name',
        'icrc1:symbol',
        'icrc1:fee',
        'icrc1:max_memo_length',
        'icrc103:public_allowances',
        'icrc103:max_take_value',
        'icrc106:index_principal'
    ]);
});

test('an upgrade changes what it names, and the memo limit only grows', () => {
    expect(changeSettings(settings, { name: 'N', fee: 1n })).toEqual({
        ok: true,
        value: { ...settings, name: 'N', fee: 1n }
    });
    const larger = changeSettings(settings, { maxMemoBytes: 64 });
    expect(larger.ok && changeSettings(larger.value, { maxMemoBytes: 63 })).toEqual(
        refused({ kind: 'memo_limit_shrinks', current: 64 })
    );
    expect(chooseSettings({ maxMemoBytes: 31 }, MINTER)).toEqual(refused({ kind: 'memo_limit_too_small' }));
});

test('settings survive their stored form, with every kind of metadata', () => {
    const metadata = [
        { key: 'a:nat', value: { kind: 'nat', value: 2n ** 80n } },
        { key: 'a:int', value: { kind: 'int', value: -(2n ** 70n) } },
        { key: 'a:text', value: { kind: 'text', value: 'ä' } },
        { key: 'a:blob', value: { kind: 'blob', value: Uint8Array.of(1, 2) } }
    ] as const;
    const ledger = new TestLedger({ metadata, mintingAccount: account(0xaa, 1) });
    ledger.upgrade();
    expect(ledger.storage.books.token.settings()).toEqual({
        ...settings,
        fee: 10_000n,
        mintingAccount: account(0xaa, 1),
        metadata
    });
});

test('the log is read in pages, clipped to what exists, for ranges of any size', () => {
    const ledger = new TestLedger();
    for (let i = 0n; i < 7n; i++) ledger.with(ALICE, i);
    const { journal } = ledger.storage.books;
    const page = readHistory(journal, { start: 5n, length: 2n ** 70n });
    expect([page.logLength, page.firstIndex]).toEqual([7n, 5n]);
    expect(page.blocks.map(({ transaction }) => transaction)).toMatchObject([{ amount: 5n }, { amount: 6n }]);
    expect(readHistory(journal, { start: 2n ** 70n, length: 1n }).blocks).toEqual([]);
    expect(readHistory(journal, { start: 0n, length: 0n }).blocks).toEqual([]);
});
