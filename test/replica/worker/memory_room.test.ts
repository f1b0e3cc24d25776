/** All networks of a process share the machine: what is too much is refused with its reason, and the rest goes on. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import type { InternetComputer } from '../../../src/replica/ic';
import type { NetworkInput } from '../../../src/replica/state/api';
import { Session } from '../../../src/replica/worker/session';
import type { IngressStatus } from '../../../src/replica/state/api';
import { MemoryRoom, roomOfProcess } from '../../../src/replica/worker/memory_room';
import * as s from '../ic/support/script';
import {
    alice,
    codeOf,
    managementId,
    newNetwork,
    replied,
    repliedText,
    scripted,
    type TestNetwork
} from '../ic/support/network';

const MiB = 2 ** 20;
/** What is left to this process, if it may have so much more. */
const limitOf = (moreBytes: number): number => process.memoryUsage.rss() + moreBytes + 128 * MiB;

test('room: what the process may have and has not, and never more than the machine', () => {
    expect(roomOfProcess(limitOf(100 * MiB))).toBeLessThanOrEqual(101 * MiB);
    expect(roomOfProcess(limitOf(-1))).toBeLessThan(1 * MiB);
    expect(roomOfProcess(2 ** 60)).toBe(roomOfProcess(2 ** 60 + MiB));
});

test('room: when there is none, messages are refused but those that make some', () => {
    const none = new MemoryRoom(1);
    expect(none.measured()).toBe(0n);
    expect(none.refusal({ canisterId: alice, methodName: 'run' })).toMatchObject({ code: 'SubnetOversubscribed' });
    expect(none.refusal({ canisterId: managementId, methodName: 'install_code' })).toBeDefined();
    expect(none.refusal({ canisterId: managementId, methodName: 'delete_canister' })).toBeUndefined();
    expect(none.refusal({ canisterId: alice, methodName: 'delete_canister' })).toBeDefined();
});

test('rounds: the room is shared by the canisters of a round, and an input that a replay needs', async () => {
    const wasm = await scripted();
    const deployed = (): { network: TestNetwork; a: Uint8Array; b: Uint8Array } => {
        const network = newNetwork();
        return { network, a: network.deploy(wasm), b: network.deploy(wasm) };
    };
    const { network, a, b } = deployed();
    const inputs: NetworkInput[] = [];
    const page = 65_536n;
    const rooms: (bigint | undefined)[] = [100n * page, undefined, 200n * page];
    network.ic.askForRoom(() => rooms.shift());
    network.ic.recordInputs((input) => inputs.push(input));
    // 60 pages, held twice, are more than 100; 40 are not, and leave no room for 20 more.
    const grow = (to: Uint8Array, count: number): Uint8Array =>
        network.submit({ to, method: 'run', argument: s.seq(s.growHeap(count), s.reply('grown')) })[1];
    const requests = [grow(a, 60), grow(a, 40), grow(b, 20)];
    network.ic.runRound();
    requests.push(grow(b, 20));
    network.ic.runRound();
    requests.push(grow(b, 60));
    network.ic.runRound();
    const outcomes = (ic: InternetComputer): readonly string[] => requests.map((id) => codeOf(ic.ingressStatus(id)));
    expect(outcomes(network.ic)).toEqual(['IC0507', 'replied', 'IC0507', 'IC0507', 'replied']);

    const again = deployed().network.ic;
    inputs.forEach((input) => again.replay(input));
    expect(outcomes(again)).toEqual(outcomes(network.ic));
});

/** A network of its own in this thread, and what a test does with it. */
class Crowded {
    readonly session: Session;

    constructor(moreBytes: number) {
        this.session = new Session({ live: false, seed: new Uint8Array(32), memoryLimitBytes: limitOf(moreBytes) });
    }

    async call(canisterId: Uint8Array, methodName: string, argument: Uint8Array): Promise<IngressStatus> {
        const sent = await this.session.submitUnsigned({ sender: alice, canisterId, methodName, argument });
        if (sent.kind === 'rejected') return { kind: 'rejected', rejection: sent.rejection };
        return this.session.awaitIngress(sent.requestId, 100);
    }

    async deploy(wasm: Uint8Array): Promise<Uint8Array> {
        const method = 'provisional_create_canister_with_cycles';
        const created = replied(await this.call(managementId, method, IDL.encode([IDL.Record({})], [{}])));
        const [{ canister_id }] = IDL.decode([IDL.Record({ canister_id: IDL.Principal })], created) as unknown as [
            { canister_id: Principal }
        ];
        const type = IDL.Record({
            mode: IDL.Variant({ install: IDL.Null }),
            canister_id: IDL.Principal,
            wasm_module: IDL.Vec(IDL.Nat8),
            arg: IDL.Vec(IDL.Nat8)
        });
        const request = { mode: { install: null }, canister_id, wasm_module: wasm, arg: [] };
        replied(await this.call(managementId, 'install_code', IDL.encode([type], [request])));
        return canister_id.toUint8Array();
    }
}

test('a canister that takes more than the machine has is told so, and its network goes on', async () => {
    const crowded = new Crowded(600 * MiB);
    const canister = await crowded.deploy(await scripted());
    const bomb = await crowded.call(canister, 'run', s.seq(s.growHeap(16_000), s.reply()));
    expect(codeOf(bomb)).toBe('IC0507');
    expect(repliedText(await crowded.call(canister, 'run', s.seq(s.growHeap(16), s.reply('small'))))).toBe('small');
    crowded.session.close();
});
