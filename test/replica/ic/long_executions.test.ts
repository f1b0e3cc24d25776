/** Executions that take long go on beside the rounds, and come to the same end as if all had waited for them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IngressStatus, NetworkInput } from '../../../src/replica/ic';
import { carry as carryThrough } from './support/executor';
import * as s from './support/script';
import { codeOf, newNetwork, replied, repliedText, scripted, trillion, type TestNetwork } from './support/network';
import { reopenedFrom, stateOf } from './support/state';

/** More than a slice, less than the limit; and more than the limit. */
const long = s.work(900);
const endless = s.work(60_000);

let wasm: Uint8Array;
let beating: Uint8Array;
beforeAll(async () => {
    wasm = await scripted();
    beating = await scripted('heartbeat');
});

interface Scene {
    readonly network: TestNetwork;
    readonly inputs: NetworkInput[];
    readonly a: Uint8Array;
    readonly b: Uint8Array;
}

function scene(): Scene {
    const network = newNetwork();
    const inputs: NetworkInput[] = [];
    network.ic.recordInputs((input) => inputs.push(structuredClone(input)));
    return { network, inputs, a: network.deploy(wasm), b: network.deploy(wasm, 50n * trillion) };
}

/** The oldest one. */
function carry({ ic }: TestNetwork): void {
    const [oldest] = ic.longExecutions();
    if (oldest === undefined) throw new RangeError('there is no long execution');
    carryThrough(ic, oldest);
}

/** Rounds of a network that follows the clock, until nothing is left; heartbeats are not waited for. */
function settle(network: TestNetwork): void {
    for (let round = 0; round < 50; round += 1) {
        network.ic.runRound(true);
        if (network.ic.longExecutions().length > 0) carry(network);
        else if (!network.ic.hasWork()) return;
    }
}

function submitted(network: TestNetwork, to: Uint8Array, argument: Uint8Array): Uint8Array {
    const [result, requestId] = network.submit({ to, method: 'run', argument });
    expect(result.kind).toBe('accepted');
    return requestId;
}

/** The state, but for when and in which order it came about. */
function substance(network: TestNetwork, ...more: readonly string[]): unknown {
    const times = new Set([
        'changeCounter',
        'nextExecutionId',
        'clockNs',
        'roundNs',
        'prunedNs',
        'turnInstructions',
        'rentPaidNs',
        ...more
    ]);
    const strip = (value: unknown): unknown => {
        if (value instanceof Map) return [...value].map(strip);
        if (Array.isArray(value)) return value.map(strip);
        if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
        return Object.fromEntries(
            Object.entries(value)
                .filter(([key, field]) => !times.has(key) && !(key === 'version' && typeof field === 'number'))
                .map(([key, field]) => [key, strip(field)])
        );
    };
    return strip(stateOf(network));
}

const effects = s.seq(
    s.add(7),
    s.growHeap(3),
    s.stableWrite('stable'),
    s.certify('data'),
    s.print('log'),
    s.burn(1_000_000n),
    s.onTimer(s.add(100))
);

