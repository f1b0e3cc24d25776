/** What wallets, block explorers and verifiers ask the native ledgers and their indices for. */
import { Actor, Certificate, HttpAgent, lookupResultToBuffer } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { decodeIcrcAccount, encodeIcrcAccount, IcrcIndexNgCanister } from '@dfinity/ledger-icrc';
import { Principal } from '@dfinity/principal';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { accountText } from '../../../src/replica/natives/accounts';
import { sha256, toHex, utf8 } from '../../../src/replica/wire/bytes';
import { decodeCbor } from '../../../src/replica/wire/cbor_decode';
import type { HashTree } from '../../../src/replica/wire/hash_tree';
import { treeFromCbor } from '../../../src/replica/wire/hash_tree_cbor';
import { decodeLeb128 } from '../../../src/replica/wire/leb128';
import { lookupLeaf } from '../../../src/replica/wire/lookup';
import { hashOfMap } from '../../../src/replica/wire/request_id';
import { interfaceOf, officialInterface } from './support/interfaces';

import {
    account,
    approvalFor,
    call,
    cyclesIndex,
    cyclesLedger,
    icpIndex,
    icpIndexDid,
    icpLedger,
    identifierOf,
    minting,
    newerCyclesLedger,
    newerIcpLedger,
    other,
    transferTo,
    type Methods
} from './support/ledgers';

let network: RunningNetwork;
let agent: HttpAgent;
let user: Principal;
let icp: Methods;
let newIcp: Methods;
let index: Methods;
let cycles: Methods;
let newCycles: Methods;

beforeAll(async () => {
    network = await startNetwork({ port: 0 });
    const identity = Ed25519KeyIdentity.generate();
    user = identity.getPrincipal();
    agent = await HttpAgent.create({ host: network.url, identity, shouldFetchRootKey: true });
    const actor = (factory: IDL.InterfaceFactory, canisterId: string): Methods =>
        Actor.createActor(factory, { agent, canisterId }) as Methods;
    icp = actor(officialInterface('nns_icp_ledger'), icpLedger);
    newIcp = actor(interfaceOf(newerIcpLedger), icpLedger);
    index = actor(interfaceOf(icpIndexDid), icpIndex);
    cycles = actor(officialInterface('cycles_ledger'), cyclesLedger);
    newCycles = actor(interfaceOf(newerCyclesLedger), cyclesLedger);
});
afterAll(() => network.close());

test('ICP ledger: says which standards it supports, and answers the older spellings', async () => {
    const supported = await call<{ name: string }[]>(icp, 'icrc10_supported_standards');
    expect(supported.map(({ name }) => name)).toEqual(['ICRC-1', 'ICRC-2', 'ICRC-21', 'ICRC-10']);
    expect(await call(icp, 'is_ledger_ready')).toBe(true);
    const send = {
        to: toHex(identifierOf(other)),
        memo: 1n,
        amount: { e8s: 3n },
        fee: { e8s: 10_000n },
        from_subaccount: [],
        created_at_time: []
    };
    const block = await call<bigint>(icp, 'send_dfx', send);
    const { blocks } = await call<{ blocks: object[] }>(icp, 'query_blocks', { start: block, length: 1n });
    expect(blocks).toMatchObject([{ transaction: { memo: 1n, operation: [{ Transfer: { amount: { e8s: 3n } } }] } }]);
    await expect(call(icp, 'send_dfx', { ...send, fee: { e8s: 1n } })).rejects.toThrow(
        'transfer fee should be 0.00010000 Token'
    );
    // What is no account identifier at all has nothing; a wrong checksum is a mistake.
    expect(await call(icp, 'account_balance', { account: new Uint8Array(3) })).toEqual({ e8s: 0n });
    await expect(call(icp, 'account_balance', { account: new Uint8Array(32) })).rejects.toThrow(/IC0503/);
});

