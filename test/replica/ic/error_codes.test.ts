/** Error codes by name and number, and the texts that tools look for (replica.md a.6). */
import { IDL } from '@dfinity/candid';
import type { IngressStatus } from '../../../src/replica/ic';
import { errorCodeText, errorNameOf, isErrorName, rejectCodeOf } from '../../../src/replica/state/errors';
import { canisterIdOfIndex, idText, managementId } from '../../../src/replica/state/principals';
import * as s from './support/script';
import {
    alice,
    bob,
    codeOf,
    newNetwork,
    replied,
    repliedText,
    scripted,
    trillion,
    type TestNetwork
} from './support/network';

const table = `0101 SubnetOversubscribed 0102 MaxNumberOfCanistersReached 0201 CanisterQueueFull 0202 IngressMessageTimeout
    0203 CanisterQueueNotEmpty 0204 IngressHistoryFull 0205 CanisterIdAlreadyExists 0206 StopCanisterRequestTimeout
    0207 CanisterOutOfCycles 0208 CertifiedStateUnavailable 0209 CanisterInstallCodeRateLimited 0210 CanisterHeapDeltaRateLimited
    0301 CanisterNotFound 0305 CanisterSnapshotNotFound 0402 InsufficientMemoryAllocation 0403 InsufficientCyclesForCreateCanister
    0404 SubnetNotFound 0405 CanisterNotHostedBySubnet 0406 CanisterRejectedMessage 0407 UnknownManagementMessage
    0408 InvalidManagementPayload 0409 CanisterSnapshotImmutable 0502 CanisterTrapped 0503 CanisterCalledTrap
    0504 CanisterContractViolation 0505 CanisterInvalidWasm 0506 CanisterDidNotReply 0507 CanisterOutOfMemory 0508 CanisterStopped
    0509 CanisterStopping 0510 CanisterNotStopped 0511 CanisterStoppingCancelled 0512 CanisterInvalidController
    0513 CanisterFunctionNotFound 0514 CanisterNonEmpty 0517 QueryCallGraphLoopDetected 0520 InsufficientCyclesInCall
    0521 CanisterWasmEngineError 0522 CanisterInstructionLimitExceeded 0524 CanisterMemoryAccessLimitExceeded
    0525 QueryCallGraphTooDeep 0526 QueryCallGraphTotalInstructionLimitExceeded 0527 CompositeQueryCalledInReplicatedMode
    0528 QueryTimeLimitExceeded 0529 QueryCallGraphInternal 0530 InsufficientCyclesInComputeAllocation
    0531 InsufficientCyclesInMemoryAllocation 0532 InsufficientCyclesInMemoryGrow 0533 ReservedCyclesLimitExceededInMemoryAllocation
    0534 ReservedCyclesLimitExceededInMemoryGrow 0535 InsufficientCyclesInMessageMemoryGrow 0536 CanisterMethodNotFound
    0537 CanisterWasmModuleNotFound 0538 CanisterAlreadyInstalled 0539 CanisterWasmMemoryLimitExceeded
    0540 ReservedCyclesLimitIsTooLow 0601 DeadlineExpired 0602 ResponseDropped`;

let wasm: Uint8Array;
let network: TestNetwork;
beforeAll(async () => {
    wasm = await scripted();
});
beforeEach(() => {
    network = newNetwork();
});

test('codes: each name has its number, and the first digit is the reject code', () => {
    const words = table.split(/\s+/);
    for (let i = 0; i < words.length; i += 2) {
        const [number = '', name = ''] = words.slice(i, i + 2);
        expect([name, isErrorName(name) && errorCodeText(name)]).toEqual([name, `IC${number}`]);
        expect([number, isErrorName(name) && rejectCodeOf(name)]).toEqual([number, Number(number[1])]);
        expect(errorNameOf(`IC${number}`)).toBe(name);
    }
});

const messageOf = (status: IngressStatus): string => (status.kind === 'rejected' ? status.rejection.message : '');
const second = 1_000_000_000n;
const aboutOne = IDL.Record({ canister_id: IDL.Principal });

/** What the caller of `method` reads when it is refused: its reject code, then the message. */
function refusal(from: Uint8Array, call: Omit<s.CallScript, 'onReject'>): readonly [code: number, message: string] {
    const onReject = s.seq(s.appendRejectCode, s.appendRejectMessage, s.reply());
    const data = Buffer.from(replied(network.run(from, s.call({ ...call, onReject, onReply: s.reply('none') }))));
    return [data.readUInt32LE(), data.toString('utf8', 4)];
}

/** Alice's request to stop a canister that waits for itself. */
function stoppingForEver(a: Uint8Array): Uint8Array {
    replied(network.update(a, { controllers: [[network.principal(alice), network.principal(a)]] }));
    const argument = network.canisterArgument(a);
    network.submit({ to: a, method: 'run', argument: s.call({ to: managementId, method: 'stop_canister', argument }) });
    network.ic.runRound();
    const request = network.manageLater('stop_canister', a);
    network.ic.runUntilIdle();
    return request;
}

