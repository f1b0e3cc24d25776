/** A live network serves everybody while canisters loop. */
import { Actor, HttpAgent, type ActorSubclass } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import type { Principal } from '@dfinity/principal';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { assemble } from '../ic/support/network';
import { counterIdl, counterWasm, type Counter } from './support/counter_canister';
import { deploy } from './support/deployed';

let network: RunningNetwork;
let agent: HttpAgent;
let served: Principal;

beforeAll(async () => {
    network = await startNetwork({ port: 0 });
    agent = await HttpAgent.create({
        host: network.url,
        identity: Ed25519KeyIdentity.generate(),
        shouldFetchRootKey: true,
        retryTimes: 0
    });
    served = await deploy(agent, await counterWasm());
});
afterAll(() => network.close());

const counter = (canisterId: Principal): ActorSubclass<Counter> =>
    Actor.createActor<Counter>(counterIdl, { agent, canisterId });

/** How many calls at least are answered while others loop. */
const CALLS = 6;
/** If each lets through none, or one that came before, it is not by chance. */
const MAX_SPINS = 20;

/** Calls that are answered one after the other until `end` has come. */
async function callsUntil(end: Promise<unknown>): Promise<number> {
    let hasEnded = false;
    void end.finally(() => (hasEnded = true)).catch(() => undefined);
    let calls = 0;
    while (!hasEnded) {
        await counter(served).inc();
        if (!hasEnded) calls += 1;
    }
    return calls;
}

test('live: while a canister loops until its limit others are served, and it ends as it always did', async () => {
    const looping = await deploy(agent, await counterWasm());
    const balance = await network.api.cycles(looping.toUint8Array());
    let spins = 0;
    /** Calls that were answered between the beginning and the end of a loop; the first may have come before the beginning. */
    const callsBeside = async (): Promise<number> => {
        const spin = counter(looping).spin();
        const failed = expect(spin).rejects.toMatchObject({ code: { rejectCode: 5, rejectErrorCode: 'IC0522' } });
        const calls = await callsUntil(spin);
        await failed;
        spins++;
        return Math.max(0, calls - 1);
    };
    const first = callsBeside();
    const behind = counter(looping).inc();
    let calls = await first;
    await behind;
    expect(await counter(looping).read()).toBe(1n);
    // How many calls a loop is long depends on who else needs the processor.
    while (calls < CALLS && spins < MAX_SPINS) calls += await callsBeside();
    expect(calls).toBeGreaterThanOrEqual(CALLS);
    // By then the thread has been ended, and a new one is begun.
    await new Promise((done) => setTimeout(done, 2_500));
    await callsBeside();
    // Each 40 billion instructions, and little else.
    const spent = (balance ?? 0n) - ((await network.api.cycles(looping.toUint8Array())) ?? 0n);
    expect(spent).toBeGreaterThan(BigInt(spins) * 40_000_000_000n);
    expect(spent).toBeLessThan(BigInt(spins) * 40_100_000_000n);
});

test('live: when progress stops in the middle, the next tick ends what goes on; by hand a call ends in the round of its beginning', async () => {
    const { api } = network;
    const looping = (await deploy(agent, await counterWasm())).toUint8Array();
    const call = { sender: Uint8Array.of(4), canisterId: looping, argument: new Uint8Array() };
    const submit = async (methodName: string): Promise<Uint8Array> => {
        const outcome = await api.submitUnsigned({ ...call, methodName });
        if (outcome.kind !== 'accepted') throw new TypeError(outcome.rejection.message);
        return outcome.requestId;
    };
    const looped = { kind: 'rejected', rejection: { rejectCode: 5, errorCode: 'IC0522' } };
    /** A loop in whose midst progress has stopped: how many calls it is long depends on who else needs the processor. */
    const stopInTheMidst = async (): Promise<Uint8Array> => {
        for (;;) {
            const spin = await submit('spin');
            await counter(served).inc();
            await api.stopLive();
            if ((await api.ingressStatus(spin))?.kind === 'processing') return spin;
            await api.startLive();
        }
    };
    const cutOff = await stopInTheMidst();
    await api.tick();
    expect(await api.ingressStatus(cutOff)).toMatchObject(looped);
    expect(await api.awaitIngress(await submit('spin'), 1)).toMatchObject(looped);
    await api.startLive();
    expect(await api.awaitIngress(await submit('inc'), 1)).toMatchObject({ kind: 'replied' });
    expect(await counter(served).read()).toBeGreaterThan(1n);
});

test('live: storms, growing heaps, heartbeats and installations that loop, all at once, leave room for others', async () => {
    const loop = await assemble(`(module (memory 1)
        (func $loop (loop $again (i32.store (i32.const 0) (i32.const 1)) (br $again)))
        (export "canister_heartbeat" (func $loop)))`);
    const setup = await assemble('(module (func (export "canister_init") (loop $again (br $again))))');
    const bomb = await assemble(`(module (memory 1)
        (func $fill (local $at i32)
            (loop $again
                (drop (memory.grow (i32.const 16)))
                (memory.fill (local.get $at) (i32.const 1) (i32.const 1048576))
                (local.set $at (i32.add (local.get $at) (i32.const 1048576)))
                (br_if $again (i32.lt_u (local.get $at) (i32.const 1000000000))))
            unreachable)
        (export "canister_heartbeat" (func $fill)))`);
    const storm = await assemble(`(module
        (import "ic0" "canister_self_size" (func $size (result i32)))
        (import "ic0" "canister_self_copy" (func $self (param i32 i32 i32)))
        (import "ic0" "call_new" (func $new (param i32 i32 i32 i32 i32 i32 i32 i32)))
        (import "ic0" "call_perform" (func $perform (result i32)))
        (import "ic0" "msg_reply" (func $reply))
        (memory 1) (table funcref (elem $done)) (data (i32.const 64) "run")
        (func $done (param i32))
        (func $call
            (call $self (i32.const 0) (i32.const 0) (call $size))
            (call $new (i32.const 0) (call $size) (i32.const 64) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
            (drop (call $perform)))
        (export "canister_update run" (func $reply))
        (func (export "canister_heartbeat") (local $i i32)
            (loop $again (call $call) (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $again (i32.lt_u (local.get $i) (i32.const 500))))))`);
    await deploy(agent, loop);
    await deploy(agent, bomb);
    await deploy(agent, storm);
    // It takes minutes: the network is closed before.
    let isInstalling = true;
    const ended = (): void => void (isInstalling = false);
    void deploy(agent, setup).then(ended, ended);
    for (let calls = 0; calls < CALLS; calls++) await counter(served).inc();
    expect(isInstalling).toBe(true);
});