test('ICP ledger: lists allowances page by page, and removes one', async () => {
    const spenders = [1, 2, 3].map((byte) => Principal.fromUint8Array(new Uint8Array([...Buffer.alloc(28, byte), 2])));
    for (const spender of spenders) await call(icp, 'icrc2_approve', approvalFor(spender, 2n ** 80n));
    const list = (more: object): Promise<{ to_spender_id: string; allowance: { e8s: bigint } }[]> =>
        call(newIcp, 'get_allowances', {
            from_account_id: toHex(identifierOf(user)),
            prev_spender_id: [],
            take: [],
            ...more
        });
    const all = await list({});
    const ids = all.map(({ to_spender_id }) => to_spender_id);
    expect([...ids].sort()).toEqual(spenders.map((spender) => toHex(identifierOf(spender))).sort());
    expect(ids.map((id) => id.slice(8))).toEqual(ids.map((id) => id.slice(8)).sort());
    expect(all[0]?.allowance.e8s).toBe(2n ** 64n - 1n);
    const [first, second] = ids;
    expect((await list({ prev_spender_id: [first], take: [1n] })).map((each) => each.to_spender_id)).toEqual([second]);

    const removed = await call(newIcp, 'remove_approval', {
        from_subaccount: [],
        spender: Buffer.from(first ?? '', 'hex'),
        fee: []
    });
    expect(removed).toMatchObject({ Ok: expect.any(BigInt) });
    expect((await list({})).map((each) => each.to_spender_id)).toEqual(ids.slice(1));
});

/** The certificate's word on a canister's certified data, after its signature and time have been checked. */
async function certifiedData(certificate: Uint8Array, canisterId: string): Promise<Uint8Array> {
    const id = Principal.fromText(canisterId);
    const verified = await Certificate.create({ certificate, rootKey: network.rootKey, canisterId: id });
    const found = verified.lookup_path([utf8('canister'), id.toUint8Array(), utf8('certified_data')]);
    const data = lookupResultToBuffer(found);
    if (data === undefined) throw new RangeError('no certified data');
    return new Uint8Array(data);
}

test('ICP ledger: blocks are chained by the hashes of their encodings, and the last one is certified', async () => {
    await call(icp, 'icrc1_transfer', transferTo(other, 1n, { memo: [new Uint8Array([1, 2])] }));
    await call(icp, 'icrc2_approve', approvalFor(other, 5n, { expires_at: [2n ** 62n] }));
    const range = { start: 0n, length: 100n };
    const encodedBlocks = await call<{ blocks: Uint8Array[]; certificate: [Uint8Array] }>(
        icp,
        'query_encoded_blocks',
        range
    );
    const plain = await call<{ blocks: { parent_hash: [] | [Uint8Array] }[] }>(icp, 'query_blocks', range);
    const hashes = encodedBlocks.blocks.map((block) => toHex(sha256(Uint8Array.from(block))));
    const parents = plain.blocks.map(({ parent_hash: [hash] }) => hash && toHex(Uint8Array.from(hash)));
    expect(parents).toEqual([undefined, ...hashes.slice(0, -1)]);
    const tip = await certifiedData(Uint8Array.from(encodedBlocks.certificate[0]), icpLedger);
    expect(toHex(tip)).toBe(hashes.at(-1));
    const { certification, tip_index } = await call<{ certification: [Uint8Array]; tip_index: bigint }>(
        newIcp,
        'tip_of_chain'
    );
    expect(tip_index).toBe(BigInt(hashes.length - 1));
    expect(await certifiedData(Uint8Array.from(certification[0]), icpLedger)).toEqual(tip);
    // `ic_ledger.pb.v1.Block` of the first block: no parent, its time, and a mint of 10^9 ICP for the anonymous user.
    // `ic_ledger.pb.v1.Block` of the first block: no parent, its time, a mint of 10^17 e8s for the anonymous user, and memo 0.
    const first = toHex(Uint8Array.from(encodedBlocks.blocks[0] ?? []));
    const anonymous = toHex(identifierOf(Principal.anonymous()));
    expect(first).toMatch(new RegExp(`^120a08.{18}1a34123012220a20${anonymous}1a0a088080a8ec85afd1b1012200$`));
});

function treeOf(bytes: Uint8Array): HashTree {
    const decoded = decodeCbor(bytes);
    const tree = treeFromCbor(decoded.ok ? decoded.value : undefined);
    if (tree === undefined) throw new RangeError('no hash tree');
    return tree;
}

type Generic = { readonly [Kind in 'Nat' | 'Text' | 'Blob' | 'Array' | 'Map']?: unknown };

