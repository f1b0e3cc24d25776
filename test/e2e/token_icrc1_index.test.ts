/** The ledger as its own index (ICRC-106), its lists of allowances (ICRC-103), its consent messages (ICRC-21). */
import { HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { IcrcIndexNgCanister, IcrcLedgerCanister } from '@dfinity/ledger-icrc';
import { Principal } from '@dfinity/principal';
import { newestIndex } from '../support/official_interface';
import { toPicPrincipal } from '../support/pic_actor';
import { initArgument, named, SingleLedger, type LedgerService } from '../support/single_ledger';

const ME = Ed25519KeyIdentity.generate(new Uint8Array(32).fill(3));
const ALICE = ME.getPrincipal();
const BOB = named('bob');
const CAROL = named('carol');

type Account = Parameters<LedgerService['icrc1_balance_of']>[0];
const sub = (last: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? last : 0));
const of = (owner: Principal, subaccount?: number): Account => ({
    owner,
    subaccount: subaccount === undefined ? [] : [sub(subaccount)]
});
const payment = (to: Account, amount: bigint, from?: number) => ({
    from_subaccount: (from === undefined ? [] : [sub(from)]) as [] | [Uint8Array],
    to,
    amount,
    fee: [] as [],
    memo: [] as [],
    created_at_time: [] as []
});
const approval = (spender: Account, amount: bigint, fields: object = {}) => ({
    from_subaccount: [] as [],
    spender,
    amount,
    expected_allowance: [] as [],
    expires_at: [] as [] | [bigint],
    fee: [] as [],
    memo: [] as [],
    created_at_time: [] as [],
    ...fields
});

let ledger: SingleLedger;
beforeAll(async () => {
    ledger = await SingleLedger.install(initArgument({ initial_balances: [[[of(ALICE), 100_000_000_000n]]] }));
});
afterAll(() => ledger.close());
const anyone = (): LedgerService => ledger.as(named('anyone'));
const alice = (): LedgerService => ledger.as(ALICE);
const done = (result: object): void => expect(result).toHaveProperty('Ok');

async function history(account: Account, max = 100n, start?: bigint) {
    const answer = await anyone().get_account_transactions({
        account,
        start: start === undefined ? [] : [start],
        max_results: max
    });
    if (!('Ok' in answer)) throw new Error(answer.Err.message);
    const { balance, oldest_tx_id, transactions } = answer.Ok;
    return { balance, oldest: oldest_tx_id[0], ids: transactions.map(({ id }) => id), transactions };
}

test('the index is the ledger, and says so in every place that wallets look at', async () => {
    expect(await anyone().icrc106_get_index_principal()).toEqual({ Ok: ledger.id });
    expect(new Map(await anyone().icrc1_metadata()).get('icrc106:index_principal')).toEqual({
        Text: ledger.id.toText()
    });
    expect(await anyone().ledger_id()).toEqual(ledger.id);
    expect(await anyone().status()).toEqual({ num_blocks_synced: 1n });
});

test('a history is newest first, in pages, and knows every part that an account played', async () => {
    done(await alice().icrc1_transfer(payment(of(BOB), 10_000_000n)));
    done(await alice().icrc1_transfer(payment(of(ALICE), 1n)));
    done(await alice().icrc2_approve(approval(of(CAROL), 5_000_000n)));
    const pull = { spender_subaccount: [] as [], fee: [] as [], memo: [] as [], created_at_time: [] as [] };
    done(await ledger.as(CAROL).icrc2_transfer_from({ ...pull, from: of(ALICE), to: of(BOB), amount: 7n }));
    done(await ledger.as(BOB).icrc1_transfer(payment(of(ledger.id), 100_000n)));
    expect((await history(of(ALICE))).ids).toEqual([4n, 3n, 2n, 1n, 0n]);
    expect((await history(of(BOB))).ids).toEqual([5n, 4n, 1n]);
    expect((await history(of(CAROL))).ids).toEqual([4n, 3n]);
    expect((await history(of(ledger.id))).ids).toEqual([]);
    expect(await history(of(ALICE), 2n, 3n)).toMatchObject({ ids: [2n, 1n], oldest: 0n });
    expect((await history(of(ALICE), 2n ** 70n, 0n)).ids).toEqual([]);
    expect((await history(of(ALICE), 0n)).balance).toBe(await anyone().icrc1_balance_of(of(ALICE)));
    const { transactions } = await history(of(BOB));
    expect(transactions.map(({ transaction }) => transaction.kind)).toEqual(['burn', 'transfer', 'transfer']);
    expect(await history(of(named('nobody')))).toMatchObject({ balance: 0n, oldest: undefined, ids: [] });
    const short = { owner: ALICE, subaccount: [new Uint8Array(31)] as [Uint8Array] };
    expect(await anyone().get_account_transactions({ account: short, start: [], max_results: 1n })).toHaveProperty(
        'Err'
    );
});

