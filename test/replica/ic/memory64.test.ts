/** Canisters with a 64-bit memory pay more; where V8 has no such memories (Node 20), installing them fails with that reason. */
import { loadModule } from '../../../src/replica/execution';
import { assemble } from '../execution/support/wat';
import { codeOf, newNetwork, replied, type TestNetwork } from './support/network';

/** Counts down from `rounds`, with as many instructions whatever the pointers. */
const looping = (pointer: 'i32' | 'i64', rounds: number): string => `(module
    (import "ic0" "msg_reply" (func $reply)) (memory ${pointer} 1)
    (func (export "canister_update run") (local i32) (local.set 0 (i32.const ${rounds}))
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (call $reply)))`;

/** What `rounds` rounds of the loop cost beside the message itself. */
async function costOf(network: TestNetwork, pointer: 'i32' | 'i64'): Promise<bigint> {
    const spent = async (rounds: number): Promise<bigint> => {
        const canister = network.deploy(await assemble(looping(pointer, rounds)));
        const before = network.ic.cycles(canister) ?? 0n;
        replied(network.send({ to: canister, method: 'run' }));
        return before - (network.ic.cycles(canister) ?? 0n);
    };
    return (await spent(1_000_001)) - (await spent(1));
}

test('a 64-bit memory doubles the price of instructions', async () => {
    const network = newNetwork();
    // A round: get, const, sub, tee 1 each, br_if 2.
    expect(await costOf(network, 'i32')).toBe(6_000_000n);
    const wide = await assemble(looping('i64', 1));
    if (loadModule(wide).ok) return expect(await costOf(network, 'i64')).toBe(12_000_000n);
    const refused = network.install(network.create(), wide);
    expect(codeOf(refused)).toBe('IC0505');
    expect(refused).toMatchObject({ rejection: { message: expect.stringContaining('Node 24') } });
});