/** A generic value of ICRC-3 for the representation-independent hash. */
function plainValue(value: Generic): Parameters<typeof hashOfMap>[0] extends ReadonlyMap<unknown, infer V> ? V : never {
    const [[kind, content]] = Object.entries(value) as [[string, unknown]];
    if (kind === 'Array') return (content as Generic[]).map(plainValue);
    if (kind === 'Map') return new Map((content as [string, Generic][]).map(([key, item]) => [key, plainValue(item)]));
    return kind === 'Blob' ? Uint8Array.from(content as Uint8Array) : (content as string | bigint);
}

test('cycles ledger: ICRC-3 blocks are chained, and the certificate of the tip shows the hash of the last one', async () => {
    await call(cycles, 'icrc1_transfer', transferTo(other, 1n));
    const { blocks } = await call<{ blocks: { block: Generic }[] }>(cycles, 'icrc3_get_blocks', [
        { start: 0n, length: 100n }
    ]);
    const values = blocks.map(({ block }) => plainValue(block) as ReadonlyMap<string, never>);
    const hashes = values.map((value) => toHex(hashOfMap(value) ?? new Uint8Array()));
    const parents = values
        .map((value) => value.get('phash') as Uint8Array | undefined)
        .map((hash) => hash && toHex(hash));
    expect(parents).toEqual([undefined, ...hashes.slice(0, -1)]);

    const [tip] = await call<[{ certificate: Uint8Array; hash_tree: Uint8Array }]>(cycles, 'icrc3_get_tip_certificate');
    const tree = treeOf(Uint8Array.from(tip.hash_tree));
    expect(tree.digest).toEqual(await certifiedData(Uint8Array.from(tip.certificate), cyclesLedger));
    expect(toHex(lookupLeaf(tree, [utf8('last_block_hash')]) ?? new Uint8Array())).toBe(hashes.at(-1));
    const last = decodeLeb128(lookupLeaf(tree, [utf8('last_block_index')]) ?? new Uint8Array());
    expect(last).toBe(BigInt(hashes.length - 1));
});

test('minting: the exchange rate is certified', async () => {
    const actor = Actor.createActor(officialInterface('nns_cycles_minting'), { agent, canisterId: minting }) as Methods;
    const { data, hash_tree, certificate } = await call<{
        data: object;
        hash_tree: Uint8Array;
        certificate: Uint8Array;
    }>(actor, 'get_icp_xdr_conversion_rate');
    const tree = treeOf(Uint8Array.from(hash_tree));
    expect(tree.digest).toEqual(await certifiedData(Uint8Array.from(certificate), minting));
    const rate = IDL.Record({ timestamp_seconds: IDL.Nat64, xdr_permyriad_per_icp: IDL.Nat64 });
    const leaf = lookupLeaf(tree, [utf8('ICP_XDR_CONVERSION_RATE')]) ?? new Uint8Array();
    expect(IDL.decode([rate], Uint8Array.from(leaf))).toEqual([data]);
    expect(data).toMatchObject({ xdr_permyriad_per_icp: 35_200n });
});

test('index of the ICP ledger: the transactions of an account, newest first, and its balance', async () => {
    const page = (
        more: object
    ): Promise<{
        Ok: { balance: bigint; transactions: { id: bigint; transaction: object }[]; oldest_tx_id: bigint[] };
    }> => call(index, 'get_account_transactions', { account: account(other), start: [], max_results: 100n, ...more });
    const block = await call<{ Ok: bigint }>(icp, 'icrc1_transfer', transferTo(other, 11n));
    const { Ok } = await page({});
    const ids = Ok.transactions.map(({ id }) => id);
    expect(ids[0]).toBe(block.Ok);
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? 1 : -1)));
    expect(Ok.oldest_tx_id).toEqual([ids.at(-1)]);
    expect(Ok.transactions[0]).toMatchObject({
        transaction: { operation: { Transfer: { to: toHex(identifierOf(other)), amount: { e8s: 11n } } } }
    });
    const next = await page({ start: [ids[0]], max_results: 1n });
    expect(next.Ok.transactions.map(({ id }) => id)).toEqual([ids[1]]);
    const hex = toHex(identifierOf(other));
    expect(await call(index, 'get_account_identifier_balance', hex)).toBe(Ok.balance);
    const byIdentifier = { account_identifier: hex, start: [], max_results: 100n };
    expect(await call(index, 'get_account_identifier_transactions', byIdentifier)).toEqual({ Ok });
    expect((await call<Principal>(index, 'ledger_id')).toText()).toBe(icpLedger);
    const { chain_length } = await call<{ chain_length: bigint }>(index, 'get_blocks', { start: 0n, length: 1n });
    expect(await call(index, 'status')).toEqual({ num_blocks_synced: chain_length });
});

