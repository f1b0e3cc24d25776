/** Nobody fills the machine by sending, or by answering, a lot. */
import { InternetComputer } from '../../../src/replica/ic';
import { ingressLimits } from '../../../src/replica/state/limits';
import { Session } from '../../../src/replica/worker/session';
import { alice, assemble, networkConfig, newNetwork, replied, scripted, TestNetwork } from './support/network';

/** Shared by all messages, so that they take no memory here. */
const large = new Uint8Array(2 * 1024 * 1024);
const ofOne = Math.floor(ingressLimits.waitingOfOneBytes / large.length) - 1;
const ofAll = Math.floor(ingressLimits.waitingBytes / large.length) - 1;

/** How many such messages are taken until one is refused, and why. */
function fill(network: TestNetwork, to: Uint8Array): { readonly taken: number; readonly refusal: string } {
    for (let taken = 0; ; taken += 1) {
        const [result] = network.submit({ to, method: 'absent', argument: large });
        if (result.kind === 'rejected') return { taken, refusal: result.rejection.errorCode };
    }
}

test('messages that wait are bounded, for each canister and for all; what was executed makes room', async () => {
    const network = newNetwork();
    const wasm = await scripted();
    const canisters = Array.from({ length: 10 }, () => network.deploy(wasm));
    const taken = canisters.map((canister) => fill(network, canister));
    expect(taken[0]).toEqual({ taken: ofOne, refusal: 'IC0204' });
    expect(taken.reduce((sum, each) => sum + each.taken, 0)).toBe(ofAll);
    expect(taken.at(-1)).toEqual({ taken: 0, refusal: 'IC0204' });
    const restored = network.continuedBy(new InternetComputer(networkConfig, [], network.ic.image()));
    expect(fill(restored, canisters[0] ?? alice).taken).toBe(0);
    for (const each of [network, restored]) {
        expect(each.ic.runUntilIdle(1_000)).toBe(true);
        expect(fill(each, canisters[0] ?? alice).taken).toBe(ofOne);
    }
});

test('a call for which there is no room is refused with 503', async () => {
    const session = new Session({ live: false, seed: new Uint8Array(32), skipsValidation: true });
    const network = new TestNetwork(session.core.ic);
    const canister = network.deploy(await scripted());
    fill(network, canister);
    const content = {
        type: 'call',
        requestId: new Uint8Array(32).fill(9),
        sender: alice,
        canisterId: canister,
        methodName: 'run',
        argument: large,
        ingressExpiryNs: 2n ** 63n
    } as const;
    const answer = await session.call({ content }, canister, 'sync');
    expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([
        503,
        'Service is overloaded, try again later.'
    ]);
    session.close();
});

test('answers that are kept are bounded: the oldest are dropped, and their requests are done', async () => {
    const network = newNetwork({ costSchedule: 'Free' });
    const talkative = await assemble(`(module
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (import "ic0" "msg_reply" (func $reply))
        (memory 33) (func (export "canister_update talk") (call $append (i32.const 0) (i32.const 2097152)) (call $reply)))`);
    const canister = network.deploy(talkative);
    const requests = Array.from({ length: ingressLimits.answerBytes / large.length + 2 }, () => {
        const [, requestId] = network.submit({ to: canister, method: 'talk' });
        return requestId;
    });
    expect(network.ic.runUntilIdle(1_000)).toBe(true);
    const kinds = requests.map((requestId) => network.ic.ingressStatus(requestId).kind);
    const kept = kinds.filter((kind) => kind === 'replied').length;
    expect(kinds).toEqual([...Array<string>(kinds.length - kept).fill('done'), ...Array<string>(kept).fill('replied')]);
    expect(kept * large.length).toBeLessThanOrEqual(ingressLimits.answerBytes);
    expect(kept * large.length).toBeGreaterThan(ingressLimits.answerBytes / 2);
    expect(network.ic.takeDoneRequests()).toEqual(expect.arrayContaining(requests.slice(0, kinds.length - kept)));
    expect(replied(network.send({ to: canister, method: 'talk' })).length).toBe(large.length);
});
