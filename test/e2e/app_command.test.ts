/** `emc app`: a developer registers an app and reads the terms of all, over HTTP. */
import { listApps, registerApp, type RegisterOptions } from '../../src/cli/app/apps';
import { CommandFailed } from '../../src/cli/command_failed';
import { operate, type OperatedCanister } from '../support/operated_canister';

let operated: OperatedCanister;

beforeAll(async () => {
    operated = await operate('compute_gateway');
});
afterAll(() => operated.close());

const files = (holder = 'operator') => ({
    key: operated.file(`${holder}.pem`),
    deployment: operated.file('deployment.json')
});

async function said(command: (print: (line: string) => void) => Promise<void>): Promise<string> {
    const lines: string[] = [];
    await command((line) => lines.push(line));
    return lines.join('\n');
}

const HASH = '07'.repeat(32);

const register = (id: string, changes: Partial<RegisterOptions> = {}): Promise<string> => {
    const terms = { kind: 'Chat', modelHash: HASH, unit: 'token', price: 2, maxUnits: 4_000, lease: 60 } as const;
    return said((print) => registerApp(id, { ...files(), ...terms, ...changes }, print));
};

test('an app is registered with its terms, which everybody can read', async () => {
    expect(await said((print) => listApps(files('stranger'), print))).toBe('No app is registered.');
    const asked = { minE: '0.5', region: 'eu', minVram: 24_000, quantization: 'q4_k_m' };
    const terms = await register('my-model', { execLimit: 120, ...asked });
    expect(terms).toBe(
        [
            'my-model  Chat, 2 credits per token, up to 4000 in a job',
            '  lease 60 s, an attempt up to 120 s; asks for E 0.5000, region eu, 24000 MiB of video memory, q4_k_m',
            `  model ${HASH}`
        ].join('\n')
    );
    expect(await said((print) => listApps(files('stranger'), print))).toBe(terms);
    const [app] = JSON.parse(await said((print) => listApps({ ...files(), json: true }, print))) as object[];
    expect(app).toMatchObject({ app_id: 'my-model', exec_limit_s: 120, model_hash: HASH });
    expect(await register('plain', { modelHash: '08'.repeat(32) })).toContain('an attempt up to 300 s\n');
});

test('what the canister or the command cannot take is told in a sentence', async () => {
    await expect(register('my-model')).rejects.toThrow('is registered already');
    await expect(register('free', { modelHash: '09'.repeat(32), price: 0 })).rejects.toThrow('unit_price_credits');
    await expect(register('short', { modelHash: 'abc' })).rejects.toThrow(CommandFailed);
    await expect(register('weak', { modelHash: '0a'.repeat(32), minE: 'much' })).rejects.toThrow('--min-e');
});
