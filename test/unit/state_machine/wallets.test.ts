import { Principal } from '@dfinity/principal';
import { kindOf, must, principalOf, World } from './world';

const account = (label: string, byte?: number) => ({
    owner: principalOf(label),
    subaccount: byte === undefined ? undefined : new Uint8Array(32).fill(byte)
});

function proposed(): World {
    const world = new World();
    must(world.register('x', 'compute'));
    must(world.wallets.propose(principalOf('x'), account('w1'), world.now));
    return world;
}

test('bind: needs the consent of both sides', () => {
    const world = proposed();
    const bind = (label: string, byte?: number) =>
        world.wallets.bind(account(label, byte), principalOf('x'), world.now);
    expect(kindOf(bind('w2'))).toBe('NotWalletOwner');
    expect(kindOf(bind('w1', 1))).toBe('NotWalletOwner');
    expect(kindOf(bind('w1', 0))).toBe('ok');
    expect(kindOf(bind('w1'))).toBe('AlreadyBound');
    expect(kindOf(world.wallets.propose(principalOf('x'), account('w2'), world.now))).toBe('AlreadyBound');
});

test('bind: a proposal holds for ten minutes', () => {
    const world = proposed();
    world.advance(601);
    expect(kindOf(world.wallets.bind(account('w1'), principalOf('x'), world.now))).toBe('ProposalExpired');
    must(world.wallets.propose(principalOf('x'), account('w1'), world.now));
    world.advance(600);
    expect(kindOf(world.wallets.bind(account('w1'), principalOf('x'), world.now))).toBe('ok');
});

test('AS-36: only the current owner rebinds, and rewards hears of each change once more', () => {
    const world = proposed();
    const bound = must(world.wallets.bind(account('w1'), principalOf('x'), world.now));
    const rebind = (label: string) => world.wallets.rebind(principalOf(label), principalOf('x'), account('w2'));
    expect(kindOf(rebind('w2'))).toBe('NotWalletOwner');
    expect(kindOf(rebind('x'))).toBe('NotWalletOwner');
    const rebound = must(rebind('w1'));
    expect(world.registry.profile(rebound.id).wallet?.owner.toText()).toBe(principalOf('w2').toText());
    expect(rebound.record.factsVersion).toBe(bound.record.factsVersion + 1n);
    expect(kindOf(rebind('w1'))).toBe('NotWalletOwner');
    expect(world.outbox.pending()).toBe(2n);
});

test('propose: only a registered node, and no anonymous owner', () => {
    const world = proposed();
    expect(kindOf(world.wallets.propose(principalOf('nobody'), account('w1'), world.now))).toBe('NotFound');
    const anonymous = { owner: Principal.anonymous() };
    expect(kindOf(world.wallets.propose(principalOf('x'), anonymous, world.now))).toBe('InvalidArgument');
});
