import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import type { IngressStatus } from '../../../src/replica/ic';
import { counterWasm } from '../http/support/counter_canister';
import { alice, assemble, bob, codeOf, managementId, newNetwork, replied, type TestNetwork } from './support/network';

const Blob = IDL.Vec(IDL.Nat8);
const Snapshot = IDL.Record({ id: Blob, taken_at_timestamp: IDL.Nat64, total_size: IDL.Nat64 });
const Global = IDL.Variant({ i32: IDL.Int32, i64: IDL.Int64, f32: IDL.Float32, f64: IDL.Float64, v128: IDL.Nat });
const Timer = IDL.Opt(IDL.Variant({ inactive: IDL.Null, active: IDL.Nat64 }));
const Hook = IDL.Opt(IDL.Variant({ condition_not_satisfied: IDL.Null, ready: IDL.Null, executed: IDL.Null }));
const Metadata = IDL.Record({
    source: IDL.Variant({ taken_from_canister: IDL.Reserved, metadata_upload: IDL.Reserved }),
    wasm_module_size: IDL.Nat64,
    globals: IDL.Vec(Global),
    wasm_memory_size: IDL.Nat64,
    stable_memory_size: IDL.Nat64,
    wasm_chunk_store: IDL.Vec(IDL.Record({ hash: Blob })),
    canister_version: IDL.Nat64,
    certified_data: Blob,
    global_timer: Timer,
    on_low_wasm_memory_hook_status: Hook
});
const Slice = IDL.Record({ offset: IDL.Nat64, size: IDL.Nat64 });
const ReadKind = IDL.Variant({
    wasm_module: Slice,
    wasm_memory: Slice,
    stable_memory: Slice,
    wasm_chunk: IDL.Record({ hash: Blob })
});
const Place = IDL.Record({ offset: IDL.Nat64 });
const UploadKind = IDL.Variant({ wasm_module: Place, wasm_memory: Place, stable_memory: Place, wasm_chunk: IDL.Null });

interface SnapshotInfo {
    readonly id: Uint8Array;
    readonly total_size: bigint;
}
interface MetadataInfo {
    readonly wasm_module_size: bigint;
    readonly wasm_memory_size: bigint;
    readonly stable_memory_size: bigint;
    readonly globals: readonly object[];
    readonly certified_data: Uint8Array;
    readonly source: object;
    readonly global_timer: readonly object[];
    readonly on_low_wasm_memory_hook_status: readonly object[];
}

let network: TestNetwork;
let counter: Uint8Array;
let canister: Uint8Array;

beforeAll(async () => {
    counter = await counterWasm();
});
beforeEach(() => {
    network = newNetwork();
    canister = network.deploy(counter);
});

const named = (id: Uint8Array): Principal => Principal.fromUint8Array(id);
const decode = <T>(type: IDL.Type, bytes: Uint8Array): T => IDL.decode([type], bytes)[0] as T;

function manage(
    method: string,
    fields: Record<string, [IDL.Type, unknown]>,
    target = canister,
    from = alice
): IngressStatus {
    const type = IDL.Record(Object.fromEntries(Object.entries(fields).map(([name, [idl]]) => [name, idl])));
    const value = Object.fromEntries(Object.entries(fields).map(([name, [, item]]) => [name, item]));
    const all = { canister_id: named(target), ...value };
    return network.manage(method, IDL.Record({ canister_id: IDL.Principal, ...fieldsOf(type) }), all, target, from);
}

function fieldsOf(type: IDL.RecordClass): Record<string, IDL.Type> {
    return Object.fromEntries(type._fields);
}

const take = (replaced?: Uint8Array, target = canister, from = alice): IngressStatus =>
    manage('take_canister_snapshot', { replace_snapshot: [IDL.Opt(Blob), replaced ? [replaced] : []] }, target, from);
const taken = (replaced?: Uint8Array): SnapshotInfo => decode(Snapshot, replied(take(replaced)));
const withId = (method: string, id: Uint8Array, target = canister, from = alice): IngressStatus =>
    manage(method, { snapshot_id: [Blob, id] }, target, from);
