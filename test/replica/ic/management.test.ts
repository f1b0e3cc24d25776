import { createHash } from 'node:crypto';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import * as s from './support/script';
import {
    alice,
    bob,
    codeOf,
    managementId,
    newNetwork,
    replied,
    repliedText,
    scripted,
    type TestNetwork
} from './support/network';

let wasm: Uint8Array;
let network: TestNetwork;
beforeAll(async () => {
    wasm = await scripted();
});
beforeEach(() => {
    network = newNetwork();
});

const variables = (...names: readonly string[]): unknown => [names.map((name) => ({ name, value: 'v' }))];

test('create: ids start where those of PocketIC do', () => {
    expect(Principal.fromUint8Array(network.create()).toText()).toBe('lxzze-o7777-77777-aaaaa-cai');
    expect(Principal.fromUint8Array(network.create()).toText()).toBe('lqy7q-dh777-77777-aaaaq-cai');
});

test('create: an id may be chosen once', () => {
    const ledger = Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai').toUint8Array();
    replied(network.createAt(ledger));
    expect(network.ic.controllers(ledger)).toEqual([alice]);
    expect(codeOf(network.createAt(ledger))).toBe('IC0538');
});

test('settings: new canisters have the defaults of the replica', () => {
    const { settings, status } = network.status(network.create());
    expect(status).toEqual({ running: null });
    expect(settings).toMatchObject({
        freezing_threshold: 2_592_000n,
        wasm_memory_limit: 3_221_225_472n,
        log_memory_limit: 4096n,
        environment_variables: []
    });
});

test('settings: a change keeps what it does not name', () => {
    const a = network.create();
    replied(network.update(a, { freezing_threshold: [7n] }));
    replied(network.update(a, { environment_variables: variables('PUBLIC_CANISTER_ID:hub') }));
    expect(network.status(a).settings).toMatchObject({
        freezing_threshold: 7n,
        environment_variables: [{ name: 'PUBLIC_CANISTER_ID:hub', value: 'v' }]
    });
});

test.each([
    [
        'more than ten controllers',
        { controllers: [Array.from({ length: 11 }, (_, i) => Principal.fromUint8Array(new Uint8Array([i, 1])))] }
    ],
    ['a compute allocation above a hundred', { compute_allocation: [101n] }],
    ['a freezing threshold beyond nat64', { freezing_threshold: [2n ** 64n] }],
    ['a heap limit beyond 2^48', { wasm_memory_limit: [2n ** 48n + 1n] }],
    ['the same variable twice', { environment_variables: variables('a', 'a') }],
    ['a name of 129 bytes', { environment_variables: variables('x'.repeat(129)) }],
    [
        'more than twenty variables',
        { environment_variables: variables(...Array.from({ length: 21 }, (_, i) => `v${i}`)) }
    ]
])('settings: %s is refused and nothing changes', (_, change) => {
    const a = network.create();
    const before = network.status(a);
    expect(codeOf(network.update(a, change))).toBe('IC0504');
    expect(network.status(a).settings).toEqual(before.settings);
    expect(network.status(a).version).toBe(before.version);
});

test('settings: controllers can be handed over', () => {
    const a = network.create();
    const counter = network.ic.canister(a)?.changeCounter ?? 0;
    replied(network.update(a, { controllers: [[Principal.fromUint8Array(bob)]] }));
    expect(network.ic.controllers(a)).toEqual([bob]);
    expect(network.ic.canister(a)?.changeCounter).toBeGreaterThan(counter);
    expect(codeOf(network.update(a, {}))).toBe('IC0512');
});

test('ingress: methods for canisters only, unknown methods and unreadable arguments have their codes', () => {
    const a = network.create();
    const send = (method: string, argument?: Uint8Array): string =>
        codeOf(network.send({ to: managementId, method, argument, effective: a }));
    expect(send('raw_rand')).toBe('IC0406');
    expect(send('deposit_cycles', network.canisterArgument(a))).toBe('IC0406');
    expect(send('fetch_canister_logs', network.canisterArgument(a))).toBe('IC0406');
    expect(send('no_such_method')).toBe('IC0407');
    expect(send('start_canister', new Uint8Array([1, 2]))).toBe('IC0408');
    expect(send('start_canister', network.canisterArgument(new Uint8Array([0, 0, 0, 0, 0, 0, 0, 9, 1, 1])))).toBe(
        'IC0301'
    );
});

test('ingress: a stranger is refused before execution, without a certificate', () => {
    const a = network.create();
    const [result] = network.submit({
        to: managementId,
        method: 'stop_canister',
        argument: network.canisterArgument(a),
        from: bob,
        effective: a
    });
    expect(result).toMatchObject({
        kind: 'rejected',
        rejection: { rejectCode: 5, errorName: 'CanisterInvalidController' }
    });
});