test('index of the cycles ledger: read by the client of ICRC ledgers; the ledger names it', async () => {
    expect(await call(newCycles, 'icrc106_get_index_principal')).toEqual({ Ok: Principal.fromText(cyclesIndex) });
    const savings = new Uint8Array(32).fill(5);
    const { Ok } = await call<{ Ok: bigint }>(
        cycles,
        'icrc1_transfer',
        transferTo(user, 9n, { to: account(user, [savings]) })
    );
    const client = IcrcIndexNgCanister.create({
        agent: agent as never,
        canisterId: Principal.fromText(cyclesIndex) as never
    });
    const { transactions, balance, oldest_tx_id } = await client.getTransactions({
        account: { owner: user as never, subaccount: savings },
        max_results: 10n
    });
    expect(transactions).toMatchObject([{ id: Ok, transaction: { kind: 'transfer', transfer: [{ amount: 9n }] } }]);
    expect([balance, oldest_tx_id]).toEqual([9n, [Ok]]);
    const subaccounts = await client.listSubaccounts({ owner: user as never });
    expect(subaccounts.map((bytes) => toHex(Uint8Array.from(bytes)))).toEqual([
        toHex(new Uint8Array(32)),
        toHex(savings)
    ]);
    const [first] = (
        await client.getTransactions({ account: { owner: user as never }, max_results: 100n })
    ).transactions.slice(-1);
    // The gift of the faucet is a block, too: the log explains every balance.
    expect(first).toMatchObject({ transaction: { kind: 'mint', mint: [{ amount: 1_000_000_000_000_000n }] } });
});

test('cycles ledger: lists allowances of ICRC-103 by account and spender', async () => {
    const savings = new Uint8Array(32).fill(5);
    const spenders = [9, 8].map((byte) => Principal.fromUint8Array(new Uint8Array([...Buffer.alloc(28, byte), 2])));
    for (const spender of spenders) await call(cycles, 'icrc2_approve', approvalFor(spender, 7n));
    await call(cycles, 'icrc1_transfer', transferTo(user, 10n ** 9n, { to: account(user, [savings]) }));
    await call(cycles, 'icrc2_approve', approvalFor(other, 8n, { from_subaccount: [savings] }));
    const list = async (more: object): Promise<unknown[]> => {
        const argument = { from_account: [], prev_spender: [], take: [], ...more };
        const { Ok } = await call<{ Ok: { to_spender: { owner: Principal }; allowance: bigint }[] }>(
            newCycles,
            'icrc103_get_allowances',
            argument
        );
        return Ok.map(({ to_spender, allowance }) => [to_spender.owner.toUint8Array()[0], allowance]);
    };
    expect(await list({})).toEqual([
        [8, 7n],
        [9, 7n],
        [7, 8n]
    ]);
    expect(await list({ prev_spender: [account(spenders[1] as Principal)], take: [1n] })).toEqual([[9, 7n]]);
    expect(await list({ from_account: [account(user, [savings])] })).toEqual([[7, 8n]]);
});

test('accounts: their text is that of ICRC-1', () => {
    for (const subaccount of [
        undefined,
        new Uint8Array(32),
        new Uint8Array(32).fill(3),
        Buffer.alloc(32, 0).fill(1, 31)
    ]) {
        const text = accountText({ owner: user.toUint8Array(), subaccount });
        const reference = { owner: user as never, ...(subaccount && { subaccount }) };
        expect(text).toBe(encodeIcrcAccount(reference));
        expect(decodeIcrcAccount(text).owner.toText()).toBe(user.toText());
    }
});
