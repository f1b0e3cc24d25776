/** The system canisters, called through the interfaces of the real ones. */
import { Actor, HttpAgent, type ActorSubclass } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { IcrcLedgerCanister } from '@dfinity/ledger-icrc';
import { Principal } from '@dfinity/principal';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { accountIdentifier, principalSubaccount } from '../../../src/replica/natives/accounts';
import { interfaceOf, officialInterface, type OfficialInterface } from './support/interfaces';

const ids = {
    nns_registry: 'rwlgt-iiaaa-aaaaa-aaaaa-cai',
    nns_icp_ledger: 'ryjl3-tyaaa-aaaaa-aaaba-cai',
    nns_cycles_minting: 'rkp4c-7iaaa-aaaaa-aaaca-cai',
    cycles_ledger: 'um5iw-rqaaa-aaaaq-qaaba-cai'
} as const satisfies Record<OfficialInterface, string>;
const minting = Principal.fromText(ids.nns_cycles_minting).toUint8Array();
const memos = { create: 0x41455243n, topUp: 0x50555054n, mint: 0x544e494dn };
const trillion = 1_000_000_000_000n;
const e8s = 100_000_000n;
/** Cycles for one ICP. */
const rate = 3_520_000_000_000n;

type Methods = ActorSubclass<Record<string, (...args: unknown[]) => Promise<unknown>>>;

let network: RunningNetwork;
let user: Principal;
let agent: HttpAgent;
const actors = new Map<OfficialInterface, Methods>();

beforeAll(async () => {
    network = await startNetwork({ port: 0 });
    const identity = Ed25519KeyIdentity.generate();
    user = identity.getPrincipal();
    agent = await HttpAgent.create({ host: network.url, identity, shouldFetchRootKey: true });
    for (const name of Object.keys(ids) as OfficialInterface[]) {
        const factory = officialInterface(name);
        actors.set(name, Actor.createActor(factory, { agent, canisterId: ids[name] }) as Methods);
    }
});

afterAll(() => network.close());

function call<T>(canister: OfficialInterface, method: string, ...args: unknown[]): Promise<T> {
    return (actors.get(canister) as Methods)[method]?.(...args) as Promise<T>;
}

/** Pays the minting canister for a beneficiary; returns the block. */
async function pay(amount: bigint, beneficiary: Principal, memo: bigint): Promise<bigint> {
    const subaccount = principalSubaccount(beneficiary.toUint8Array());
    const to = accountIdentifier({ owner: minting, subaccount });
    const argument = {
        to,
        memo,
        amount: { e8s: amount },
        fee: { e8s: 10_000n },
        from_subaccount: [],
        created_at_time: []
    };
    const { Ok } = await call<{ Ok: bigint }>('nns_icp_ledger', 'transfer', argument);
    return Ok;
}

const cyclesOf = async (canister: Principal): Promise<bigint | undefined> =>
    network.api.cycles(canister.toUint8Array());
const account = (owner: Principal): unknown => ({ owner, subaccount: [] });

test('interfaces: what each canister publishes is valid Candid with the methods of the real one', async () => {
    for (const name of Object.keys(ids) as OfficialInterface[]) {
        const published = await agent.readState(ids[name], {
            paths: [
                [
                    encode('canister'),
                    Principal.fromText(ids[name]).toUint8Array(),
                    encode('metadata'),
                    encode('candid:service')
                ]
            ]
        });
        const text = Buffer.from(published.certificate).toString('latin1');
        const did = /(type rec_[\s\S]*)?service : \{[\s\S]*?\n\}\n/.exec(text)?.[0] ?? '';
        const ours = interfaceOf(did)({ IDL });
        const real = officialInterface(name)({ IDL })._fields.map(([method]) => method);
        const offered = ours._fields.map(([method]) => method);
        expect(offered.filter((method) => !real.includes(method))).toEqual(extras[name]);
        // Of the registry, deployment tools need one method only.
        if (name !== 'nns_registry') expect(real.filter((method) => !offered.includes(method))).toEqual([]);
    }
});

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Of newer versions than the published interfaces. */
const extras: Readonly<Record<OfficialInterface, readonly string[]>> = {
    nns_registry: [],
    nns_icp_ledger: ['get_allowances', 'http_request', 'remove_approval', 'tip_of_chain'],
    nns_cycles_minting: [
        'change_subnet_type_assignment',
        'get_average_icp_xdr_conversion_rate',
        'set_authorized_subnetwork_list',
        'update_subnet_type'
    ],
    cycles_ledger: ['icrc103_get_allowances', 'icrc106_get_index_principal', 'icrc10_supported_standards']
};