describe.each<readonly [what: string, script: (b: Uint8Array) => Uint8Array, code: string]>([
    ['a reply', () => s.seq(effects, long, s.appendCounter, s.appendTime, s.reply()), 'replied'],
    ['a trap after effects', () => s.seq(effects, long, s.trap('late')), 'IC0503'],
    ['a loop until the limit', () => s.seq(effects, endless), 'IC0522'],
    ['no answer', () => s.seq(effects, long), 'IC0506'],
    [
        'a call with cycles to one that takes long, too',
        (b) => {
            const argument = s.seq(long, s.acceptCycles(5n), s.reply('inner'));
            return s.seq(long, s.call({ to: b, argument, cycles: 9n, onReply: s.seq(s.appendRefund, s.reply()) }));
        },
        'replied'
    ],
    [
        'a callback',
        (b) =>
            s.call({ to: b, argument: s.reply('inner'), onReply: s.seq(s.add(3), long, s.appendArgument, s.reply()) }),
        'replied'
    ],
    [
        'a callback that loops, and a cleanup that takes long',
        (b) =>
            s.call({ to: b, argument: s.reply(), onReply: s.seq(s.add(3), endless), onCleanup: s.seq(s.add(5), long) }),
        'IC0522'
    ],
    [
        'a callback that traps, and a cleanup that loops',
        (b) => s.call({ to: b, argument: s.reply(), onReply: s.trap('callback'), onCleanup: s.seq(s.add(5), endless) }),
        'IC0503'
    ]
])('%s', (_what, script, code) => {
    test('has the same answer, effects, cycles and instructions as without slices', () => {
        const [whole, sliced] = [scene(), scene()];
        const ends = [whole, sliced].map(({ network, a, b }): IngressStatus => {
            const before = network.ic.instructionsExecuted();
            const requestId = submitted(network, a, script(b));
            if (network === sliced.network) settle(network);
            else network.ic.runUntilIdle();
            expect(network.ic.instructionsExecuted() - before).toBeGreaterThan(500_000_000n);
            return network.ic.ingressStatus(requestId);
        });
        expect(sliced.inputs.some(({ kind }) => kind === 'execution_ended')).toBe(true);
        expect(whole.inputs.some(({ kind }) => kind === 'execution_ended')).toBe(false);
        expect(codeOf(ends[0] ?? { kind: 'unknown' })).toBe(code);
        expect(ends[1]).toEqual(ends[0]);
        expect(substance(sliced.network)).toEqual(substance(whole.network));
        const { minted, consumed } = sliced.network.ic.cyclesInExistence();
        const held = [sliced.a, sliced.b].map((id) => sliced.network.ic.cycles(id) ?? 0n);
        expect(held.reduce((sum, cycles) => sum + cycles, 0n)).toBe(minted - consumed);
    });

    test('comes back from the journal alone, whichever thread carried it through', () => {
        const { network, inputs, a, b } = scene();
        submitted(network, a, script(b));
        settle(network);
        const replayed = newNetwork();
        for (const input of inputs) replayed.ic.replay(input);
        expect(stateOf(replayed)).toEqual(stateOf(network));
    });
});

/** More than the slice of an installation, and more than its limit. */
const longSetup = s.work(2_500);
const endlessSetup = s.work(310_000);

describe.each([
    [
        'a canister_init',
        'install',
        s.seq(s.add(9), s.growHeap(3), s.stableWrite('init'), s.print('log'), longSetup),
        'replied'
    ],
    ['a canister_init that traps', 'install', s.seq(s.add(9), longSetup, s.trap('late')), 'IC0503'],
    ['a reinstallation', 'reinstall', s.seq(s.add(9), s.certify('new'), longSetup), 'replied'],
    ['a canister_post_upgrade', 'upgrade', s.seq(s.add(9), s.stableWrite('post'), longSetup, s.burn(5n)), 'replied'],
    ['a canister_post_upgrade that loops', 'upgrade', s.seq(s.add(9), s.stableWrite('post'), endlessSetup), 'IC0522']
] as const)('installing code with %s that takes long', (_what, mode, argument, code) => {
    /** Installed with a pre_upgrade that takes long on its own. */
    function prepared(): Scene & { readonly target: Uint8Array } {
        const all = scene();
        const target = all.network.create();
        if (mode !== 'install') {
            const first = s.seq(
                s.add(1),
                s.stableWrite('first'),
                s.onPreUpgrade(s.seq(s.add(2), s.stableWrite('pre'), longSetup))
            );
            replied(all.network.install(target, wasm, { argument: first }));
        }
        return { ...all, target };
    }

    test('has the same effects, cycles and answer as without slices, and comes back from the journal', () => {
        const [whole, sliced] = [prepared(), prepared()];
        const ends = [whole, sliced].map(({ network, target }) => {
            const requestId = network.installLater(target, wasm, { mode, argument });
            if (network === sliced.network) settle(network);
            else network.ic.runUntilIdle();
            return network.ic.ingressStatus(requestId);
        });
        expect(sliced.inputs.some(({ kind }) => kind === 'execution_ended')).toBe(true);
        expect(whole.inputs.some(({ kind }) => kind === 'execution_ended')).toBe(false);
        expect(codeOf(ends[0] ?? { kind: 'unknown' })).toBe(code);
        expect(ends[1]).toEqual(ends[0]);
        // Code is installed when its installation has ended.
        const when = ['installedAtNs', 'timestampNs'];
        expect(substance(sliced.network, ...when)).toEqual(substance(whole.network, ...when));
        const replayed = newNetwork();
        for (const input of sliced.inputs) replayed.ic.replay(input);
        expect(stateOf(replayed)).toEqual(stateOf(sliced.network));
    });

    test('holds nobody up, and what concerns the canister waits', () => {
        const { network, target, b } = prepared();
        const installation = network.installLater(target, wasm, { mode, argument });
        const quick = submitted(network, b, s.reply('quick'));
        network.ic.runRound(true);
        expect(network.ic.longExecutions()).toHaveLength(1);
        expect(repliedText(network.ic.ingressStatus(quick))).toBe('quick');
        const stop = network.manageLater('stop_canister', target);
        network.ic.runRound(true);
        expect([installation, stop].map((id) => network.ic.ingressStatus(id).kind)).toEqual(['processing', 'received']);
        if (mode !== 'install')
            expect(repliedText(network.ask(target, s.seq(s.appendStable, s.reply())))).toBe('first\0\0\0');
        settle(network);
        expect(codeOf(network.ic.ingressStatus(installation))).toBe(code);
        expect(network.ic.ingressStatus(stop).kind).toBe('replied');
    });
});