test('bitcoin: is refused clearly', () => {
    const a = network.deploy(wasm);
    const onReject = s.seq(s.appendRejectMessage, s.reply());
    const script = s.call({ to: managementId, method: 'bitcoin_get_utxos', argument: network.emptyRecord(), onReject });
    expect(repliedText(network.run(a, script))).toMatch(/not offered/);
});

test('logs: printed texts and traps of updates, not of queries, within four kilobytes', () => {
    const a = network.deploy(wasm);
    replied(network.run(a, s.seq(s.print('first'), s.reply())));
    expect(codeOf(network.run(a, s.seq(s.print('second'), s.trap('third'))))).toBe('IC0503');
    replied(network.ask(a, s.seq(s.print('unseen'), s.reply())));
    expect(network.logs(a)).toEqual(['first', 'second', '[TRAP]: third']);
    replied(
        network.run(a, s.seq(...Array.from({ length: 10 }, (_, i) => s.print(`${i}${'x'.repeat(1000)}`)), s.reply()))
    );
    expect(network.logs(a).map((text) => text[0])).toEqual(['6', '7', '8', '9']);
    expect(network.status(a).memory_metrics.log_memory_store_size).toBeLessThanOrEqual(4096n);
});

test('logs: are for controllers unless the settings say otherwise', () => {
    const a = network.deploy(wasm);
    const ask = (): string => {
        const argument = network.canisterArgument(a);
        return codeOf(
            network.ic.query({ sender: bob, canisterId: managementId, methodName: 'fetch_canister_logs', argument })
        );
    };
    expect(ask()).toBe('IC0406');
    replied(network.update(a, { log_visibility: [{ allowed_viewers: [Principal.fromUint8Array(bob)] }] }));
    expect(ask()).toBe('replied');
});

test('chunks: a module is put together from its chunks', () => {
    const a = network.create();
    const id = Principal.fromUint8Array(a);
    const chunkType = IDL.Record({ canister_id: IDL.Principal, chunk: IDL.Vec(IDL.Nat8) });
    const hashType = IDL.Record({ hash: IDL.Vec(IDL.Nat8) });
    const pieces = [wasm.slice(0, 700), wasm.slice(700)];
    const hashes = pieces.map((chunk) => {
        const data = replied(network.manage('upload_chunk', chunkType, { canister_id: id, chunk }, a));
        return IDL.decode([hashType], data)[0];
    });
    const type = IDL.Record({
        mode: IDL.Variant({ install: IDL.Null }),
        target_canister: IDL.Principal,
        chunk_hashes_list: IDL.Vec(hashType),
        wasm_module_hash: IDL.Vec(IDL.Nat8),
        arg: IDL.Vec(IDL.Nat8)
    });
    const install = (hash: Uint8Array): string =>
        codeOf(
            network.manage(
                'install_chunked_code',
                type,
                {
                    mode: { install: null },
                    target_canister: id,
                    chunk_hashes_list: hashes,
                    wasm_module_hash: hash,
                    arg: []
                },
                a
            )
        );
    const moduleHash = new Uint8Array(createHash('sha256').update(wasm).digest());
    expect(install(new Uint8Array(32))).toBe('IC0504');
    expect(install(moduleHash)).toBe('replied');
    expect(network.ic.canister(a)?.moduleHash).toEqual(moduleHash);
    expect(repliedText(network.run(a, s.reply('assembled')))).toBe('assembled');
    replied(network.lifecycle('clear_chunk_store', a));
    const [stored] = IDL.decode([IDL.Vec(hashType)], replied(network.lifecycle('stored_chunks', a)));
    expect(stored).toEqual([]);
});

test('info: a canister reads the history of another', () => {
    const a = network.deploy(wasm);
    replied(network.lifecycle('stop_canister', a));
    replied(network.install(a, wasm, { mode: 'upgrade' }));
    replied(network.lifecycle('start_canister', a));
    const type = IDL.Record({ canister_id: IDL.Principal, num_requested_changes: IDL.Opt(IDL.Nat64) });
    const argument = IDL.encode([type], [{ canister_id: Principal.fromUint8Array(a), num_requested_changes: [2n] }]);
    const script = s.call({
        to: managementId,
        method: 'canister_info',
        argument,
        onReply: s.seq(s.appendArgument, s.reply())
    });
    const changeType = IDL.Record({
        details: IDL.Variant({ code_deployment: IDL.Record({ module_hash: IDL.Vec(IDL.Nat8) }) })
    });
    const resultType = IDL.Record({ total_num_changes: IDL.Nat64, recent_changes: IDL.Vec(changeType) });
    const [info] = IDL.decode([resultType], replied(network.run(a, script)));
    const deployment = { details: { code_deployment: { module_hash: network.ic.canister(a)?.moduleHash } } };
    expect(info).toEqual({ total_num_changes: 3n, recent_changes: [deployment, deployment] });
});