const load = (id: Uint8Array): IngressStatus => withId('load_canister_snapshot', id);
const list = (from = alice): readonly SnapshotInfo[] =>
    decode(IDL.Vec(Snapshot), replied(manage('list_canister_snapshots', {}, canister, from)));
const metadata = (id: Uint8Array): MetadataInfo =>
    decode(Metadata, replied(withId('read_canister_snapshot_metadata', id)));
const read = (id: Uint8Array, kind: object): IngressStatus =>
    manage('read_canister_snapshot_data', { snapshot_id: [Blob, id], kind: [ReadKind, kind] });
const chunkOf = (status: IngressStatus): Uint8Array =>
    decode<{ chunk: Uint8Array }>(IDL.Record({ chunk: Blob }), replied(status)).chunk;

function count(): bigint {
    return decode(IDL.Nat64, replied(network.ask(canister, IDL.encode([], []), 'read')));
}
const increment = (times: number): void => {
    for (let i = 0; i < times; i += 1) replied(network.send({ to: canister, method: 'inc' }));
};

test('snapshots: bring back heap, stable memory and certified data', () => {
    increment(2);
    replied(network.install(canister, counter, { mode: 'upgrade' }));
    const certified = new Uint8Array(32).fill(7);
    replied(network.send({ to: canister, method: 'set_certified', argument: certified }));
    const { id, total_size } = taken();
    increment(3);
    replied(network.send({ to: canister, method: 'set_certified', argument: new Uint8Array(3) }));
    network.ic.setStableMemory(canister, new Uint8Array(200_000).fill(9));
    expect(count()).toBe(5n);
    const version = network.status(canister).version;
    replied(load(id));
    expect(count()).toBe(2n);
    expect(network.ic.canister(canister)?.certifiedData).toEqual(certified);
    expect(network.ic.stableMemory(canister)?.length).toBe(65_536);
    expect(network.status(canister).version).toBe(version + 1n);
    expect(total_size).toBeGreaterThan(4n * 65_536n + 65_536n);
    // The snapshot is as it was: the canister went on with copies.
    increment(1);
    network.ic.setStableMemory(canister, new Uint8Array(10).fill(1));
    replied(load(id));
    expect([count(), network.ic.stableMemory(canister)?.[0]]).toEqual([2n, 2]);
});

test('snapshots: bring back code that an upgrade or an uninstall has taken away', async () => {
    increment(4);
    const { id } = taken();
    const other = await assemble('(module (memory 1))');
    replied(network.install(canister, other, { mode: 'reinstall' }));
    replied(load(id));
    expect(count()).toBe(4n);
    replied(network.lifecycle('uninstall_code', canister));
    expect(network.ic.canister(canister)?.moduleHash).toBeUndefined();
    replied(load(id));
    expect(count()).toBe(4n);
    replied(network.send({ to: canister, method: 'inc' }));
    expect(count()).toBe(5n);
});

test('snapshots: a trap after loading rolls back to what was loaded', () => {
    increment(1);
    const { id } = taken();
    increment(1);
    replied(load(id));
    expect(codeOf(network.send({ to: canister, method: 'fail' }))).toBe('IC0503');
    expect(count()).toBe(1n);
});

test('snapshots: are listed, replaced, deleted, and at most ten', () => {
    const first = taken();
    const ids = Array.from({ length: 9 }, () => taken().id);
    expect(list().map(({ id }) => id)).toEqual([first.id, ...ids]);
    expect(codeOf(take())).toBe('IC0406');
    const replacement = taken(first.id);
    expect(list()).toHaveLength(10);
    expect(codeOf(load(first.id))).toBe('IC0305');
    replied(withId('delete_canister_snapshot', replacement.id));
    expect(codeOf(withId('delete_canister_snapshot', replacement.id))).toBe('IC0305');
    expect(list()).toHaveLength(9);
    expect(codeOf(take(first.id))).toBe('IC0305');
});

