/** Many instances in one process: who wants more memory than there is left is told so, and the others go on. */
import { Principal } from '@dfinity/principal';
import { startPocketIc, type PocketIcServer } from '../../../src/replica/pocketic/pocketic_server';
import { alice } from '../ic/support/network';
import {
    base64,
    fresh,
    newInstance,
    RefusedError,
    send,
    type RestAnswer,
    type RestInstance
} from './support/rest_client';

const MiB = 2 ** 20;
const servers: PocketIcServer[] = [];
afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A server whose process may take so much more than it has. */
async function serverWith(moreBytes: number): Promise<string> {
    const memoryLimitBytes = process.memoryUsage.rss() + moreBytes + 128 * MiB;
    const server = await startPocketIc({ host: '127.0.0.1', port: 0, onFault: console.error, memoryLimitBytes });
    servers.push(server);
    return `http://127.0.0.1:${server.port}`;
}

const application = { application: [fresh] };

test('instances: none is made when there is nothing left', async () => {
    const server = await serverWith(-200 * MiB);
    const refused = newInstance(server, application);
    await expect(refused).rejects.toThrow(RefusedError);
    await expect(refused).rejects.toThrow(/no memory left/);
});

function create(instance: RestInstance): Promise<RestAnswer> {
    return send(`${instance.url}/update/submit_ingress_message`, {
        sender: base64(alice),
        canister_id: base64(Principal.managementCanister().toUint8Array()),
        method: 'provisional_create_canister_with_cycles',
        payload: base64(Buffer.from('4449444c016c000100', 'hex')),
        effective_principal: 'None'
    });
}

test('messages: are refused with IC0101 while there is nothing left, and the instance goes on', async () => {
    const server = await serverWith(700 * MiB);
    const instance = await newInstance(server, application);
    expect((await create(instance)).text).toContain('Ok');
    // What any other part of the process takes counts as well.
    const hoard: Buffer[] = [];
    while (hoard.length < 14) hoard.push(Buffer.alloc(64 * MiB, 1));
    await new Promise((resolve) => setTimeout(resolve, 60));
    const refused = await create(instance);
    expect(refused.text).toContain('SubnetOversubscribed');
    expect(refused.text).toContain('SysFatal');
    expect((await send(`${instance.url}/update/tick`, {})).status).toBe(200);
    expect(hoard).toHaveLength(14);
});
