import { aHub, PRICE_E8S, type TestHub } from './a_hub';
import { principalNamed } from './fake_peers';

const alice = principalNamed('alice');
const bob = principalNamed('bob');
const FEE = 100_000n;

const buy = (t: TestHub, credits: bigint, owner = alice) =>
    t.hub.tradeCredits.buy({ owner, credits, account: { owner } });

/** Lets the timer's sweep run until nothing is due. */
async function sweep(t: TestHub): Promise<void> {
    t.advance(60n);
    await t.hub.money.finishUnresolved();
}

test('credits cost their price and the payer bears the ledger fee', async () => {
    const t = await aHub();
    t.peers.fund(alice, 10n * PRICE_E8S + FEE);
    expect(await buy(t, 10n)).toEqual({ ok: true, value: { id: 0n, blockIndex: 0n } });
    expect(t.hub.credits.account(alice)).toMatchObject({ bought: 10n, available: 10n });
    expect(t.peers.balance({ owner: alice })).toBe(0n);
    expect(t.unexplainedE8s()).toBe(0n);
});

test('what the ledger refuses leaves no trace', async () => {
    const t = await aHub();
    expect(await buy(t, 10n)).toEqual({ ok: false, error: { kind: 'InsufficientAllowance', allowanceE8s: 0n } });
    t.peers.allowances.set(alice.toText(), 10n ** 12n);
    expect(await buy(t, 10n)).toEqual({ ok: false, error: { kind: 'InsufficientFunds', balanceE8s: 0n } });
    expect(t.hub.movements.unresolvedCount()).toBe(0);
    expect(t.hub.credits.account(alice).bought).toBe(0n);
});

test('credits are 1 to 10^12', async () => {
    const t = await aHub();
    for (const credits of [0n, 10n ** 12n + 1n]) {
        expect(await buy(t, credits)).toMatchObject({ ok: false, error: { kind: 'InvalidArgument' } });
    }
});

test('a lost reply: asking again finds the Duplicate and credits once', async () => {
    const t = await aHub();
    t.peers.fund(alice, 50n * PRICE_E8S);
    t.peers.failNext('transfer', 'reply_lost');
    expect(await buy(t, 10n)).toMatchObject({ ok: false, error: { kind: 'TemporarilyUnavailable' } });
    expect(t.hub.credits.account(alice).bought).toBe(0n);
    expect(await buy(t, 10n)).toEqual({ ok: true, value: { id: 0n, blockIndex: 0n } });
    expect(t.hub.credits.account(alice).bought).toBe(10n);
    expect(t.unexplainedE8s()).toBe(0n);
});

test('a lost reply that nobody asks about is resolved by the sweep', async () => {
    const t = await aHub();
    t.peers.fund(alice, 50n * PRICE_E8S);
    t.peers.failNext('transfer', 'reply_lost', 'down', 'down');
    await buy(t, 10n);
    for (let run = 0; run < 3; run++) await sweep(t);
    expect(t.hub.credits.account(alice).bought).toBe(10n);
    expect(t.hub.movements.unresolvedCount()).toBe(0);
    expect(t.unexplainedE8s()).toBe(0n);
});

test('one purchase per principal: another one waits while the first is unresolved, others are not held up', async () => {
    const t = await aHub();
    t.peers.fund(alice, 50n * PRICE_E8S);
    t.peers.failNext('transfer', 'down');
    await buy(t, 10n);
    expect(await buy(t, 11n)).toEqual({ ok: false, error: { kind: 'Busy' } });
    t.peers.fund(bob, 50n * PRICE_E8S);
    expect((await buy(t, 11n, bob)).ok).toBe(true);
});

test('two purchases at once: the second is Busy and one is paid', async () => {
    const t = await aHub();
    t.peers.fund(alice, 50n * PRICE_E8S);
    const [first, second] = await Promise.all([buy(t, 10n), buy(t, 10n)]);
    expect(first.ok).toBe(true);
    expect(second).toEqual({ ok: false, error: { kind: 'Busy' } });
    expect(t.hub.credits.account(alice).bought).toBe(10n);
});

test('an interrupted call (upgrade) is asked again after ten minutes and credited once', async () => {
    const t = await aHub();
    t.peers.fund(alice, 50n * PRICE_E8S);
    t.peers.meanwhile = () => new Promise(() => undefined);
    void buy(t, 10n);
    await Promise.resolve();
    t.peers.meanwhile = () => undefined;
    await sweep(t);
    expect(t.hub.credits.account(alice).bought).toBe(0n);
    expect(await buy(t, 10n)).toEqual({ ok: false, error: { kind: 'Busy' } });
    t.advance(600n);
    await sweep(t);
    expect(t.hub.credits.account(alice).bought).toBe(10n);
    expect(t.unexplainedE8s()).toBe(0n);
});

test('an answer that comes after its purchase was asked again is not credited a second time', async () => {
    const t = await aHub();
    t.peers.fund(alice, 50n * PRICE_E8S);
    let answerLate: () => void = () => undefined;
    t.peers.meanwhile = () => new Promise<void>((resolve) => (answerLate = resolve));
    const late = buy(t, 10n);
    t.peers.meanwhile = () => undefined;
    t.advance(601n);
    await sweep(t);
    expect(t.hub.credits.account(alice).bought).toBe(10n);
    answerLate();
    expect((await late).ok).toBe(true);
    expect(t.hub.credits.account(alice).bought).toBe(10n);
    expect(t.unexplainedE8s()).toBe(0n);
});

test.each([
    ['executed', 'reply_lost', 10n],
    ['not executed', 'down', 0n]
] as const)('when the ledger has forgotten a purchase that was %s, its log tells', async (_, fault, credits) => {
    const t = await aHub();
    t.peers.fund(alice, 50n * PRICE_E8S);
    t.peers.failNext('transfer', fault);
    await buy(t, 10n);
    t.peers.forgetsTransactions = true;
    t.advance(26n * 3_600n);
    await sweep(t);
    expect(t.hub.credits.account(alice).bought).toBe(credits);
    expect(t.hub.movements.unresolvedCount()).toBe(0);
    expect(t.unexplainedE8s()).toBe(0n);
});
