/** What a node says of itself. */
import { capacityOf } from '../../../src/node/capacity';
import { parseNodeConfig } from '../../../src/node/config';

function configOf(changes: object, ...apps: object[]) {
    return parseNodeConfig({
        network: { host: 'http://127.0.0.1:4943' },
        canisters: { compute_gateway: 'aaaaa-aa', state_machine: 'aaaaa-aa' },
        keyFile: 'node.pem',
        apps: apps as never,
        ...changes
    });
}

const server = (baseUrl: string) => ({ kind: 'openai-compatible', baseUrl, model: 'm' });
const HERE = { appId: 'chat', backend: server('http://127.0.0.1:8000/v1') };
const devices = (answer: string | undefined) => () => Promise.resolve(answer);

test.each([
    ['one device', '143771\n', 143_771n],
    ['several devices, which run a model together', '81559\n81559\n', 163_118n],
    ['no device', undefined, 0n],
    ['a device that does not tell', '[N/A]\n', 0n],
    ['nothing', '', 0n]
])('video memory is that of %s of this machine', async (_what, answer, vramMib) => {
    expect(await capacityOf(configOf({}, HERE), devices(answer))).toEqual({ vramMib, quantizations: [] });
});

test('what the configuration says comes first, and devices here say nothing of servers elsewhere', async () => {
    const asked = devices('143771');
    expect((await capacityOf(configOf({ vramMib: 24_000 }, HERE), asked)).vramMib).toBe(24_000n);
    const elsewhere = { appId: 'far', backend: server('http://ai.example/v1') };
    expect((await capacityOf(configOf({}, HERE, elsewhere), asked)).vramMib).toBe(0n);
    const embedded = { appId: 'vectors', backend: { kind: 'embedded-embeddings' } };
    expect((await capacityOf(configOf({}, embedded), asked)).vramMib).toBe(0n);
});

test('quantisations are said of the apps that have one', async () => {
    const config = configOf({}, { ...HERE, quantization: 'q4_k_m' }, { ...HERE, appId: 'other' });
    const { quantizations } = await capacityOf(config, devices('1'));
    expect(quantizations).toEqual([{ appId: 'chat', quantization: 'q4_k_m' }]);
    expect(() => configOf({}, { ...HERE, quantization: 'Q4 K' })).toThrow();
});