test('a client of the newest official index reads the same history', async () => {
    const [[method, type]] = newestIndex._fields as [[string, IDL.FuncClass]];
    const ask = { account: of(BOB), start: [], max_results: 100n };
    const call = { canisterId: toPicPrincipal(ledger.id), sender: toPicPrincipal(BOB), method };
    const answer = await ledger.pic.queryCall({ ...call, arg: new Uint8Array(IDL.encode(type.argTypes, [ask])) });
    const told = await anyone().get_account_transactions({ ...ask, start: [] });
    const [read] = IDL.decode(type.retTypes, answer);
    expect(read).toMatchObject(told);
    expect('Ok' in told && told.Ok.transactions.map(({ transaction }) => transaction.kind)).toContain('burn');
});

test('a long history stays complete over pages and upgrades', async () => {
    const payee = of(named('payee'));
    for (let i = 0; i < 70; i++) done(await alice().icrc1_transfer(payment(payee, 1n)));
    await ledger.upgrade();
    const { ids } = await history(payee, 100n);
    expect(ids).toHaveLength(70);
    expect(ids).toEqual([...ids].sort((a, b) => Number(b - a)));
    const pages: bigint[] = [];
    for (let start: bigint | undefined; ; start = pages.at(-1)) {
        const page = await history(payee, 9n, start);
        if (page.ids.length === 0) break;
        pages.push(...page.ids);
    }
    expect(pages).toEqual(ids);
});

test('subaccounts are listed in order, each once, from anywhere', async () => {
    for (const subaccount of [9, 3, 7, 3]) done(await alice().icrc1_transfer(payment(of(BOB, subaccount), 1n)));
    const list = (start?: number) =>
        anyone()
            .list_subaccounts({ owner: BOB, start: start === undefined ? [] : [sub(start)] })
            .then((subaccounts) => subaccounts.map((bytes) => Uint8Array.from(bytes)[31]));
    expect(await list()).toEqual([0, 3, 7, 9]);
    expect(await list(3)).toEqual([7, 9]);
    expect(await list(4)).toEqual([7, 9]);
    expect(await anyone().list_subaccounts({ owner: named('nobody'), start: [] })).toEqual([]);
});

test('ICRC-103: allowances in the order of the official ledger, paged, without those that count no more', async () => {
    const spender = (bytes: number[], subaccount?: number): Account =>
        of(Principal.fromUint8Array(Uint8Array.from(bytes)), subaccount);
    const owner = named('approver');
    for (const subaccount of [undefined, 1]) {
        done(await alice().icrc1_transfer(payment(of(owner, subaccount), 10_000_000n)));
    }
    const approve = (to: Account, fields: object = {}) => ledger.as(owner).icrc2_approve(approval(to, 5n, fields));
    const soon = (await ledger.nowNs()) + 60_000_000_000n;
    done(await approve(spender([3, 3, 3])));
    done(await approve(spender([0xaa, 1])));
    done(await approve(spender([4, 4])));
    done(await approve(spender([4, 4], 2)));
    done(await approve(spender([5]), { expires_at: [soon] }));
    done(await approve(spender([6]), { from_subaccount: [sub(1)] }));
    done(await approve(spender([7])));
    done(await approve(spender([7]), { amount: 0n }));
    const list = async (fields: object = {}, caller = owner) => {
        const args = { from_account: [], prev_spender: [], take: [], ...fields };
        const answer = await ledger.as(caller).icrc103_get_allowances(args as never);
        if (!('Ok' in answer)) throw new Error('refused');
        return answer.Ok.map(({ to_spender }) => to_spender);
    };
    const all = [
        spender([5]),
        spender([4, 4]),
        spender([4, 4], 2),
        spender([0xaa, 1]),
        spender([3, 3, 3]),
        spender([6])
    ];
    expect(await list()).toEqual(all);
    expect(await list({ from_account: [of(owner)] }, BOB)).toEqual(all);
    expect(await list({ from_account: [of(owner, 1)] })).toEqual(all.slice(5));
    expect(await list({ take: [0n] })).toEqual([]);
    expect(await list({ take: [2n] })).toEqual(all.slice(0, 2));
    expect(await list({ take: [2n ** 100n] })).toEqual(all);
    expect(await list({ prev_spender: [spender([4, 4])], take: [2n] })).toEqual(all.slice(2, 4));
    expect(await list({ prev_spender: [spender([4, 5])] })).toEqual(all.slice(3));
    expect(await list({ prev_spender: [spender([3, 3, 3])] })).toEqual(all.slice(5));
    await ledger.pic.advanceTime(60_000);
    await ledger.pic.tick();
    expect(await list()).toEqual(all.slice(1));
});

