import { isOnline, reportStatus } from '../../../canisters/state_machine/domain/presence';
import { isEligible, weightSnapshot } from '../../../canisters/state_machine/domain/snapshot';
import { reportableApps } from '../../../src/core/compute/app_names';
import { fullStake, kindOf, must, principalOf, RULES, seconds, World } from './world';

test('AS-33: online until 1,800 s after the report, at 1,801 s no more', () => {
    const world = new World();
    const node = world.withComputeNode('c');
    const presence = must(world.registry.findLiving(node)).presence;
    expect(isOnline(world.config, presence, world.now + seconds(1_800))).toBe(true);
    expect(isOnline(world.config, presence, world.now + seconds(1_801))).toBe(false);
});

test('report: at most one a minute', () => {
    const world = new World();
    world.withComputeNode('c');
    world.advance(59);
    expect(world.report('c')).toEqual({ ok: false, error: { kind: 'RateLimited', retryAfterS: 1n } });
    world.advance(1);
    expect(kindOf(world.report('c'))).toBe('ok');
});

test('report: refuses strangers and endless texts', () => {
    const world = new World();
    expect(kindOf(world.report('stranger'))).toBe('NotFound');
    must(world.register('c', 'compute'));
    const reportOf = (change: object) => {
        const report = { queueDepth: 0, capacity: 1, apps: ['a'], version: '1', ...change };
        return kindOf(reportStatus(world.registry, world.config, principalOf('c'), report, world.now));
    };
    const apps = (count: number, length: number) => ({ apps: Array.from({ length: count }, () => 'a'.repeat(length)) });
    const wrong = [apps(33, 1), apps(1, 0), apps(1, 129), apps(32, 17), { apps: ['a\u0000b'] }, { apps: ['Ä'] }];
    for (const change of [...wrong, { version: '1'.repeat(65) }, { version: '€' }, { version: '1\u0000' }]) {
        expect([change, reportOf(change)]).toEqual([change, 'InvalidArgument']);
    }
    expect(reportOf({ ...apps(32, 16), version: '1'.repeat(64) })).toBe('ok');
    world.advance(60);
    expect(reportOf({ apps: ['org/model:7b'.padEnd(128, 'x')] })).toBe('ok');
});

test('report: a node names as many of its apps as one report takes', () => {
    const world = new World();
    must(world.register('c', 'compute'));
    for (const apps of [
        Array.from({ length: 40 }, (_, i) => `app-${i}`),
        Array.from({ length: 9 }, () => 'a'.repeat(64))
    ]) {
        const said = reportableApps(apps);
        const report = { queueDepth: 0, capacity: 1, apps: said, version: '1' };
        expect(kindOf(reportStatus(world.registry, world.config, principalOf('c'), report, world.now))).toBe('ok');
        const more = { ...report, apps: apps.slice(0, said.length + 1) };
        world.advance(60);
        expect(kindOf(reportStatus(world.registry, world.config, principalOf('c'), more, world.now))).toBe(
            'InvalidArgument'
        );
    }
});

test('status: an active compute node that fell silent must prove its computing again', () => {
    const world = new World();
    world.withValidators(4);
    const node = world.withComputeNode('c');
    world.prove(node);
    expect(world.status('c')).toBe('Active');
    world.advance(1_801);
    expect(world.status('c')).toBe('Inactive');
    must(world.report('c'));
    expect(world.status('c')).toBe('Inactive');
    world.prove(node);
    expect(world.status('c')).toBe('Active');
});

test('status: a staked router that fell silent is active again with its next report', () => {
    const world = new World();
    must(world.register('r', 'router'));
    must(world.report('r'));
    must(world.stakes.settle(principalOf('r'), fullStake('router'), RULES, world.now));
    expect(world.status('r')).toBe('Active');
    world.advance(1_801);
    expect(world.status('r')).toBe('Inactive');
    must(world.report('r'));
    expect(world.status('r')).toBe('Active');
});

test('snapshot: eligible only who was active, online and in consensus at the window end', () => {
    const world = new World({ verificationPeriodS: 3_600n });
    world.withValidators(4);
    const node = world.withComputeNode('c');
    const beforeProof = world.now;
    world.prove(node);
    const known = () => must(world.registry.findLiving(node));
    const provenAt = world.now;
    expect(isEligible(world.weightRules, known(), beforeProof)).toBe(false);
    expect(isEligible(world.weightRules, known(), provenAt)).toBe(true);
    expect(isEligible(world.weightRules, known(), beforeProof + seconds(1_800))).toBe(true);
    expect(isEligible(world.weightRules, known(), beforeProof + seconds(1_801))).toBe(false);
    for (let minute = 0; minute < 61; minute++) {
        world.advance(60);
        must(world.report('c'));
    }
    expect(isEligible(world.weightRules, known(), provenAt + seconds(3_600))).toBe(true);
    expect(isEligible(world.weightRules, known(), provenAt + seconds(3_601))).toBe(false);
});

test('snapshot: a node that came back after the window end was not online at it', () => {
    const world = new World();
    must(world.register('r', 'router'));
    must(world.report('r'));
    must(world.stakes.settle(principalOf('r'), fullStake('router'), RULES, world.now));
    world.advance(1_900);
    const windowEnd = world.now;
    world.advance(30);
    must(world.report('r'));
    const page = weightSnapshot(world.registry, world.weightRules, windowEnd, 0n, 10n);
    expect(page.items.map((item) => [item.nodeClass, item.eligible])).toEqual([['router', false]]);
    expect(weightSnapshot(world.registry, world.weightRules, world.now, 0n, 10n).items[0]?.eligible).toBe(true);
});
