import { InternetComputer } from '../../../src/replica/ic';
import type { SubnetMetrics } from '../../../src/replica/state/api';
import * as s from './support/script';
import { networkConfig, newNetwork, replied, scripted } from './support/network';

test('subnet metrics: canisters, their memory, what they consumed and what was executed, across deletions and images', async () => {
    const network = newNetwork();
    const wasm = await scripted();
    const metrics = (ic = network.ic): SubnetMetrics => ic.subnetMetrics(networkConfig.subnetId);
    expect(metrics()).toEqual({ canisters: 0, stateBytes: 0n, consumedCycles: 0n, transactions: 0n });
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const deployed = metrics();
    // Each was created and installed by a call.
    expect([deployed.canisters, deployed.transactions]).toEqual([2, 4n]);
    const memoryOf = (id: Uint8Array): bigint => network.status(id).memory_size;
    expect(metrics().stateBytes).toBe(memoryOf(a) + memoryOf(b));

    const before = metrics().transactions;
    replied(network.run(a, s.call({ to: b, argument: s.reply(), onReply: s.reply() })));
    // The call, the call of b, the response.
    expect(metrics().transactions - before).toBe(3n);
    const { consumed, minted } = { ...network.ic.cyclesInExistence(), consumed: metrics().consumedCycles };
    expect(consumed).toBe(network.ic.cyclesInExistence().consumed);
    expect(minted).toBeGreaterThan(consumed);

    replied(network.lifecycle('stop_canister', b));
    const spent = metrics().consumedCycles;
    replied(network.lifecycle('delete_canister', b));
    expect(metrics()).toMatchObject({ canisters: 1, stateBytes: memoryOf(a) });
    expect(metrics().consumedCycles).toBeGreaterThanOrEqual(spent);
    const restored = new InternetComputer(networkConfig, [], structuredCloneOfImage(network.ic));
    expect(metrics(restored)).toEqual(metrics());
});

/** Memories have methods, which a clone would lose. */
function structuredCloneOfImage(ic: InternetComputer): ReturnType<InternetComputer['image']> {
    const { records, modules, memories } = ic.image();
    return { records: structuredClone(records), modules, memories };
}