test('faucet: a new user has a million ICP and a thousand trillion cycles', async () => {
    const [icp, cycles] = [ids.nns_icp_ledger, ids.cycles_ledger].map((id) =>
        IcrcLedgerCanister.create({ agent: agent as never, canisterId: Principal.fromText(id) as never })
    );
    expect(await icp?.balance({ owner: user as never, certified: false })).toBe(1_000_000n * e8s);
    expect(await cycles?.balance({ owner: user as never, certified: false })).toBe(1_000n * trillion);
    const identifier = accountIdentifier({ owner: user.toUint8Array(), subaccount: undefined });
    for (const [method, account] of [
        ['account_balance', identifier],
        ['account_balance_dfx', Buffer.from(identifier).toString('hex')]
    ] as const) {
        expect(await call('nns_icp_ledger', method, { account })).toEqual({ e8s: 1_000_000n * e8s });
    }
    expect(await icp?.transactionFee({ certified: true })).toBe(10_000n);
    expect(await cycles?.transactionFee({ certified: true })).toBe(100_000_000n);
});

test('networks without a faucet: only the anonymous user has tokens', async () => {
    const bare = await startNetwork({ port: 0, systemCanisters: { faucet: false } });
    const balanceOf = async (owner: Principal): Promise<bigint> => {
        const anonymous = await HttpAgent.create({ host: bare.url, shouldFetchRootKey: true });
        const factory = officialInterface('cycles_ledger');
        const ledger = Actor.createActor(factory, { agent: anonymous, canisterId: ids.cycles_ledger }) as Methods;
        return (await ledger.icrc1_balance_of?.(account(owner))) as bigint;
    };
    try {
        expect(await balanceOf(user)).toBe(0n);
        expect(await balanceOf(Principal.anonymous())).toBe(2n ** 127n - 1n);
    } finally {
        await bare.close();
    }
});

test('networks can do without system canisters', async () => {
    const bare = await startNetwork({ port: 0, systemCanisters: 'none' });
    expect(await bare.api.place(minting)).toMatchObject({ exists: false });
    await bare.close();
});

test('ICP ledger: transfers by account identifier, and tells its blocks', async () => {
    const block = await pay(5n * e8s, user, 7n);
    const { blocks, chain_length } = await call<{ blocks: readonly unknown[]; chain_length: bigint }>(
        'nns_icp_ledger',
        'query_blocks',
        { start: block, length: 10n }
    );
    expect(chain_length).toBe(block + 1n);
    expect(blocks).toMatchObject([
        { transaction: { memo: 7n, operation: [{ Transfer: { amount: { e8s: 5n * e8s }, fee: { e8s: 10_000n } } }] } }
    ]);
    const bad = {
        to: new Uint8Array(32),
        memo: 0n,
        amount: { e8s: 1n },
        fee: { e8s: 10_000n },
        from_subaccount: [],
        created_at_time: []
    };
    await expect(call('nns_icp_ledger', 'transfer', bad)).rejects.toThrow(/IC0503/);
    const cheap = { ...bad, to: accountIdentifier({ owner: minting, subaccount: undefined }), fee: { e8s: 1n } };
    expect(await call('nns_icp_ledger', 'transfer', cheap)).toMatchObject({
        Err: { BadFee: { expected_fee: { e8s: 10_000n } } }
    });
});

test('minting: turns a payment into cycles once, whoever asks how often', async () => {
    const before = await call<bigint>('cycles_ledger', 'icrc1_balance_of', account(user));
    const block = await pay(e8s, user, memos.mint);
    const argument = { block_index: block, to_subaccount: [], deposit_memo: [] };
    const first = await call<{ Ok: { minted: bigint; balance: bigint } }>(
        'nns_cycles_minting',
        'notify_mint_cycles',
        argument
    );
    expect(first.Ok.minted).toBe(rate);
    expect(first.Ok.balance).toBe(before + rate - 100_000_000n);
    expect(await call('nns_cycles_minting', 'notify_mint_cycles', argument)).toEqual(first);
    expect(await call<bigint>('cycles_ledger', 'icrc1_balance_of', account(user))).toBe(first.Ok.balance);
    const topUp = { block_index: block, canister_id: user };
    expect(await call('nns_cycles_minting', 'notify_top_up', topUp)).toMatchObject({
        Err: { InvalidTransaction: expect.any(String) }
    });
});