test('IC0206: a stop that takes more than five minutes', () => {
    const a = network.deploy(wasm);
    const request = stoppingForEver(a);
    expect(codeOf(network.run(a, s.reply()))).toBe('IC0509');
    network.ic.setTime(network.ic.currentTimeNs() + 301n * second);
    network.ic.runUntilIdle();
    expect(codeOf(network.ic.ingressStatus(request))).toBe('IC0206');
});

test('IC0511: a stop that a start has cancelled', () => {
    const a = network.deploy(wasm);
    const request = stoppingForEver(a);
    replied(network.lifecycle('start_canister', a));
    network.ic.runUntilIdle();
    expect(codeOf(network.ic.ingressStatus(request))).toBe('IC0511');
});

test('IC0203: a canister is not deleted while a late response waits that brings its cycles back', () => {
    const [a, b, d] = [network.deploy(wasm), network.deploy(wasm), network.deploy(wasm)];
    replied(network.update(a, { controllers: [[network.principal(d), network.principal(alice)]] }));
    const random = (onReply: Uint8Array): Uint8Array => s.call({ to: managementId, method: 'raw_rand', onReply });
    // b answers two rounds later, when the caller has long given up.
    const call = s.call({ to: b, argument: random(random(s.reply())), timeout: 1, cycles: 5n, onReject: s.reply() });
    network.submit({ to: a, method: 'run', argument: call });
    network.ic.runRound();
    network.ic.setTime(network.ic.currentTimeNs() + 2n * second);
    network.ic.runRound();
    const argument = network.canisterArgument(a);
    const onReject = s.seq(s.appendRejectCode, s.reply());
    const both = s.seq(
        s.call({ to: managementId, method: 'stop_canister', argument }),
        s.call({ to: managementId, method: 'delete_canister', argument, onReject, onReply: s.reply('deleted') })
    );
    expect(Buffer.from(replied(network.run(d, both))).readUInt32LE()).toBe(2);
    expect(codeOf(network.lifecycle('delete_canister', a))).toBe('replied');
});

test('IC0207: out of cycles, with what is missing for controllers only', () => {
    const a = network.deploy(wasm, 2n * trillion);
    replied(network.update(a, { freezing_threshold: [10n ** 15n] }));
    const forOwner = new RegExp(
        `^Canister ${idText(a)} is out of cycles: please top up the canister with at least [\\d_]+ additional cycles$`
    );
    expect(messageOf(network.run(a, s.reply()))).toMatch(forOwner);
    expect(messageOf(network.run(a, s.reply(), bob))).toBe(`Canister ${idText(a)} is out of cycles`);
    const poor = network.create(100_000_000_000n);
    const install = network.install(poor, wasm);
    expect(codeOf(install)).toBe('IC0207');
    expect(messageOf(install)).toMatch(/^Canister installation failed with `Canister .* is out of cycles: .*`\.$/);
});

test('IC0403, IC0404, IC0405: creating for too few cycles, asking about a subnet that is none, an id of nobody', () => {
    const a = network.deploy(wasm);
    const argument = network.emptyRecord();
    expect(refusal(a, { to: managementId, method: 'create_canister', argument, cycles: 1_234_567n })).toEqual([
        4,
        "Creating a canister requires a fee of 500_000_000_000 that is deducted from the canister's initial balance " +
            'but only 1_234_567 cycles were received with the create_canister request.'
    ]);
    const info = IDL.encode([IDL.Record({ subnet_id: IDL.Principal })], [{ subnet_id: network.principal(bob) }]);
    expect(refusal(a, { to: managementId, method: 'subnet_info', argument: info })[0]).toBe(4);
    network = newNetwork({
        canisterRanges: [{ start: canisterIdOfIndex(0n), end: canisterIdOfIndex(9n) }]
    });
    expect(codeOf(network.createAt(canisterIdOfIndex(10n)))).toBe('IC0405');
});

test('IC0512, IC0514, IC0538: who may not, what is there already', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    expect(messageOf(network.lifecycle('stop_canister', a, bob))).toBe(
        `Only controllers of canister ${idText(a)} can call ic00 method stop_canister`
    );
    const [code, message] = refusal(b, {
        to: managementId,
        method: 'stop_canister',
        argument: network.canisterArgument(a)
    });
    expect([code, message]).toEqual([
        5,
        `Only the controllers of the canister ${idText(a)} can control it.\n` +
            `Canister's controllers: ${idText(alice)}\nSender's ID: ${idText(b)}`
    ]);
    expect(messageOf(network.install(a, wasm))).toBe(
        `Canister ${idText(a)} cannot be installed because the canister is not empty. Try installing with mode='reinstall' instead.`
    );
    expect(messageOf(network.createAt(a))).toBe(`Canister ${idText(a)} is already installed.`);
    expect(messageOf(network.lifecycle('delete_canister', a))).toBe(
        `Canister ${idText(a)} must be stopped before it is deleted.`
    );
    expect(messageOf(network.manage('raw_rand', IDL.Record({}), {}, a))).toBe(
        'Only canisters can call ic00 method raw_rand'
    );
});

