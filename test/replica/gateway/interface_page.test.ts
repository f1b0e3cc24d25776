/** The page that stands in for the Candid UI of the real network: what it tells, and to whom. */
import { HttpAgent } from '@dfinity/agent';
import wabt from 'wabt';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { deploy } from '../http/support/deployed';
import { get as getFrom, type Answer } from './support/pages';

/** Tells its interface by the method of older canisters, not by metadata. */
const interfaceText = 'service : { "</script><b>" : () -> () query }';
const source = `(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (memory 1)
  (data (i32.const 0) "DIDL\\00\\01\\71\\${interfaceText.length.toString(16)}${interfaceText.replaceAll('"', '\\22')}")
  (func $tell (call $append (i32.const 0) (i32.const ${8 + interfaceText.length})) (call $reply))
  (export "canister_query __get_candid_interface_tmp_hack" (func $tell)))`;

let network: RunningNetwork;
let canisterId: string;

beforeAll(async () => {
    network = await startNetwork({ port: 0 });
    const agent = await HttpAgent.create({ host: network.url, shouldFetchRootKey: true });
    const { parseWat } = await wabt();
    canisterId = (await deploy(agent, parseWat('told.wat', source).toBinary({}).buffer)).toText();
});
afterAll(() => network.close());

const get = (path: string): Promise<Answer> =>
    getFrom(network, path, { host: 'a4gq6-oaaaa-aaaab-qaa4q-cai.localhost' });

/** What the page's script will read. */
function dataOf({ body }: Answer): unknown {
    return JSON.parse(/<script type="application\/json" id="canister">(.*)<\/script>/.exec(body)?.[1] ?? 'null');
}

test('shows the interface of a canister that publishes it, and hands it to the script', async () => {
    const shown = await get('/?id=um5iw-rqaaa-aaaaq-qaaba-cai');
    expect(shown.status).toBe(200);
    expect(dataOf(shown)).toEqual({
        canisterId: 'um5iw-rqaaa-aaaaq-qaaba-cai',
        did: expect.stringContaining('icrc1_transfer')
    });
});

test('shows the interface of a canister that tells it when asked, and no text of it becomes markup', async () => {
    const shown = await get(`/?id=${canisterId}`);
    expect(dataOf(shown)).toEqual({ canisterId, did: interfaceText });
    expect(shown.body).not.toContain('<b>');
    expect(shown.body.match(/<script/g)).toHaveLength(2);
});

test('knows no canister without an interface, and runs only its own script', async () => {
    const hostile = await get(`/?id=${encodeURIComponent('<script>x</script>')}`);
    expect([hostile.status, hostile.body.includes('<script')]).toEqual([404, false]);
    expect(hostile.headers['content-security-policy']).toBe(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'"
    );
    expect((await get('/?id=lxzze-o7777-77777-aaaaa-cai-x')).status).toBe(404);
});

test('serves the script, as one module without imports', async () => {
    const script = await get('/candid_ui.js');
    expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(script.body.length).toBeGreaterThan(50_000);
    expect(script.body).not.toMatch(/^\s*import\s/m);
});