test('snapshots: belong to their canister, need code, and are for controllers', () => {
    const { id } = taken();
    const other = network.deploy(counter);
    expect(codeOf(withId('load_canister_snapshot', id, other))).toBe('IC0406');
    expect(codeOf(take(undefined, network.create()))).toBe('IC0406');
    expect(codeOf(take(undefined, canister, bob))).toBe('IC0512');
    expect(codeOf(manage('list_canister_snapshots', {}, canister, bob))).toBe('IC0406');
    expect(codeOf(withId('load_canister_snapshot', id, canister, bob))).toBe('IC0512');
});

test('snapshots: cost cycles and count as memory, and cannot be had without cycles', () => {
    const before = network.ic.cycles(canister) ?? 0n;
    const memory = network.status(canister).memory_size;
    const { total_size } = taken();
    expect(before - (network.ic.cycles(canister) ?? 0n)).toBeGreaterThan(2_000_000_000n + total_size);
    expect(network.status(canister).memory_size - memory).toBe(total_size);
    replied(network.update(canister, { freezing_threshold: [10n ** 15n] }));
    expect(codeOf(take())).toBe('IC0207');
});

test('history: tells which snapshot was loaded', () => {
    const { id } = taken();
    replied(load(id));
    const { history } = networkCanister();
    expect(history.recent(1)[0]?.details).toMatchObject({ kind: 'load_snapshot', snapshotId: id });
});

function networkCanister(): { history: { recent(count: number): readonly { details: object }[] } } {
    const { network: state } = network.ic as unknown as {
        network: { canisters: Map<string, { history: { recent(count: number): readonly { details: object }[] } }> };
    };
    return [...state.canisters.values()][0] as never;
}

test('download and upload: a snapshot moves to another canister', () => {
    increment(6);
    replied(network.install(canister, counter, { mode: 'upgrade' }));
    const { id } = taken();
    const info = metadata(id);
    expect(info).toMatchObject({ source: { taken_from_canister: null }, wasm_module_size: BigInt(counter.length) });
    const whole = (kind: string, size: bigint): Uint8Array => chunkOf(read(id, { [kind]: { offset: 0n, size } }));
    const parts = {
        wasm_module: whole('wasm_module', info.wasm_module_size),
        wasm_memory: whole('wasm_memory', info.wasm_memory_size),
        stable_memory: whole('stable_memory', info.stable_memory_size)
    };
    expect(parts.wasm_module).toEqual(counter);
    canister = network.create();
    const uploaded = upload(info);
    for (const [kind, chunk] of Object.entries(parts)) {
        const half = Math.floor(chunk.length / 2);
        replied(uploadData(uploaded, { [kind]: { offset: BigInt(half) } }, chunk.slice(half)));
        replied(uploadData(uploaded, { [kind]: { offset: 0n } }, chunk.slice(0, half)));
    }
    expect(metadata(uploaded)).toMatchObject({ source: { metadata_upload: null } });
    replied(load(uploaded));
    expect(count()).toBe(6n);
    replied(network.install(canister, counter, { mode: 'upgrade' }));
    expect(count()).toBe(6n);
});

function upload(info: MetadataInfo, changes: Partial<Record<keyof MetadataInfo, unknown>> = {}): Uint8Array {
    const { wasm_module_size, wasm_memory_size, stable_memory_size, globals, certified_data } = { ...info, ...changes };
    const status = manage('upload_canister_snapshot_metadata', {
        wasm_module_size: [IDL.Nat64, wasm_module_size],
        wasm_memory_size: [IDL.Nat64, wasm_memory_size],
        stable_memory_size: [IDL.Nat64, stable_memory_size],
        globals: [IDL.Vec(Global), globals],
        certified_data: [Blob, certified_data],
        global_timer: [Timer, info.global_timer],
        on_low_wasm_memory_hook_status: [Hook, info.on_low_wasm_memory_hook_status]
    });
    return decode<{ snapshot_id: Uint8Array }>(IDL.Record({ snapshot_id: Blob }), replied(status)).snapshot_id;
}

const uploadData = (id: Uint8Array, kind: object, chunk: Uint8Array): IngressStatus =>
    manage('upload_canister_snapshot_data', {
        snapshot_id: [Blob, id],
        kind: [UploadKind, kind],
        chunk: [Blob, chunk]
    });

