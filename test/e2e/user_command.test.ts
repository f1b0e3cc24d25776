/** `emc user`: a wallet holder's way to credits and API keys, over HTTP. */
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed } from '../../src/cli/command_failed';
import { writeDeployment } from '../../src/cli/deployment_file';
import type { Print } from '../../src/cli/print';
import { buyCredits, withdrawCredits } from '../../src/cli/user/credits';
import { createKey, revokeKey, type KeyOptions } from '../../src/cli/user/keys';
import { printUserStatus } from '../../src/cli/user/status';
import { pemOfSeed } from '../../src/client/key_file';
import { E8S_PER_EMC } from '../../src/core/amount';
import { sha256 } from '../../src/core/hash';
import { accepted } from '../support/compute_market';
import { emc } from '../support/emc_process';
import { deploySuite, type Suite } from '../support/suite';

const SEED = new Uint8Array(32).fill(7);
const wallet = Ed25519KeyIdentity.generate(SEED).getPrincipal();
let suite: Suite;
let folder: string;

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-user-'));
    suite = await deploySuite({}, Date.now());
    accepted(
        await suite.as('token_icrc1', suite.deployer).icrc1_transfer({
            to: { owner: wallet, subaccount: [] },
            amount: 10n * E8S_PER_EMC,
            ...{ from_subaccount: [], fee: [], memo: [], created_at_time: [] }
        })
    );
    const host = `http://127.0.0.1:${await suite.pic.makeLive()}`;
    await writeDeployment(file('deployment.json'), { access: { host }, ids: suite.ids });
    await writeFile(file('wallet.pem'), pemOfSeed(SEED), { mode: 0o600 });
});
afterAll(async () => {
    await suite.close();
    await rm(folder, { recursive: true, force: true });
});

const file = (name: string): string => join(folder, name);
const options = () => ({ wallet: file('wallet.pem'), deployment: file('deployment.json') });

/** What a command prints, or its refusal. */
async function said(command: (print: Print) => Promise<void>): Promise<string> {
    const lines: string[] = [];
    try {
        await command((line) => lines.push(line));
    } catch (failure) {
        if (!(failure instanceof CommandFailed)) throw failure;
        lines.push(`refused: ${failure.message}`, ...failure.hints);
    }
    return lines.join('\n');
}

const buy = (credits: string) => said((print) => buyCredits({ ...options(), credits }, print));
const withdraw = (credits: string) => said((print) => withdrawCredits({ ...options(), credits }, print));
const makeKey = (change: Partial<KeyOptions>) =>
    said((print) => createKey({ ...options(), label: 'key', ...change }, print));
const revoke = (key: string) => said((print) => revokeKey({ ...options(), key }, print));
const status = () => said((print) => printUserStatus(options(), print));
const hashOf = (secret: string): Uint8Array => sha256(new TextEncoder().encode(secret));
const check = (secret: string) => suite.as('hub', wallet).check_api_key(hashOf(secret));

test('credits are bought for what the hub asks, and given back for EMC', async () => {
    expect(await status()).toMatch(/^Credits {2}0 available.*[^]*Next: emc user buy CREDITS$/m);
    expect(await buy('1000')).toMatch(
        /^Buying 1000 credits for 1 EMC from .*\nPaid in block \d+ of the ledger; 1000 credits/
    );
    expect(await withdraw('400')).toMatch(/^Paid 0\.39\d* EMC in block \d+ of the ledger; 600 credits are left\.$/);
    expect((await suite.as('hub', wallet).get_account(wallet)).available).toBe(600n);
    expect(await withdraw('601')).toBe('refused: Only 600 credits are available.');
});

test('what the wallet cannot pay, and what is no number, costs nothing', async () => {
    const balance = () => suite.as('token_icrc1', wallet).icrc1_balance_of({ owner: wallet, subaccount: [] });
    const before = await balance();
    expect(await buy('1000000')).toMatch(
        /^Buying .*\nrefused: The wallet has 9\.\d+ EMC; what is to be paid comes to 1000\./
    );
    for (const strange of ['0', '-1', '1.5', 'many', '18446744073709551616']) {
        expect(await buy(strange)).toBe(`refused: ${strange} is no number of credits.`);
    }
    expect(await balance()).toBe(before);
});

test('a key is shown once, has its limits, and ends when it is revoked', async () => {
    const made = await makeKey({
        label: 'mine',
        maxCredits: '50',
        perMinute: '6',
        apps: ['a', 'b'],
        nodes: [wallet.toText()]
    });
    const secret = /^Its secret, shown only now: (emc-[0-9a-f]{48})$/m.exec(made)?.[1] ?? '';
    expect(accepted(await check(secret))).toMatchObject({
        label: 'mine',
        limits: { max_credits: [50n], requests_per_minute: [6n], apps: [['a', 'b']], nodes: [[wallet]] }
    });
    expect(await status()).toMatch(/^Key {6}[0-9a-f]{12} "mine": 0 of 50 credits spent/m);
    expect(await status()).not.toContain(secret);
    expect(await revoke('mine')).toContain('is revoked');
    expect(await check(secret)).toEqual({ Err: { KeyRevoked: null } });
    expect(await revoke('mine')).toMatch(/^refused: The wallet has no live key mine\./);
});

test('a secret can go into a file of its own, and never over another', async () => {
    expect(await makeKey({ out: file('secret') })).toContain(`Its secret is in ${file('secret')}.`);
    expect((await stat(file('secret'))).mode & 0o777).toBe(0o600);
    const secret = (await readFile(file('secret'), 'utf8')).trim();
    expect(accepted(await check(secret)).limits).toEqual({
        max_credits: [],
        requests_per_minute: [],
        apps: [],
        nodes: []
    });
    const keys = async () => (await suite.as('hub', wallet).list_api_keys(0n, 100n)).length;
    const before = await keys();
    expect(await makeKey({ out: file('secret') })).toMatch(/^refused: .*the secret cannot be written there/);
    expect(await keys()).toBe(before);
    expect(await readFile(file('secret'), 'utf8')).toBe(`${secret}\n`);
});

test('a key that is refused leaves no secret behind, so that the command can be given again', async () => {
    expect(await makeKey({ out: file('again'), label: 'x'.repeat(65) })).toMatch(
        /^refused: The network does not accept/
    );
    expect(await makeKey({ out: file('again') })).toContain('was made');
});

test('keys of one label are told apart by their hashes', async () => {
    await makeKey({ label: 'twice' });
    await makeKey({ label: 'twice' });
    const refusal = await revoke('twice');
    const hashes = [...refusal.matchAll(/^([0-9a-f]{12}) twice$/gm)].map(([, hash]) => hash ?? '');
    expect([refusal.split('\n')[0], hashes.length]).toEqual([
        'refused: 2 keys are called twice; name one by its hash:',
        2
    ]);
    expect(await revoke(hashes[0] ?? '')).toContain('is revoked');
    expect(await revoke('twice')).toContain('is revoked');
});

test('the command itself: what is wrong is told in lines, with code 1', async () => {
    const absent = emc('user', 'status', '--wallet', file('nobody.pem'), '--deployment', file('deployment.json'));
    expect(await absent.exit).toBe(1);
    expect(absent.output()).toContain('no such key\n  openssl genpkey -algorithm ed25519');
    const json = emc(
        'user',
        'status',
        '--json',
        '--wallet',
        file('wallet.pem'),
        '--deployment',
        file('deployment.json')
    );
    expect(await json.exit).toBe(0);
    expect(JSON.parse(json.output().trim().split('\n').at(-1) ?? '')).toMatchObject({
        wallet: wallet.toText(),
        available: 600
    });
});