test('others are served in the next round, queries see the state before, and messages wait in their order', () => {
    const { network, a, b } = scene();
    const loop = submitted(network, a, s.seq(s.add(1), long, s.reply('slow')));
    const second = submitted(network, a, s.seq(s.add(10), s.appendCounter, s.reply()));
    network.ic.runRound(true);
    const third = submitted(network, a, s.seq(s.add(100), s.appendCounter, s.reply()));
    const other = submitted(
        network,
        b,
        s.seq(s.call({ to: a, argument: s.reply('late'), onReply: s.seq(s.appendArgument, s.reply()) }))
    );
    const quick = submitted(network, b, s.reply('quick'));
    network.ic.runRound(true);
    expect(repliedText(network.ic.ingressStatus(quick))).toBe('quick');
    expect([loop, second, third, other].map((id) => network.ic.ingressStatus(id).kind)).toEqual([
        'processing',
        'received',
        'received',
        'processing'
    ]);
    expect(replied(network.ask(a, s.seq(s.add(1_000), s.appendCounter, s.reply())))).toEqual(
        Uint8Array.of(232, 3, 0, 0)
    );
    expect(network.ic.hasWork()).toBe(false);
    carry(network);
    expect(network.ic.hasWork()).toBe(true);
    settle(network);
    expect(repliedText(network.ic.ingressStatus(loop))).toBe('slow');
    expect(replied(network.ic.ingressStatus(second))).toEqual(Uint8Array.of(11, 0, 0, 0));
    expect(replied(network.ic.ingressStatus(third))).toEqual(Uint8Array.of(111, 0, 0, 0));
    expect(repliedText(network.ic.ingressStatus(other))).toBe('late');
});

test('heartbeats and timers that loop leave turns to the messages of their canister, and others wait for neither', () => {
    const { network, b } = scene();
    const a = network.deploy(beating);
    replied(network.run(a, s.seq(s.onHeartbeat(endless), s.onTimer(endless), s.reply())));
    for (let turn = 0; turn < 3; turn += 1) {
        network.ic.runRound(true);
        expect(network.ic.longExecutions()).toHaveLength(1);
        const own = submitted(network, a, s.seq(s.setTimer(1n), s.reply('own')));
        const other = submitted(network, b, s.reply('other'));
        network.ic.runRound(true);
        expect(repliedText(network.ic.ingressStatus(other))).toBe('other');
        carry(network);
        network.ic.runRound(true);
        expect(repliedText(network.ic.ingressStatus(own))).toBe('own');
        // The heartbeat of the same round gave way.
        expect(network.ic.longExecutions()).toHaveLength(0);
    }
});

test('who took long before is sent away sooner, until its messages are short again', () => {
    const { network, a } = scene();
    const spent = (script: Uint8Array): bigint => {
        const before = network.ic.instructionsOf(a);
        submitted(network, a, script);
        network.ic.runRound(true);
        return network.ic.longExecutions().length === 0 ? network.ic.instructionsOf(a) - before : 0n;
    };
    expect(spent(s.seq(s.work(400), s.reply()))).toBeGreaterThan(400_000_000n);
    expect(spent(s.seq(long, s.reply()))).toBe(0n);
    settle(network);
    expect(spent(s.seq(s.work(400), s.reply()))).toBe(0n);
    settle(network);
    expect(spent(s.seq(s.work(400), s.reply()))).toBeGreaterThan(400_000_000n);
});

