/** `emc canister`: an operator pauses a canister and ends the pause, over HTTP. */
import { pauseCanister, printStatus } from '../../src/cli/canister/pause';
import { canisterActor } from '../../src/client/canisters';
import { CommandFailed } from '../../src/cli/command_failed';
import { operate, type OperatedCanister } from '../support/operated_canister';

let operated: OperatedCanister;

beforeAll(async () => {
    operated = await operate('compute_gateway');
});
afterAll(() => operated.close());

const optionsOf = (holder: string) => ({
    key: operated.file(`${holder}.pem`),
    deployment: operated.file('deployment.json')
});

async function said(command: (print: (line: string) => void) => Promise<void>): Promise<string> {
    const lines: string[] = [];
    await command((line) => lines.push(line));
    return lines.join('\n');
}

const pause = (paused: boolean, holder = 'operator', name = 'compute_gateway') =>
    said((print) => pauseCanister(name, paused, optionsOf(holder), print));

test('a controller pauses a canister and ends the pause; each command says how it stands', async () => {
    const canister = canisterActor('compute_gateway', operated.agent, operated.ids.compute_gateway);
    const spec = { kind: { Embedding: null }, model_hash: new Uint8Array(32), unit: 'input', unit_price_credits: 2n };
    const register = () =>
        canister.register_app({
            app_id: 'app',
            ...spec,
            max_units: 10n,
            lease_s: 60n,
            exec_limit_s: [] as [],
            requirements: [] as []
        });
    expect(await pause(true)).toContain('compute_gateway is paused');
    expect(await register()).toEqual({ Err: { Paused: null } });
    expect(await said((print) => printStatus('compute_gateway', optionsOf('stranger'), print))).toMatch(
        /is paused[^]*version 0\.1\.0, schema \d+, \d+ cycles\n {2}knows all its peers/
    );
    expect(await pause(false)).toContain('compute_gateway is not paused.');
    expect(await register()).toHaveProperty('Ok');
});

test('nobody else does, and the ledger cannot be paused', async () => {
    await expect(pause(true, 'stranger')).rejects.toThrow('is no controller of compute_gateway');
    await expect(pause(true, 'operator', 'token_icrc1')).rejects.toThrow(CommandFailed);
    expect(await pause(false)).toContain('is not paused');
});
