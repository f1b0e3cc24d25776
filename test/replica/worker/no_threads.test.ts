/** When the system gives no more threads, the network's own does the work: everybody waits for it, and it is done. */
import { Executors } from '../../../src/replica/worker/executors';
import { Questions } from '../../../src/replica/worker/questions';
import { tryThread } from '../../../src/replica/worker/thread_limits';
import { alice, newNetwork, replied, scripted } from '../ic/support/network';
import * as s from '../ic/support/script';
import { countersOf, slowCanister } from './support/slow_canister';

/** What `new Worker` throws when the system has no thread left. */
class NoThread extends Error {
    readonly code = 'ERR_WORKER_INIT_FAILED';
}
const noThread = (): never => {
    throw new NoThread('Worker initialization failure: EAGAIN');
};

test('only the want of a thread is taken for one', () => {
    expect(tryThread(() => 7)).toBe(7);
    expect(tryThread(noThread)).toBeUndefined();
    expect(() =>
        tryThread(() => {
            throw new RangeError('a bug');
        })
    ).toThrow(RangeError);
});

test('a long query', async () => {
    const network = newNetwork();
    const a = network.deploy(await slowCanister());
    replied(network.send({ to: a, method: 'inc' }));
    const questions = new Questions(network.ic, noThread);
    const message = { sender: alice, canisterId: a, methodName: 'slow', argument: new Uint8Array() };
    const { kind, answer } = await questions.ask(network.ic.question(message));
    expect([kind, countersOf(replied(answer))]).toEqual(['answered', [1, 1, 1, 1]]);
    questions.close();
});

test('a long message', async () => {
    const network = newNetwork();
    const a = network.deploy(await scripted());
    const [, request] = network.submit({ to: a, method: 'run', argument: s.seq(s.work(600), s.reply('done')) });
    network.ic.runRound(true);
    expect(network.ic.longExecutions()).toHaveLength(1);
    let ended = 0;
    const executors = new Executors(network.ic, () => (ended += 1), noThread);
    executors.serve();
    expect(ended).toBe(1);
    network.ic.runRound(true);
    expect(Buffer.from(replied(network.ic.ingressStatus(request))).toString()).toBe('done');
    executors.close();
});