test('version: counts what the specification counts', () => {
    const a = network.create();
    expect(network.status(a).version).toBe(0n);
    replied(network.install(a, wasm));
    expect(network.status(a).version).toBe(1n);
    const seen = (): bigint =>
        Buffer.from(replied(network.run(a, s.seq(s.appendVersion, s.reply())))).readBigUInt64LE();
    expect([seen(), seen()]).toEqual([1n, 2n]);
    expect(codeOf(network.run(a, s.trap('no')))).toBe('IC0503');
    replied(network.ask(a, s.reply()));
    expect(seen()).toBe(3n);
    replied(network.update(a, {}));
    expect(seen()).toBe(5n);
    replied(network.lifecycle('stop_canister', a));
    replied(network.lifecycle('start_canister', a));
    expect(seen()).toBe(9n);
});

/** A script that asks for `https://example.org/x` and passes the answer, or the reason why there is none, on. */
function outcallScript(cycles: bigint): Uint8Array {
    const type = IDL.Record({
        url: IDL.Text,
        method: IDL.Variant({ get: IDL.Null }),
        headers: IDL.Vec(IDL.Record({ name: IDL.Text, value: IDL.Text })),
        max_response_bytes: IDL.Opt(IDL.Nat64)
    });
    const value = { url: 'https://example.org/x', method: { get: null }, headers: [], max_response_bytes: [1000n] };
    return s.call({
        to: managementId,
        method: 'http_request',
        cycles,
        argument: IDL.encode([type], [value]),
        onReply: s.seq(s.appendArgument, s.reply()),
        onReject: s.seq(s.appendRejectMessage, s.reply())
    });
}

test('http outcalls: wait for their answer, and are handed to the outside', () => {
    const seen: string[] = [];
    network = newNetwork({ onHttpOutcall: (outcall) => seen.push(`${outcall.method} ${outcall.url}`) });
    const a = network.deploy(wasm);
    expect(repliedText(network.run(a, outcallScript(1n)))).toMatch(/cycles are required/);
    const [, requestId] = network.submit({ to: a, method: 'run', argument: outcallScript(10n ** 12n) });
    network.ic.runUntilIdle();
    const [outcall] = network.ic.pendingHttpOutcalls();
    expect(seen).toEqual(['GET https://example.org/x']);
    const answer = { kind: 'reply', status: 200, headers: [['a', 'b']], body: new Uint8Array([1, 2]) } as const;
    expect(network.ic.answerHttpOutcall(outcall?.id ?? -1n, answer)).toBe(true);
    expect(network.ic.answerHttpOutcall(outcall?.id ?? -1n, answer)).toBe(false);
    network.ic.runUntilIdle();
    const responseType = IDL.Record({ status: IDL.Nat, body: IDL.Vec(IDL.Nat8) });
    const [response] = IDL.decode([responseType], replied(network.ic.ingressStatus(requestId)));
    expect(response).toEqual({ status: 200n, body: new Uint8Array([1, 2]) });
});

test('http outcalls: are given up when nobody has answered for three minutes', () => {
    const a = network.deploy(wasm);
    const [, requestId] = network.submit({ to: a, method: 'run', argument: outcallScript(10n ** 12n) });
    network.ic.runUntilIdle();
    const askedNs = network.ic.currentTimeNs();
    const waiting = (afterNs: bigint): number => {
        network.ic.setTime(askedNs + afterNs);
        network.ic.runRound();
        return network.ic.pendingHttpOutcalls().length;
    };
    expect([waiting(170_000_000_000n), waiting(180_000_000_000n)]).toEqual([1, 0]);
    network.ic.runUntilIdle();
    expect(repliedText(network.ic.ingressStatus(requestId))).toBe('Canister http request timed out');
});

test('canister logs: are told to whoever hosts the network, also of executions that trap', () => {
    const printed: string[] = [];
    network = newNetwork({ onCanisterLog: (_id, _timeNs, text) => printed.push(Buffer.from(text).toString()) });
    const a = network.deploy(wasm);
    replied(network.run(a, s.seq(s.print('hello'), s.reply())));
    expect(codeOf(network.run(a, s.seq(s.print('before'), s.trap('the end'))))).toBe('IC0503');
    expect(printed.slice(0, 2)).toEqual(['hello', 'before']);
});

test('stable memory: can be read and replaced from outside', () => {
    const a = network.deploy(wasm);
    replied(network.run(a, s.seq(s.stableWrite('12345678'), s.reply())));
    expect(Buffer.from(network.ic.stableMemory(a) ?? []).toString('utf8', 0, 8)).toBe('12345678');
    expect(network.ic.setStableMemory(a, Buffer.from('abcd'))).toBe(true);
    expect(repliedText(network.ask(a, s.seq(s.appendStable, s.reply())))).toBe('abcd\0\0\0\0');
    expect(network.ic.setStableMemory(network.create(), Buffer.from('abcd'))).toBe(false);
});