test('stopping waits for the long execution; upgrading, uninstalling and snapshots wait for their turn', () => {
    const { network, a } = scene();
    const loop = submitted(network, a, s.seq(s.add(1), long, s.reply('done')));
    network.ic.runRound(true);
    const stop = network.manageLater('stop_canister', a);
    const take = network.manageLater('take_canister_snapshot', a);
    const remove = network.manageLater('uninstall_code', a);
    network.ic.runRound(true);
    expect([stop, take, remove].map((id) => network.ic.ingressStatus(id).kind)).toEqual([
        'processing',
        'received',
        'received'
    ]);
    expect(codeOf(network.run(a, s.reply()))).toBe('IC0509');
    carry(network);
    network.ic.runRound(true);
    expect(repliedText(network.ic.ingressStatus(loop))).toBe('done');
    expect([stop, take, remove].map((id) => network.ic.ingressStatus(id).kind)).toEqual([
        'replied',
        'replied',
        'replied'
    ]);
    expect(network.ic.canister(a)?.moduleHash).toBeUndefined();
});

test('cycles: rent waits, deposits count, and who gave away what fees have taken meanwhile has trapped', () => {
    const { network, b } = scene();
    const a = network.deploy(wasm, trillion);
    replied(network.update(a, { freezing_threshold: [0n] }));
    const balance = network.ic.cycles(a) ?? 0n;
    const request = submitted(network, a, s.seq(s.add(1), long, s.burn(2n ** 60n), s.reply()));
    network.ic.setTime(network.ic.currentTimeNs() + 60_000_000_000n);
    network.ic.runRound(true);
    submitted(network, a, s.reply());
    network.ic.setTime(network.ic.currentTimeNs() + 60_000_000_000n);
    network.ic.runRound(true);
    carry(network);
    settle(network);
    expect(codeOf(network.ic.ingressStatus(request))).toBe('IC0207');
    expect(Buffer.from(replied(network.ask(a, s.seq(s.appendCounter, s.reply())))).readUInt32LE(0)).toBe(0);
    expect(network.ic.cycles(a)).toBeGreaterThan(balance - 10_000_000_000n);
    const again = submitted(network, a, s.seq(s.add(1), long, s.burn(2n ** 60n), s.reply()));
    network.ic.runRound(true);
    submitted(network, a, s.reply());
    network.ic.addCycles(a, 1_000_000_000n);
    carry(network);
    settle(network);
    expect(network.ic.ingressStatus(again).kind).toBe('replied');
    expect(network.ic.cycles(b)).toBeGreaterThan(0n);
});

test('a checkpoint in the middle, and a round that waits, end it as well', () => {
    const folder = mkdtempSync(join(tmpdir(), 'emc-long-'));
    const { network, a } = scene();
    const request = submitted(network, a, s.seq(effects, long, s.appendCounter, s.reply()));
    const next = submitted(network, a, s.seq(s.add(1), s.appendCounter, s.reply()));
    network.ic.runRound(true);
    const reopened = reopenedFrom(join(folder, 'checkpoint'), network);
    rmSync(folder, { recursive: true });
    expect(stateOf(reopened)).toEqual(stateOf(network));
    reopened.ic.runUntilIdle();
    carry(network);
    network.ic.runRound();
    for (const { ic } of [network, reopened]) {
        expect(replied(ic.ingressStatus(request))).toEqual(Uint8Array.of(7, 0, 0, 0));
        expect(replied(ic.ingressStatus(next))).toEqual(Uint8Array.of(8, 0, 0, 0));
    }
    expect(stateOf(reopened)).toEqual(stateOf(network));
});

test('stable memory that is replaced from outside is replaced behind the execution, not under it', () => {
    const { network, a } = scene();
    const request = submitted(network, a, s.seq(s.stableWrite('inside'), long, s.reply()));
    network.ic.runRound(true);
    expect(network.ic.setStableMemory(a, Buffer.from('outside!'))).toBe(true);
    expect(network.ic.ingressStatus(request).kind).toBe('replied');
    expect(repliedText(network.ask(a, s.seq(s.appendStable, s.reply())))).toBe('outside!');
});
