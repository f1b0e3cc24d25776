/** The hub's money when the ledger remembers its transfers no more: the ledger's log tells, that of its archives too. */
import type { Principal } from '@dfinity/principal';
import { readFile } from 'node:fs/promises';
import { buildCanisters } from '../../scripts/lib/canister_build';
import { buyCredits, code, idOf } from '../support/compute_market';
import { expectSoundBooks } from '../support/hub_books';
import { ARCHIVE_OPTIONS, giveArchiveModule } from '../support/ledger_archives';
import { toPicPrincipal } from '../support/pic_actor';
import { upgradeArgument } from '../support/single_ledger';
import { deploySuite, type Suite } from '../support/suite';

const ALICE = idOf('alice');
const HOUR = 3_600;
const account = (owner: Principal) => ({ owner, subaccount: [] as [] });

let suite: Suite;
const hub = () => suite.as('hub', ALICE);
const ledger = () => suite.as('token_icrc1', suite.deployer);

beforeEach(async () => {
    suite = await deploySuite();
    await buyCredits(suite, ALICE, 100n);
});
afterEach(() => suite.close());

const token = () => ({ canisterId: toPicPrincipal(suite.ids.token_icrc1), sender: toPicPrincipal(suite.deployer) });

/** Lets a ledger with small archives move all blocks of its story so far. */
async function archiveEverything(): Promise<void> {
    const [build] = await buildCanisters(['token_icrc1']);
    const arg = upgradeArgument({ change_archive_options: [ARCHIVE_OPTIONS] });
    await suite.pic.upgradeCanister({ ...token(), wasm: await readFile(build?.wasmGzPath ?? ''), arg });
    await giveArchiveModule(ledger());
    const end = (await ledger().icrc3_get_blocks([])).log_length;
    const payment = { from_subaccount: [], fee: [], memo: [], created_at_time: [] } satisfies Record<string, []>;
    for (let n = 0n; n < 40n; n++) {
        expect(code(await ledger().icrc1_transfer({ ...payment, to: account(idOf('bob')), amount: n }))).toBe('ok');
    }
    for (let minute = 0; minute < 5; minute++) await suite.advance(60);
    expect((await ledger().get_transactions({ start: 0n, length: 0n })).first_index).toBeGreaterThanOrEqual(end);
}

/** Alice asks for credits back from a ledger that is away for longer than it remembers transfers. */
async function withdrawInVain(): Promise<void> {
    await suite.pic.stopCanister(token());
    expect(code(await hub().withdraw_credits({ credits: 60n, to_subaccount: [] }))).toBe('TemporarilyUnavailable');
    for (let hours = 0; hours < 30; hours += 6) await suite.advance(6 * HOUR);
    expect((await hub().books()).unresolved_movements).toBe(1n);
    expect(await hub().get_account(ALICE)).toMatchObject({ available: 40n, withdrawn: 60n });
    await suite.pic.startCanister(token());
    for (let minute = 0; minute < 2; minute++) await suite.advance(60);
}

test.each([
    ['in the ledger', async () => undefined],
    ['in its archives', archiveEverything]
])('a withdrawal of which the log %s has no block never happened: the credits come back', async (_, prepare) => {
    await prepare();
    await withdrawInVain();
    expect((await hub().books()).unresolved_movements).toBe(0n);
    expect(await hub().get_account(ALICE)).toMatchObject({ available: 100n, withdrawn: 0n });
    expect(code(await hub().withdraw_credits({ credits: 60n, to_subaccount: [] }))).toBe('ok');
    await expectSoundBooks(suite, ALICE);
});