test('upload: what cannot be a snapshot is refused, when it is uploaded or when it is loaded', () => {
    const { id } = taken();
    const info = metadata(id);
    expect(codeOf(read(id, { wasm_memory: { offset: info.wasm_memory_size, size: 1n } }))).toBe('IC0408');
    expect(codeOf(read(id, { wasm_chunk: { hash: new Uint8Array(32) } }))).toBe('IC0408');
    expect(codeOf(uploadData(id, { wasm_module: { offset: 0n } }, counter))).toBe('IC0409');
    expect(() => upload(info, { wasm_memory_size: 5n })).toThrow('wasm_memory_size');
    expect(() => upload(info, { wasm_module_size: 200n * 1024n * 1024n })).toThrow('wasm_module_size');
    expect(() => upload(info, { certified_data: new Uint8Array(33) })).toThrow('certified_data');
    const empty = upload(info);
    expect(codeOf(uploadData(empty, { stable_memory: { offset: 1n } }, new Uint8Array(1)))).toBe('IC0408');
    expect(codeOf(load(empty))).toBe('IC0505');
    replied(uploadData(empty, { wasm_module: { offset: 0n } }, counter));
    replied(load(empty));
    const strange = upload(info, { globals: [{ i32: 5 }] });
    replied(uploadData(strange, { wasm_module: { offset: 0n } }, counter));
    expect(codeOf(load(strange))).toBe('IC0408');
});

test('globals: are part of a snapshot, with their types', async () => {
    const wasm = await assemble(`(module
        (import "ic0" "msg_reply" (func $reply))
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
        (memory 1) (data (i32.const 0) "DIDL\\00\\01\\78")
        (global $a (mut i64) (i64.const 1)) (global $b (mut i32) (i32.const -2)) (global $c (mut f64) (f64.const 0.5))
        (global $d i32 (i32.const 9))
        (func (export "canister_update inc") (global.set $a (i64.add (global.get $a) (i64.const 1))) (call $reply))
        (func (export "canister_query read")
            (i64.store (i32.const 7) (global.get $a)) (call $append (i32.const 0) (i32.const 15)) (call $reply)))`);
    replied(network.install(canister, wasm, { mode: 'reinstall' }));
    increment(3);
    const { id } = taken();
    expect(metadata(id).globals).toEqual([{ i64: 4n }, { i32: -2 }, { f64: 0.5 }]);
    increment(2);
    replied(load(id));
    expect(count()).toBe(4n);
});

const Metrics = IDL.Record({
    cycles_consumed: IDL.Record({
        memory: IDL.Nat,
        instructions: IDL.Nat,
        ingress_induction: IDL.Nat,
        burned_cycles: IDL.Nat
    })
});

test('metrics: what a canister has spent is told by use, and adds up with what it has', () => {
    increment(2);
    network.ic.setTime(network.ic.currentTimeNs() + 100_000_000_000n);
    network.ic.runRound();
    const query = network.ic.query({
        sender: alice,
        canisterId: managementId,
        methodName: 'canister_metrics',
        argument: network.canisterArgument(canister)
    });
    const { cycles_consumed: spent } = decode<{ cycles_consumed: Record<string, bigint> }>(Metrics, replied(query));
    expect(spent.memory).toBeGreaterThan(0n);
    expect(spent.instructions).toBeGreaterThan(10_000_000n);
    expect(spent.ingress_induction).toBeGreaterThan(2_400_000n);
    const { minted, consumed } = network.ic.cyclesInExistence();
    expect(minted - consumed).toBe(network.ic.cycles(canister));
    expect(codeOf(manage('canister_metrics', {}, canister, bob))).toBe('IC0512');
});

test('list_canisters: names every canister, in order', () => {
    const other = network.create();
    const argument = network.emptyRecord();
    const status = network.ic.query({ sender: bob, canisterId: managementId, methodName: 'list_canisters', argument });
    const Range = IDL.Record({ start: IDL.Principal, end: IDL.Principal });
    const { canisters } = decode<{ canisters: { start: Principal; end: Principal }[] }>(
        IDL.Record({ canisters: IDL.Vec(Range) }),
        replied(status)
    );
    expect(canisters).toEqual([canister, other].map((id) => ({ start: named(id), end: named(id) })));
});
