/** Attributes of a sender, which the client of PocketIC 0.23 attaches to calls without anybody's signature. */
import { Principal } from '@icp-sdk/core/principal';
import { createPocketIc } from '../../support/pocket_ic';
import { tellingWat } from '../ic/support/caller_info_wat';
import { assemble } from '../ic/support/network';
import { startServer, type ServerProcess } from './support/server_process';

let server: ServerProcess;
beforeAll(async () => {
    server = await startServer();
});
afterAll(() => server.stop());

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

test('queryCall and updateCall with senderInfo: the canister reads what was said and who said it, and nothing without', async () => {
    const pic = await createPocketIc(server.url);
    try {
        const canisterId = await pic.createCanister();
        await pic.installCode({ canisterId, wasm: await assemble(tellingWat), arg: new Uint8Array() });
        const signer = Principal.fromUint8Array(Uint8Array.of(7, 1, 1));
        const senderInfo = { info: new TextEncoder().encode('admin'), signer };
        const call = { canisterId, arg: new Uint8Array() };
        expect(text(await pic.queryCall({ ...call, method: 'who', senderInfo }))).toBe('admin\x07\x01\x01');
        expect(text(await pic.updateCall({ ...call, method: 'relay', senderInfo }))).toBe('()admin\x07\x01\x01');
        expect(text(await pic.queryCall({ ...call, method: 'who' }))).toBe('');
        await expect(pic.updateCall({ ...call, method: 'relay' })).rejects.toThrow('CanisterRejectedMessage');
    } finally {
        await pic.tearDown();
    }
});