test('minting: creates and tops up canisters with ICP, and sends ICP back when it cannot', async () => {
    const created = await call<{ Ok: Principal }>('nns_cycles_minting', 'notify_create_canister', {
        block_index: await pay(e8s, user, memos.create),
        controller: user,
        subnet_type: [],
        subnet_selection: [],
        settings: []
    });
    expect(await cyclesOf(created.Ok)).toBe(rate - trillion / 2n);
    const toppedUp = await call('nns_cycles_minting', 'notify_top_up', {
        block_index: await pay(e8s, created.Ok, memos.topUp),
        canister_id: created.Ok
    });
    expect(toppedUp).toEqual({ Ok: rate });
    expect(await cyclesOf(created.Ok)).toBe(2n * rate - trillion / 2n);

    const nobody = Principal.fromUint8Array(new Uint8Array([0, 0, 0, 0, 1, 0, 0, 0, 1, 1]));
    const block = await pay(e8s, nobody, memos.topUp);
    const refunded = await call('nns_cycles_minting', 'notify_top_up', { block_index: block, canister_id: nobody });
    expect(refunded).toMatchObject({ Err: { Refunded: { block_index: [block + 1n] } } });
    // The refund without the ledger's fee and two more for the trouble, which are burnt.
    const { blocks } = await call<{ blocks: readonly unknown[] }>('nns_icp_ledger', 'query_blocks', {
        start: block + 1n,
        length: 2n
    });
    expect(blocks).toMatchObject([
        { transaction: { operation: [{ Transfer: { amount: { e8s: e8s - 30_000n } } }] } },
        { transaction: { operation: [{ Burn: { amount: { e8s: 20_000n } } }] } }
    ]);
});

test('minting: says what is wrong with a notification as the real canister does', async () => {
    const block = await pay(e8s, user, memos.mint);
    const order = { block_index: block, controller: user, subnet_type: [], subnet_selection: [], settings: [] };
    const notify = (more: object): Promise<{ Err: unknown }> =>
        call('nns_cycles_minting', 'notify_create_canister', { ...order, ...more });
    const invalid = (text: RegExp): object => ({ Err: { InvalidTransaction: expect.stringMatching(text) } });
    expect(await notify({})).toEqual(invalid(/^Intent in the block \(1414416717 == MintCycles\) different than in/));
    expect(await notify({ block_index: block + 1_000n })).toEqual(invalid(/^Block \d+ not found$/));
    expect(await notify({ block_index: 0n })).toEqual(invalid(/must be of type Transfer$/));
    const topUp = { block_index: block, canister_id: Principal.fromUint8Array(minting) };
    expect(await call('nns_cycles_minting', 'notify_top_up', topUp)).toEqual(
        invalid(/^Destination account in the block \([0-9a-f]{64}\) different than in the notification/)
    );
    expect(await notify({ controller: Principal.anonymous() })).toMatchObject({ Err: { Other: { error_code: 5n } } });
    const twice = { subnet_type: ['application'], subnet_selection: [{ Filter: { subnet_type: [] } }] };
    expect(await notify(twice)).toMatchObject({ Err: { Other: { error_code: 4n } } });
    // Nothing of this has used the payment up.
    const mint = { block_index: block, to_subaccount: [], deposit_memo: [] };
    expect(await call('nns_cycles_minting', 'notify_mint_cycles', mint)).toMatchObject({ Ok: { minted: rate } });
});

