/** What clients of PocketIC choose for their tests: answers of web servers, instruction limits, prices. */
import { IDL } from '@dfinity/candid';
import { CanisterCyclesCostSchedule, PocketIc, SubnetStateType, type DeferredActor } from '@dfinity/pic';
import type { Principal } from '@icp-sdk/core/principal';
import { assemble } from '../ic/support/network';
import { counterWasm, picCounterIdl, type Counter } from '../http/support/counter_canister';
import { startServer, type ServerProcess } from './support/server_process';
import { createPocketIc } from '../../support/pocket_ic';

const fresh = { state: { type: SubnetStateType.New } } as const;

let server: ServerProcess;
beforeAll(async () => {
    server = await startServer();
});
afterAll(() => server.stop());

const Header = IDL.Record({ name: IDL.Text, value: IDL.Text });
const Response = IDL.Record({ status: IDL.Nat, headers: IDL.Vec(Header), body: IDL.Vec(IDL.Nat8) });
const Request = IDL.Record({
    url: IDL.Text,
    max_response_bytes: IDL.Opt(IDL.Nat64),
    method: IDL.Variant({ get: IDL.Null, head: IDL.Null, post: IDL.Null }),
    headers: IDL.Vec(Header),
    body: IDL.Opt(IDL.Vec(IDL.Nat8))
});
const request = new Uint8Array(
    IDL.encode(
        [Request],
        [
            {
                url: 'https://example.test/rate?of=icp',
                max_response_bytes: [1_000n],
                method: { get: null },
                headers: [{ name: 'accept', value: 'text/plain' }],
                body: []
            }
        ]
    )
);

const escaped = (bytes: Uint8Array): string =>
    Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');

/**
 * `fetch` makes one outcall and hands on its answer, `fail` the text of its rejection, as a deferred actor of the client never ends
 * when a call is rejected; `work` executes some 45 billion instructions.
 */
const wat = `(module
  (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_data_append" (func $data (param i32 i32)))
  (import "ic0" "call_cycles_add128" (func $cycles (param i64 i64)))
  (import "ic0" "call_perform" (func $perform (result i32)))
  (import "ic0" "msg_arg_data_size" (func $size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $copy (param i32 i32 i32)))
  (import "ic0" "msg_reject_msg_size" (func $reject_size (result i32)))
  (import "ic0" "msg_reject_msg_copy" (func $reject_copy (param i32 i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (memory 2)
  (table 2 funcref)
  (elem (i32.const 0) $on_reply $on_reject)
  (data (i32.const 0) "http_request")
  (data (i32.const 64) "${escaped(request)}")
  (func $on_reply (param i32)
    (call $copy (i32.const 8192) (i32.const 0) (call $size))
    (call $append (i32.const 8192) (call $size))
    (call $reply))
  (data (i32.const 4096) "DIDL\\00\\01\\71")
  (func $on_reject (param i32) (local $length i32)
    (local.set $length (call $reject_size))
    (i32.store8 (i32.const 4103) (i32.or (local.get $length) (i32.const 128)))
    (i32.store8 (i32.const 4104) (i32.shr_u (local.get $length) (i32.const 7)))
    (call $reject_copy (i32.const 4105) (i32.const 0) (local.get $length))
    (call $append (i32.const 4096) (i32.add (local.get $length) (i32.const 9)))
    (call $reply))
  (func (export "canister_update fail") (call $start))
  (func (export "canister_update fetch") (call $start))
  (func $start
    (call $call_new (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 12)
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $data (i32.const 64) (i32.const ${request.length}))
    (call $cycles (i64.const 0) (i64.const 100000000000))
    (drop (call $perform)))
  (func (export "canister_update work") (local $i i64)
    (loop $again
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br_if $again (i64.lt_u (local.get $i) (i64.const 5000000000))))
    (call $append (i32.const 4096) (i32.const 0))
    (call $append (i32.const 32) (i32.const 6))
    (call $reply))
  (data (i32.const 32) "DIDL\\00\\00"))`;

interface Web {
    fetch(): Promise<{ status: bigint; headers: { name: string; value: string }[]; body: Uint8Array }>;
    fail(): Promise<string>;
    work(): Promise<unknown>;
}