test('IC0512: a canister cannot delete itself', () => {
    const a = network.deploy(wasm);
    replied(network.update(a, { controllers: [[network.principal(a)]] }));
    const argument = network.canisterArgument(a);
    expect(refusal(a, { to: managementId, method: 'delete_canister', argument })).toEqual([
        5,
        `Canister ${idText(a)} cannot delete itself.`
    ]);
});

test('IC0520: calls that bring fewer cycles than the settings ask for', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    replied(network.update(b, { minimum_incoming_canister_call_cycles: [10n] }));
    expect(refusal(a, { to: b, cycles: 9n })[0]).toBe(5);
});

test('IC0530, IC0531: allocations that cannot be paid', () => {
    const a = network.create(2n * trillion);
    const compute = network.update(a, { compute_allocation: [100n] });
    expect(codeOf(compute)).toBe('IC0530');
    expect(messageOf(compute)).toMatch(/insufficient cycles\. At least [\d_]+ additional cycles are required\.$/);
    expect(codeOf(network.update(a, { memory_allocation: [2n ** 40n] }))).toBe('IC0531');
    expect(network.status(a).settings).toMatchObject({ freezing_threshold: 2_592_000n });
});

describe('IC0532: what a canister cannot keep', () => {
    const frozenAbove = (canister: Uint8Array, bytes: bigint): void => {
        // As many seconds as make these bytes cost the whole balance.
        const perSecond = (bytes * 127_000n) / 2n ** 30n;
        replied(network.update(canister, { freezing_threshold: [(network.ic.cycles(canister) ?? 0n) / perSecond] }));
    };

    test('its heap and its stable memory, in updates and timers, not in callbacks', () => {
        const a = network.deploy(wasm, 10n * trillion);
        frozenAbove(a, 8n * 65_536n);
        expect(repliedText(network.run(a, s.seq(s.growHeap(2), s.reply('small'))))).toBe('small');
        const large = network.run(a, s.seq(s.growHeap(50), s.reply()));
        expect(codeOf(large)).toBe('IC0532');
        expect(messageOf(large)).toMatch(
            /^Error from Canister .*: Canister cannot grow memory by 3276800 bytes due to insufficient cycles\. At least [\d_]+ add/
        );
        const later = s.call({
            to: managementId,
            method: 'raw_rand',
            onReply: s.seq(s.growHeap(50), s.reply('grown'))
        });
        // The call's fee would not be left above the limit.
        network.ic.addCycles(a, 60_000_000_000n);
        expect(repliedText(network.run(a, later))).toBe('grown');
    });

    test('code, and what it does at its start', async () => {
        const a = network.deploy(wasm, 10n * trillion);
        frozenAbove(a, 20n * 65_536n);
        const upgrade = network.install(a, wasm, { mode: 'upgrade', argument: s.growHeap(100) });
        expect(codeOf(upgrade)).toBe('IC0532');
        expect(repliedText(network.run(a, s.reply('as before')))).toBe('as before');
        expect(codeOf(network.install(a, wasm, { mode: 'upgrade', argument: s.growHeap(1) }))).toBe('replied');
    });

    test('chunks and snapshots', () => {
        const a = network.deploy(wasm, 10n * trillion);
        frozenAbove(a, 2n ** 20n);
        const chunkType = IDL.Record({ canister_id: IDL.Principal, chunk: IDL.Vec(IDL.Nat8) });
        const chunk = { canister_id: network.principal(a), chunk: [1] };
        expect(codeOf(network.manage('upload_chunk', chunkType, chunk, a))).toBe('IC0532');
        frozenAbove(a, 400_000n);
        const argument = { canister_id: network.principal(a) };
        expect(codeOf(network.manage('take_canister_snapshot', aboutOne, argument, a))).toBe('IC0532');
        replied(network.update(a, { freezing_threshold: [0n] }));
        const before = network.ic.cycles(a) ?? 0n;
        replied(network.manage('upload_chunk', chunkType, chunk, a));
        const once = before - (network.ic.cycles(a) ?? 0n);
        expect(once).toBeGreaterThan(205_000_000n);
        // A chunk that is there already costs its message only.
        replied(network.manage('upload_chunk', chunkType, chunk, a));
        expect(before - once - (network.ic.cycles(a) ?? 0n)).toBeLessThan(5_000_000n);
    });
});