test('cycles ledger: creates canisters and tops them up, and refuses what it cannot do', async () => {
    const create = { from_subaccount: [], created_at_time: [], amount: 2n * trillion, creation_args: [] };
    const { Ok } = await call<{ Ok: { canister_id: Principal } }>('cycles_ledger', 'create_canister', create);
    expect(await cyclesOf(Ok.canister_id)).toBe(trillion + trillion / 2n);
    expect(await network.api.controllers(Ok.canister_id.toUint8Array())).toEqual([user.toUint8Array()]);

    const withdraw = { from_subaccount: [], created_at_time: [], amount: trillion, to: Ok.canister_id };
    expect(await call('cycles_ledger', 'withdraw', withdraw)).toMatchObject({ Ok: expect.any(BigInt) });
    expect(await cyclesOf(Ok.canister_id)).toBe(2n * trillion + trillion / 2n);

    const balance = await call<bigint>('cycles_ledger', 'icrc1_balance_of', account(user));
    expect(await call('cycles_ledger', 'withdraw', { ...withdraw, to: user })).toMatchObject({
        Err: { InvalidReceiver: {} }
    });
    expect(await call('cycles_ledger', 'create_canister', { ...create, amount: balance })).toMatchObject({
        Err: { InsufficientFunds: { balance } }
    });
    const tooLittle = await call('cycles_ledger', 'create_canister', { ...create, amount: 1n });
    expect(tooLittle).toMatchObject({ Err: { FailedToCreate: { refund_block: [expect.any(BigInt)] } } });
    const elsewhere = [{ subnet_selection: [{ Subnet: { subnet: user } }], settings: [] }];
    expect(await call('cycles_ledger', 'create_canister', { ...create, creation_args: elsewhere })).toMatchObject({
        Err: { FailedToCreate: {} }
    });
    const fee = 100_000_000n;
    expect(await call<bigint>('cycles_ledger', 'icrc1_balance_of', account(user))).toBe(balance - 2n * fee);
});

test('cycles ledger: a creation that is repeated tells which canister it made', async () => {
    const now = BigInt(Date.now()) * 1_000_000n;
    const create = { from_subaccount: [], created_at_time: [now], amount: trillion, creation_args: [] };
    const { Ok } = await call<{ Ok: { canister_id: Principal; block_id: bigint } }>(
        'cycles_ledger',
        'create_canister',
        create
    );
    expect(await call('cycles_ledger', 'create_canister', create)).toEqual({
        Err: { Duplicate: { duplicate_of: Ok.block_id, canister_id: [Ok.canister_id] } }
    });
});

test('cycles ledger: its block log shows who got what', async () => {
    const { log_length } = await call<{ log_length: bigint }>('cycles_ledger', 'icrc3_get_blocks', []);
    const transfer = {
        to: account(Principal.anonymous()),
        amount: 5n,
        fee: [],
        memo: [],
        from_subaccount: [],
        created_at_time: []
    };
    await call('cycles_ledger', 'icrc1_transfer', transfer);
    const { blocks } = await call<{ blocks: readonly { id: bigint; block: { Map: [string, unknown][] } }[] }>(
        'cycles_ledger',
        'icrc3_get_blocks',
        [{ start: log_length, length: 9n }]
    );
    expect(blocks.map(({ id }) => id)).toEqual([log_length]);
    expect(Object.fromEntries(blocks[0]?.block.Map ?? [])).toMatchObject({
        btype: { Text: '1xfer' },
        tx: { Map: expect.arrayContaining([['amt', { Nat: 5n }]]) }
    });
});

test('registry: knows the subnet of every id', async () => {
    const answer = await call('nns_registry', 'get_subnet_for_canister', {
        principal: [Principal.fromUint8Array(minting)]
    });
    expect(answer).toEqual({ Ok: { subnet_id: [Principal.fromUint8Array(network.identity.subnetId)] } });
    expect(await call('nns_cycles_minting', 'get_default_subnets')).toEqual([
        Principal.fromUint8Array(network.identity.subnetId)
    ]);
});

test('methods: an unknown one is IC0536, a malformed argument is a trap', async () => {
    const factory: IDL.InterfaceFactory = () =>
        IDL.Service({ nothing_of_the_kind: IDL.Func([], [], []), icrc1_transfer: IDL.Func([IDL.Text], [], []) });
    const odd = Actor.createActor(factory, { agent, canisterId: ids.cycles_ledger }) as Methods;
    await expect(odd.nothing_of_the_kind?.()).rejects.toThrow(/IC0536/);
    await expect(odd.icrc1_transfer?.('x')).rejects.toThrow(/IC0503/);
});