test('ICRC-103: at most 500 allowances at once, whatever is asked for, and the rest behind the last', async () => {
    const owner = named('generous');
    done(await alice().icrc1_transfer(payment(of(owner), 100_000_000n)));
    for (let i = 0; i < 501; i++) done(await ledger.as(owner).icrc2_approve(approval(of(named(`spender ${i}`)), 5n)));
    const list = async (fields: object) => {
        const args = { from_account: [of(owner)], prev_spender: [], take: [], ...fields };
        const answer = await anyone().icrc103_get_allowances(args as never);
        return 'Ok' in answer ? answer.Ok : [];
    };
    const all = await list({});
    expect(all).toHaveLength(500);
    expect(await list({ take: [2n ** 100n] })).toEqual(all);
    expect(await list({ prev_spender: [all.at(-1)!.to_spender] })).toHaveLength(1);
});

test('ICRC-103: accounts are shown in the spelling of the approval that came first', async () => {
    const owner = named('speller');
    done(await alice().icrc1_transfer(payment(of(owner), 10_000_000n)));
    const approve = async (to: Account, fields: object = {}) =>
        done(await ledger.as(owner).icrc2_approve(approval(to, 5n, fields)));
    const written = { from_subaccount: [sub(0)] };
    await approve(of(ALICE, 0), written);
    await approve(of(ALICE));
    await approve(of(BOB));
    await approve(of(BOB, 0), written);
    const answer = await ledger.as(owner).icrc103_get_allowances({ from_account: [], prev_spender: [], take: [] });
    const shown = 'Ok' in answer ? answer.Ok.map(({ from_account, to_spender }) => [from_account, to_spender]) : [];
    expect(shown).toHaveLength(2);
    expect(shown).toEqual(
        expect.arrayContaining([
            [of(owner, 0), of(ALICE, 0)],
            [of(owner), of(BOB)]
        ])
    );
});

