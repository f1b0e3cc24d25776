/** An upgrade over a log of two thousand blocks with archives changes no byte of any answer. */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { idlFactory } from '../../src/declarations/token_icrc1';
import { ARCHIVE_OPTIONS, giveArchiveModule } from '../support/ledger_archives';
import { toPicPrincipal } from '../support/pic_actor';
import { initArgument, named, SingleLedger } from '../support/single_ledger';

const HOLDERS = 1_950;
const ALICE = named('alice');
const BOB = named('bob');
const CAROL = named('carol');
const holder = (i: number): Principal => named(`holder ${i}`);
const sub = (last: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? last : 0));
const of = (owner: Principal, subaccount?: number) => ({
    owner,
    subaccount: (subaccount === undefined ? [] : [sub(subaccount)]) as [] | [Uint8Array]
});
const options = {
    ...ARCHIVE_OPTIONS,
    trigger_threshold: [200n],
    num_blocks_to_archive: [500n],
    max_blocks_per_archive: [800n]
};
const unnamed = { from_subaccount: [], fee: [], memo: [], created_at_time: [] };

let ledger: SingleLedger;
beforeAll(async () => {
    const grants = [
        [of(ALICE), 10n ** 12n],
        ...Array.from({ length: HOLDERS }, (_, i) => [of(holder(i), i % 3 === 0 ? i % 7 : undefined), BigInt(i) + 5n])
    ];
    ledger = await SingleLedger.install(initArgument({ initial_balances: [grants], archive_options: [options] }));
    await giveArchiveModule(ledger.as(ledger.controller));
    await trade();
    await ledger.pic.tick(60);
});
afterAll(() => ledger.close());

const done = (result: object): void => expect(result).toHaveProperty('Ok');

/** Blocks of every kind, and allowances with and without an end. */
async function trade(): Promise<void> {
    const nowNs = await ledger.nowNs();
    const alice = ledger.as(ALICE);
    for (let i = 0; i < 8; i++) {
        const dated = { ...unnamed, memo: [Uint8Array.of(i)], created_at_time: [nowNs] };
        done(await alice.icrc1_transfer({ ...dated, to: of(holder(i), i), amount: 10n } as never));
        const ends = { expected_allowance: [], expires_at: i % 2 === 0 ? [nowNs + 10n ** 15n] : [] };
        const approval = { ...unnamed, ...ends, spender: of(i === 0 ? BOB : holder(i)), amount: 10n ** 9n };
        done(await alice.icrc2_approve(approval as never));
    }
    const pull = { spender_subaccount: [], fee: [], memo: [], created_at_time: [], from: of(ALICE) };
    done(await ledger.as(BOB).icrc2_transfer_from({ ...pull, to: of(CAROL), amount: 10n ** 6n } as never));
    done(await ledger.as(CAROL).icrc1_transfer({ ...unnamed, to: of(ledger.id), amount: 10n ** 5n } as never));
    const collector = { fee_collector: [of(BOB)] as [ReturnType<typeof of>], created_at_time: nowNs };
    done(await ledger.as(ledger.controller).icrc107_set_fee_collector(collector));
}

const service = idlFactory({ IDL }) as unknown as IDL.ServiceClass;
const queries = new Map(service._fields.filter(([, { annotations }]) => annotations.includes('query')));
/** Their answers hold what the network certifies at the moment, or count cycles. */
const MOMENTARY = ['get_blocks', 'get_data_certificate', 'icrc3_get_tip_certificate', 'http_request'];

async function ask(canister: Principal, method: string, args: readonly unknown[]): Promise<Uint8Array> {
    const types = queries.get(method)?.argTypes ?? [];
    const arg = new Uint8Array(IDL.encode(types, [...args]));
    return ledger.pic.queryCall({
        canisterId: toPicPrincipal(canister),
        sender: toPicPrincipal(named('anyone')),
        method,
        arg
    });
}

/** What to ask each query, so that every table and archive is looked at. */
function questions(length: bigint): Record<string, unknown[][]> {
    const people = [ALICE, BOB, CAROL, ledger.id, ...Array.from({ length: 20 }, (_, i) => holder(i * 97))];
    const accounts = people.flatMap((owner) => [of(owner), of(owner, 3)]);
    const starts = Array.from({ length: Number(length / 100n) + 1 }, (_, i) => BigInt(i) * 100n);
    return {
        icrc1_balance_of: accounts.map((account) => [account]),
        icrc2_allowance: [BOB, holder(1), holder(2)].map((to) => [{ account: of(ALICE), spender: of(to) }]),
        icrc103_get_allowances: [[{ from_account: [of(ALICE)], prev_spender: [], take: [] }]],
        get_account_transactions: accounts.map((account) => [{ account, start: [], max_results: 1_000n }]),
        list_subaccounts: people.map((owner) => [{ owner, start: [] }]),
        icrc3_get_blocks: starts.map((start) => [[{ start, length: 100n }]]),
        get_transactions: starts.map((start) => [{ start, length: 100n }]),
        icrc3_get_archives: [[{ from: [] }]]
    };
}

async function picture(): Promise<Map<string, string>> {
    const anyone = ledger.as(named('anyone'));
    const { log_length } = await anyone.icrc3_get_blocks([]);
    const seen = new Map<string, string>();
    const see = (question: string, answer: Uint8Array): unknown =>
        seen.set(question, Buffer.from(answer).toString('base64'));
    const asked = questions(log_length);
    for (const method of queries.keys()) {
        if (MOMENTARY.includes(method)) continue;
        for (const [i, args] of (asked[method] ?? [[]]).entries()) {
            see(`${method} ${i}`, await ask(ledger.id, method, args));
        }
    }
    for (const { canister_id, start } of await anyone.icrc3_get_archives({ from: [] })) {
        for (let at = start; at < log_length; at += 100n) {
            const range = [[{ start: at, length: 100n }]];
            see(`archive ${canister_id.toText()} ${at}`, await ask(canister_id, 'icrc3_get_blocks', range));
        }
    }
    const [tip] = await anyone.icrc3_get_tip_certificate();
    see('tip', Uint8Array.from(tip?.hash_tree ?? []));
    const { blocks, archived_blocks, chain_length } = await anyone.get_blocks({ start: 0n, length: 2_000n });
    const types = queries.get('get_blocks')?.retTypes ?? [];
    const shown = { blocks, archived_blocks, chain_length, first_index: 0n, certificate: [] };
    see('get_blocks', new Uint8Array(IDL.encode(types, [shown])));
    return seen;
}

test('every query, of the ledger and of its archives, answers with the same bytes after an upgrade', async () => {
    const anyone = ledger.as(named('anyone'));
    const before = await picture();
    expect(before.size).toBeGreaterThan(150);
    expect((await anyone.icrc3_get_blocks([])).log_length).toBeGreaterThanOrEqual(1_970n);
    expect((await anyone.icrc3_get_archives({ from: [] })).length).toBeGreaterThanOrEqual(2);
    await ledger.upgrade();
    await ledger.pic.tick(5);
    const after = await picture();
    const changed = [...before].filter(([question, answer]) => after.get(question) !== answer);
    expect(changed.map(([question]) => question)).toEqual([]);
    expect([...after.keys()]).toEqual([...before.keys()]);
    done(await ledger.as(ALICE).icrc1_transfer({ ...unnamed, to: of(BOB), amount: 1n } as never));
    const moved = await picture();
    expect(moved.get('icrc1_balance_of 2')).not.toBe(before.get('icrc1_balance_of 2'));
});