const webIdl: IDL.InterfaceFactory = () =>
    IDL.Service({
        fetch: IDL.Func([], [Response], []),
        fail: IDL.Func([], [IDL.Text], []),
        work: IDL.Func([], [], [])
    });

async function deployed(pic: PocketIc): Promise<Principal> {
    const canisterId = await pic.createCanister();
    await pic.installCode({ canisterId, wasm: await assemble(wat) });
    return canisterId;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('outcalls: wait for the answers that a test gives them, one or one of each node', async () => {
    const pic = await createPocketIc(server.url);
    try {
        const actor: DeferredActor<Web> = pic.createDeferredActor<Web>(webIdl as never, await deployed(pic));
        const pendingCall = async (): Promise<{ readonly requestId: number; readonly subnetId: Principal }> => {
            await pic.tick(2);
            const [pending, ...others] = await pic.getPendingHttpsOutcalls();
            expect(others).toEqual([]);
            expect(pending).toMatchObject({
                httpMethod: 'GET',
                url: 'https://example.test/rate?of=icp',
                headers: [['accept', 'text/plain']],
                maxResponseBytes: 1_000
            });
            return pending as NonNullable<typeof pending>;
        };
        const headers: [string, string][] = [['content-type', 'text/plain']];
        const success = { type: 'success', statusCode: 200, headers } as const;

        const first = await actor.fetch();
        const { requestId, subnetId } = await pendingCall();
        await pic.mockPendingHttpsOutcall({ requestId, subnetId, response: { ...success, body: bytes('4.2') } });
        expect(await first()).toMatchObject({
            status: 200n,
            headers: [{ name: 'content-type', value: 'text/plain' }],
            body: bytes('4.2')
        });
        expect(await pic.getPendingHttpsOutcalls()).toEqual([]);
        await expect(
            pic.mockPendingHttpsOutcall({ requestId, subnetId, response: { ...success, body: bytes('late') } })
        ).rejects.toThrow(/InvalidCanisterHttpRequestId/);

        const second = await actor.fail();
        const refused = await pendingCall();
        const response = { type: 'reject', statusCode: 2, message: 'no route to the host' } as const;
        await pic.mockPendingHttpsOutcall({ requestId: refused.requestId, subnetId, response });
        expect(await second()).toBe('no route to the host');

        const third = await actor.fail();
        const disputed = await pendingCall();
        const additionalResponses = Array.from({ length: 12 }, (_, node) => ({ ...success, body: bytes(`${node}`) }));
        await pic.mockPendingHttpsOutcall({
            requestId: disputed.requestId,
            subnetId,
            response: { ...success, body: bytes('answer') },
            additionalResponses
        });
        expect(await third()).toContain('consensus');
    } finally {
        await pic.tearDown();
    }
});

test('limits: those of the real network, or none to speak of for benchmarks', async () => {
    const config = { ...fresh, enableBenchmarkingInstructionLimits: true } as const;
    for (const [subnet, outcome] of [
        [fresh, /CanisterInstructionLimitExceeded/],
        [config, undefined]
    ] as const) {
        const pic = await createPocketIc(server.url, { application: [subnet] });
        try {
            const actor = pic.createActor<Web>(webIdl as never, await deployed(pic));
            if (outcome === undefined) await actor.work();
            else await expect(actor.work()).rejects.toThrow(outcome);
        } finally {
            await pic.tearDown();
        }
    }
});

test('prices: of the real network, or none', async () => {
    for (const [costSchedule, isFree] of [
        [CanisterCyclesCostSchedule.Normal, false],
        [CanisterCyclesCostSchedule.Free, true]
    ] as const) {
        const pic = await createPocketIc(server.url, { application: [{ ...fresh, costSchedule }] });
        try {
            const { actor, canisterId } = await pic.setupCanister<Counter>({
                idlFactory: picCounterIdl,
                wasm: await counterWasm()
            });
            const before = await pic.getCyclesBalance(canisterId);
            await actor.inc();
            const after = await pic.getCyclesBalance(canisterId);
            expect([after === before, after < before]).toEqual([isFree, !isFree]);
        } finally {
            await pic.tearDown();
        }
    }
});