test('ICRC-21: a message for a wallet, and refusals for what cannot be shown', async () => {
    const types = IDL.Record({
        to: IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) }),
        amount: IDL.Nat,
        fee: IDL.Opt(IDL.Nat)
    });
    const arg = (fee?: bigint) =>
        new Uint8Array(
            IDL.encode([types], [{ to: of(BOB), amount: 150_000_000n, fee: fee === undefined ? [] : [fee] }])
        );
    const ask = (method: string, bytes: Uint8Array, device: object[] = [], caller = ALICE) =>
        ledger.as(caller).icrc21_canister_call_consent_message({
            method,
            arg: bytes,
            user_preferences: {
                metadata: { language: 'de', utc_offset_minutes: [60] },
                device_spec: device as never
            }
        });
    const answer = await ask('icrc1_transfer', arg());
    expect(answer).toMatchObject({ Ok: { metadata: { language: 'en', utc_offset_minutes: [60] } } });
    const text =
        'Ok' in answer && 'GenericDisplayMessage' in answer.Ok.consent_message
            ? answer.Ok.consent_message.GenericDisplayMessage
            : '';
    expect(text).toContain(`**From:**\n\`${ALICE.toText()}\`\n\n**Amount:** \`1.5 EMC\``);
    const anonymous = await ask('icrc1_transfer', arg(), [{ FieldsDisplay: null }], Principal.anonymous());
    expect(anonymous).toMatchObject({
        Ok: { consent_message: { FieldsDisplayMessage: { intent: 'Send EdgeMatrix Computing' } } }
    });
    const refusal = async (method: string, bytes: Uint8Array) => {
        const refused = await ask(method, bytes);
        return 'Err' in refused && 'UnsupportedCanisterCall' in refused.Err
            ? refused.Err.UnsupportedCanisterCall.description
            : undefined;
    };
    expect(await refusal('icrc1_transfer', arg(1n))).toBe(
        'The fee specified in the arguments (1) is different than the ledger fee (100_000)'
    );
    expect(await refusal('icrc1_transfer', new Uint8Array(501))).toBe(
        'The argument size is too large. The maximum allowed size is 500 bytes.'
    );
    expect(await refusal('icrc1_transfer', new Uint8Array(3))).toMatch(/^Failed to decode TransferArg: /);
    expect(await refusal('icrc2_approve', arg())).toMatch(/^Failed to decode ApproveArgs: /);
    expect(await refusal('transfer', arg())).toBe('transfer args should be provided');
    expect(await refusal('foo', arg())).toBe(
        'The function provided is not supported: foo.\n Supported functions for ICRC-21 are: ' +
            '["icrc1_transfer", "icrc2_approve", "icrc2_transfer_from", "transfer"].\n Error is: VariantNotFound'
    );
});

test('standards: the same two lists, and a logo that wallets load', async () => {
    const standards = await anyone().icrc1_supported_standards();
    expect(standards).toEqual(await anyone().icrc10_supported_standards());
    expect(standards.map(({ name }) => name)).toEqual([
        'ICRC-1',
        'ICRC-2',
        'ICRC-3',
        'ICRC-10',
        'ICRC-21',
        'ICRC-103',
        'ICRC-106',
        'ICRC-107'
    ]);
    const [[key, value] = ['', { Text: '' }]] = await anyone().icrc1_metadata();
    expect([key, 'Text' in value && value.Text.slice(0, 26)]).toEqual(['icrc1:logo', 'data:image/svg+xml;base64,']);
});

test('a query of the index answers as an update call too', async () => {
    const call = { canisterId: toPicPrincipal(ledger.id), sender: toPicPrincipal(BOB), method: 'status' };
    const answer = await ledger.pic.updateCall({ ...call, arg: new Uint8Array(IDL.encode([], [])) });
    const [status] = IDL.decode([IDL.Record({ num_blocks_synced: IDL.Nat })], answer);
    expect(status).toEqual(await anyone().status());
});

test('@dfinity/ledger-icrc takes the ledger for an index, certified and not', async () => {
    const host = `http://127.0.0.1:${await ledger.pic.makeLive()}`;
    const agent = await HttpAgent.create({ host, identity: ME, shouldFetchRootKey: true, verifyQuerySignatures: true });
    const index = IcrcIndexNgCanister.create({ agent, canisterId: ledger.id });
    const client = IcrcLedgerCanister.create({ agent, canisterId: ledger.id });
    for (const certified of [false, true]) {
        const { transactions, balance } = await index.getTransactions({
            account: { owner: BOB },
            max_results: 2n,
            certified
        });
        expect(transactions.map(({ id }) => id)).toEqual((await history(of(BOB), 2n)).ids);
        expect(balance).toBe(await client.balance({ owner: BOB, certified }));
        expect(await index.ledgerId({ certified })).toEqual(ledger.id);
        expect(await index.status({ certified })).toEqual(await anyone().status());
        expect(await index.listSubaccounts({ owner: BOB, certified })).toHaveLength(4);
        expect(await client.getIndexPrincipal({ certified })).toEqual(ledger.id);
        expect(await client.icrc10SupportedStandards({ certified })).toHaveLength(8);
        expect(await client.getMintingAccount({ certified })).toEqual([of(ledger.id)]);
    }
    await ledger.pic.stopLive();
});
