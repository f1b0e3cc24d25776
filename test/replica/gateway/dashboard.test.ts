/** The page about the network itself. */
import { HttpAgent } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { idText } from '../../../src/replica/state/principals';
import { toHex } from '../../../src/replica/wire/bytes';
import { deploy } from '../http/support/deployed';
import { encoded, get, update } from './support/pages';
import { pagesWasm } from './support/pages_canister';

let network: RunningNetwork;
let canisterId: Principal;

beforeAll(async () => {
    network = await startNetwork({ port: 0 });
    const agent = await HttpAgent.create({ host: network.url, shouldFetchRootKey: true });
    canisterId = await deploy(agent, await pagesWasm());
});
afterAll(() => network.close());

test('shows the root key, the subnet, and every canister with its cycles and links', async () => {
    const { status, body } = await get(network, '/_/dashboard', { host: '127.0.0.1:4943' });
    const id = canisterId.toText();
    const cycles = await network.api.cycles(canisterId.toUint8Array());
    expect(status).toBe(200);
    for (const shown of [
        toHex(network.rootKey),
        idText(network.identity.subnetId),
        'Canisters: 1',
        `<code>${id}</code>`,
        `http://${id}.localhost:4943/`,
        `http://a4gq6-oaaaa-aaaab-qaa4q-cai.localhost:4943/?id=${id}`,
        (cycles ?? 0n).toLocaleString('en')
    ]) {
        expect(body).toContain(shown);
    }
});

test('leaves the same path of a canister to the canister', async () => {
    await update(network, canisterId, 'put', new Uint8Array([0, ...encoded({})]));
    const answer = await get(network, '/_/dashboard', { host: `${canisterId.toText()}.localhost` });
    expect([answer.status, answer.body]).toEqual([200, 'hello']);
});
