import { RESEND_WINDOW_NS } from '../../../src/core/transfer_intents';
import { NS_PER_S } from '../../../src/core/clock';
import { aHub, PRICE_E8S, type TestHub } from './a_hub';
import { principalNamed } from './fake_peers';

const alice = principalNamed('alice');
const FEE = 100_000n;

async function rich(credits = 100n): Promise<TestHub> {
    const t = await aHub();
    await t.buy(alice, credits);
    t.peers.balances.set(alice.toText(), 0n);
    return t;
}

const withdraw = (t: TestHub, credits: bigint) =>
    t.hub.tradeCredits.withdraw({ owner: alice, credits, account: { owner: alice } });
const paid = (t: TestHub): bigint => t.peers.balance({ owner: alice });

async function sweep(t: TestHub): Promise<void> {
    t.advance(31n);
    await t.hub.money.finishUnresolved();
}

test('unused credits are paid back at their price, less the ledger fee', async () => {
    const t = await rich();
    expect(await withdraw(t, 40n)).toMatchObject({ ok: true });
    expect(paid(t)).toBe(40n * PRICE_E8S - FEE);
    expect(t.hub.credits.account(alice)).toEqual({
        bought: 100n,
        available: 60n,
        held: 0n,
        spent: 0n,
        withdrawn: 40n
    });
    expect(t.hub.credits.totals()).toMatchObject({ available: 60n, withdrawing: 0n, withdrawn: 40n });
    expect(t.unexplainedE8s()).toBe(0n);
});

test('credits that are held or spent cannot be withdrawn, nor a worth that the fee eats', async () => {
    const t = await rich();
    t.open(alice, 70n);
    expect(await withdraw(t, 31n)).toEqual({ ok: false, error: { kind: 'InsufficientCredits', available: 30n } });
    expect(await withdraw(t, 1n)).toMatchObject({ ok: false, error: { kind: 'InvalidArgument' } });
    expect(await withdraw(t, 0n)).toMatchObject({ ok: false, error: { kind: 'InvalidArgument' } });
    expect(await withdraw(t, 30n)).toMatchObject({ ok: true });
    expect(t.unexplainedE8s()).toBe(0n);
});

test('credits on their way out cannot be spent, and come back when the ledger certainly did nothing', async () => {
    const t = await rich();
    t.peers.meanwhile = (call) => {
        if (call !== 'transfer') return;
        expect(t.hub.credits.account(alice)).toMatchObject({ available: 0n, withdrawn: 100n });
        expect(t.unexplainedE8s()).toBe(0n);
        t.peers.balances.set(t.peers.hubAccount().owner.toText(), 0n);
    };
    expect(await withdraw(t, 100n)).toEqual({ ok: false, error: { kind: 'InsufficientFunds', balanceE8s: 0n } });
    expect(t.hub.credits.account(alice)).toMatchObject({ available: 100n, withdrawn: 0n });
});

test.each(['reply_lost', 'down'] as const)('asking again after %s pays once', async (fault) => {
    const t = await rich();
    t.peers.failNext('transfer', fault);
    expect(await withdraw(t, 50n)).toMatchObject({ ok: false, error: { kind: 'TemporarilyUnavailable' } });
    expect(await withdraw(t, 49n)).toMatchObject({ ok: false, error: { kind: 'Busy' } });
    expect(await withdraw(t, 50n)).toMatchObject({ ok: true });
    expect(paid(t)).toBe(50n * PRICE_E8S - FEE);
    expect(t.hub.credits.account(alice)).toMatchObject({ available: 50n, withdrawn: 50n });
    expect(t.unexplainedE8s()).toBe(0n);
});

test.each([
    ['executed', 'reply_lost', 50n],
    ['not executed', 'down', 0n]
] as const)('a withdrawal that the ledger has forgotten (%s) is told by its log', async (_, fault, withdrawn) => {
    const t = await rich();
    t.peers.failNext('transfer', fault);
    await withdraw(t, 50n);
    t.peers.forgetsTransactions = true;
    t.advance(26n * 3_600n);
    for (let run = 0; run < 3; run++) await sweep(t);
    expect(t.hub.credits.account(alice)).toMatchObject({ withdrawn, available: 100n - withdrawn });
    expect(paid(t)).toBe(withdrawn === 0n ? 0n : withdrawn * PRICE_E8S - FEE);
    expect(t.hub.movements.unresolvedCount()).toBe(0);
    expect(t.unexplainedE8s()).toBe(0n);
});

test('two lost movements are told apart, whatever strangers give the hub meanwhile', async () => {
    const t = await rich();
    const bob = principalNamed('bob');
    t.peers.fund(bob, 30n * PRICE_E8S);
    t.peers.failNext('transfer', 'reply_lost', 'down');
    await withdraw(t, 50n);
    await t.hub.tradeCredits.buy({ owner: bob, credits: 20n, account: { owner: bob } });
    const gift = 20n * PRICE_E8S;
    t.peers.gift(principalNamed('stranger'), t.peers.hubAccount(), gift);
    for (let n = 0; n < 5; n++) t.peers.gift(principalNamed('stranger'), { owner: alice }, 1n);
    t.peers.forgetsTransactions = true;
    t.advance(26n * 3_600n);
    for (let run = 0; run < 3; run++) await sweep(t);
    expect(paid(t)).toBe(50n * PRICE_E8S - FEE + 5n);
    expect(t.hub.credits.account(bob).bought).toBe(0n);
    expect(t.hub.movements.unresolvedCount()).toBe(0);
    expect(t.unexplainedE8s()).toBe(gift);
});

test('a lost movement waits while the ledger could still execute it, or its log cannot be read', async () => {
    const t = await rich();
    t.peers.failNext('transfer', 'reply_lost');
    await withdraw(t, 50n);
    t.peers.forgetsTransactions = true;
    t.advance(RESEND_WINDOW_NS / NS_PER_S + 1n);
    for (let run = 0; run < 3; run++) await sweep(t);
    expect(t.peers.calls).not.toContain('history');
    t.advance(2n * 3_600n);
    t.peers.failNext('history', 'down');
    await sweep(t);
    expect(t.hub.movements.unresolvedCount()).toBe(1);
    await sweep(t);
    expect(t.hub.movements.unresolvedCount()).toBe(0);
    expect(paid(t)).toBe(50n * PRICE_E8S - FEE);
});
