import { alice, newNetwork, scripted } from './support/network';
import { call, reply, trap } from './support/script';

test('instructions: updates, queries, traps and all messages of a call are counted, rounds without work are not', async () => {
    const network = newNetwork();
    const module = await scripted();
    const [front, back] = [network.deploy(module), network.deploy(module)];
    const { ic } = network;
    const cost = (action: () => unknown): bigint => {
        const before = ic.instructionsExecuted();
        action();
        return ic.instructionsExecuted() - before;
    };

    const alone = cost(() => network.run(back, reply('done')));
    const trapped = cost(() => network.run(back, trap('on purpose')));
    const query = cost(() => network.ask(back, reply('done')));
    const through = cost(() => network.run(front, call({ to: back, argument: reply('done'), onReply: reply('ok') })));
    const idle = cost(() => ic.runRound());

    expect([alone, trapped, query].every((instructions) => instructions > 0n)).toBe(true);
    expect(cost(() => network.run(back, reply('done'), alice))).toBe(alone);
    expect(through).toBeGreaterThan(2n * alone);
    expect(idle).toBe(0n);
});
