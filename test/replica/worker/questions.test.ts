/** Questions that outlast their slice are answered in other threads, from the state of their beginning, while the network goes on. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import type { HttpOutcallAnswer, NetworkInput, QueryResult } from '../../../src/replica/state/api';
import { evaluateHere } from '../../../src/replica/query/evaluation';
import { querySliceLimits } from '../../../src/replica/state/limits';
import { QueryThread } from '../../../src/replica/worker/query_thread';
import { Questions, type Answered } from '../../../src/replica/worker/questions';
import { alice, codeOf, managementId, newNetwork, replied, type TestNetwork } from '../ic/support/network';
import { countersOf, LONG_INSTRUCTIONS, slowCanister } from './support/slow_canister';

let wasm: Uint8Array;
let network: TestNetwork;
let questions: Questions;
let threads: QueryThread[];

beforeAll(async () => {
    wasm = await slowCanister();
});
beforeEach(() => {
    network = newNetwork({ dataCertificate: (id) => Buffer.concat([Buffer.from('certificate of '), Buffer.from(id)]) });
    threads = [];
    questions = new Questions(network.ic, (onEnd) => {
        const thread = new QueryThread(onEnd);
        threads.push(thread);
        return thread;
    });
});
afterEach(() => questions.close());

const ask = async (
    to: Uint8Array,
    methodName: string,
    argument: Uint8Array = new Uint8Array()
): Promise<Answered<QueryResult>> =>
    questions.ask(network.ic.question({ sender: alice, canisterId: to, methodName, argument }));
const counters = async (answered: Promise<Answered<QueryResult>>): Promise<readonly number[]> =>
    countersOf(replied((await answered).answer));
const increase = (canister: Uint8Array): void => void replied(network.send({ to: canister, method: 'inc' }));
/** Until a thread has something to do. */
const begun = async (count = 1): Promise<void> => {
    while (threads.length < count) await new Promise(setImmediate);
};

test('a long query sees its canister as it was at its beginning, and others see what happens meanwhile', async () => {
    const a = network.deploy(wasm);
    increase(a);
    const slow = counters(ask(a, 'slow'));
    await begun();
    for (let i = 0; i < 5; i += 1) increase(a);
    expect(await counters(ask(a, 'read'))).toEqual([6, 6]);
    expect(await slow).toEqual([1, 1, 1, 1]);
    // The thread has a copy of the older state, which does not do any more.
    expect(await counters(ask(a, 'slow'))).toEqual([6, 6, 6, 6]);
    expect(threads.length).toBe(1);
});

test('a query that ends within its slice needs no thread', async () => {
    const a = network.deploy(wasm);
    expect(await counters(ask(a, 'read'))).toEqual([0, 0]);
    expect(threads.length).toBe(0);
});

test('a canister that is stopped, upgraded, emptied and deleted meanwhile is asked as it was', async () => {
    const a = network.deploy(wasm);
    increase(a);
    const slow = counters(ask(a, 'slow'));
    const composed = counters(ask(network.deploy(wasm), 'compose', a));
    await begun(2);
    replied(network.install(a, wasm, { mode: 'upgrade' }));
    replied(network.lifecycle('uninstall_code', a));
    replied(network.lifecycle('stop_canister', a));
    expect(codeOf((await ask(a, 'read')).answer)).toBe('IC0508');
    replied(network.lifecycle('delete_canister', a));
    expect(await slow).toEqual([1, 1, 1, 1]);
    expect(await composed).toEqual([1, 1]);
    expect(codeOf((await ask(a, 'slow')).answer)).toBe('IC0301');
});

test('a long composite query sees everybody as they were at its beginning', async () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    increase(b);
    const composed = counters(ask(a, 'compose', b));
    await begun();
    increase(b);
    expect(await composed).toEqual([1, 1]);
    expect(await counters(ask(b, 'read'))).toEqual([2, 2]);
});

test('limits, traps and certificates are those of a query that ends at once; nothing of it stays', async () => {
    const a = network.deploy(wasm);
    const answers = await Promise.all([ask(a, 'loop'), ask(a, 'late_trap'), ask(a, 'certified'), ask(a, 'absent')]);
    const direct = ['loop', 'late_trap', 'certified', 'absent'].map((methodName) =>
        network.ic.query({ sender: alice, canisterId: a, methodName, argument: new Uint8Array() })
    );
    expect(answers.map(({ answer }) => answer)).toEqual(structuredClone(direct));
    expect(direct.map((answer) => (answer.kind === 'rejected' ? answer.rejection.errorCode : 'replied'))).toEqual([
        'IC0522',
        'IC0502',
        'replied',
        'IC0536'
    ]);
    expect(await counters(ask(a, 'read'))).toEqual([0, 0]);
});

test('statistics count a long query once, with all that it took', async () => {
    const a = network.deploy(wasm);
    const before = network.ic.instructionsOf(a);
    await ask(a, 'slow');
    const took = network.ic.instructionsOf(a) - before;
    expect(took).toBeGreaterThan(LONG_INSTRUCTIONS);
    expect(took).toBeLessThan(LONG_INSTRUCTIONS + Number(querySliceLimits.query));
    const type = IDL.Record({ query_stats: IDL.Record({ num_calls_total: IDL.Nat, num_instructions_total: IDL.Nat }) });
    const [status] = IDL.decode([type], replied(network.lifecycle('canister_status', a)));
    expect(status).toEqual({ query_stats: { num_calls_total: 1n, num_instructions_total: took } });
});

test('a thread that is killed is replaced once; who loses two is told so, and the next is answered', async () => {
    const a = network.deploy(wasm);
    const once = counters(ask(a, 'slow'));
    await begun();
    threads[0]?.end();
    expect(await once).toEqual([0, 0, 0, 0]);
    expect(threads.length).toBe(2);
    threads.forEach((thread) => thread.end());
    await new Promise((done) => setTimeout(done, 100));
    const twice = ask(a, 'slow');
    for (const count of [3, 4]) {
        await begun(count);
        threads[count - 1]?.end();
    }
    expect(codeOf((await twice).answer)).toBe('IC0521');
    expect(await counters(ask(a, 'slow'))).toEqual([0, 0, 0, 0]);
});

/** Threads that begin with what they are given, and end when they are told to. */
function heldThreads(): { readonly asked: Questions; readonly begun: string[]; release(): void } {
    const begun: string[] = [];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const asked = new Questions(network.ic, () => ({
        run: async (evaluation) => {
            if (evaluation.kind === 'one') begun.push(evaluation.execution.frame.target.canister.text);
            await released;
            const sliced = evaluateHere(evaluation);
            if (sliced.kind === 'outlasted') throw new TypeError('has no slice');
            return sliced.answer;
        },
        end: () => undefined
    }));
    return { asked, begun, release };
}

test('of one canister one long query is under way and sixteen wait, of all two and sixty-four; who has most of the places makes room', async () => {
    const canisters = Array.from({ length: 6 }, () => network.deploy(wasm));
    const { asked, begun, release } = heldThreads();
    const refused: unknown[] = [];
    const askSlow = async (canisterId: Uint8Array): Promise<boolean> => {
        const message = { sender: alice, canisterId, methodName: 'slow', argument: new Uint8Array() };
        const { kind, answer } = await asked.ask(network.ic.question(message));
        if (kind === 'overloaded') refused.push(answer);
        return kind === 'answered' && answer.kind === 'replied';
    };
    const [first, ...others] = canisters.map((canister, i) =>
        Array.from({ length: i < 5 ? 20 : 5 }, () => askSlow(canister))
    );
    const late = others.pop();
    while (refused.length < 105 - 66) await new Promise(setImmediate);
    // One of each of two canisters has begun, although the first was twenty times the first.
    expect(begun).toEqual(canisters.slice(0, 2).map((id) => Principal.fromUint8Array(id).toText()));
    expect(refused[0]).toMatchObject({ rejection: { rejectCode: 2, errorCode: 'IC0201' } });
    release();
    const answered = async (all: readonly Promise<boolean>[] = []): Promise<number> =>
        (await Promise.all(all)).filter(Boolean).length;
    expect(await answered(late)).toBe(5);
    expect(await answered([...(first ?? []), ...others.flat()])).toBe(66 - 5);
    expect(refused.length).toBe(105 - 66);
    asked.close();
});

test('light queries pass the long ones of their own canister', async () => {
    const a = network.deploy(wasm);
    const slow = Array.from({ length: 6 }, () => ask(a, 'slow'));
    let open = slow.length;
    slow.forEach((answered) => void answered.then(() => (open -= 1)));
    for (let i = 0; i < 200; i += 1) await ask(a, 'read');
    expect(open).toBeGreaterThan(2);
    await Promise.all(slow);
});

test('an inspection that takes long goes on elsewhere; one without end is refused by its limit', async () => {
    const [slow, endless] = [
        network.deploy(await slowCanister('slowInspection')),
        network.deploy(await slowCanister('endlessInspection'))
    ];
    const verdict = async (canisterId: Uint8Array): Promise<unknown> => {
        const inspection = network.ic.inspection(messageTo(canisterId, 1));
        return inspection && (await questions.ask(inspection)).answer;
    };
    expect(await Promise.all([verdict(slow), verdict(endless)])).toMatchObject([
        undefined,
        { code: 'CanisterInstructionLimitExceeded' }
    ]);
    expect(threads.length).toBe(2);
    expect(network.ic.submitIngress(messageTo(slow, 1), true)).toEqual({ kind: 'accepted' });
    expect(network.ic.inspection(messageTo(slow, 1))).toBeUndefined();
});

function messageTo(canisterId: Uint8Array, id: number): Parameters<TestNetwork['ic']['submitIngress']>[0] {
    return {
        requestId: new Uint8Array(32).fill(id),
        sender: alice,
        canisterId,
        effectiveCanisterId: canisterId,
        methodName: 'inc',
        argument: new Uint8Array(),
        ingressExpiryNs: network.ic.currentTimeNs() + 300_000_000_000n
    };
}

const headersType = IDL.Vec(IDL.Record({ name: IDL.Text, value: IDL.Text }));
const responseType = IDL.Record({ status: IDL.Nat, headers: headersType, body: IDL.Vec(IDL.Nat8) });
const contextType = IDL.Vec(IDL.Nat8);
const transformType = IDL.Record({
    function: IDL.Func([IDL.Record({ response: responseType, context: contextType })], [responseType], ['query']),
    context: contextType
});
const fetchType = IDL.Record({
    url: IDL.Text,
    method: IDL.Variant({ get: IDL.Null }),
    headers: headersType,
    transform: IDL.Opt(transformType)
});

test('a transform that takes long goes on elsewhere; a journal has what came of it, and whom an inspection let in', async () => {
    const inputs: NetworkInput[] = [];
    network.ic.recordInputs((input) => inputs.push(structuredClone(input)));
    const a = network.deploy(wasm);
    const argument = IDL.encode(
        [fetchType],
        [
            {
                url: 'https://example.org',
                method: { get: null },
                headers: [],
                transform: [{ function: [Principal.fromUint8Array(a), 'reshape'], context: [] }]
            }
        ]
    );
    const [, requestId] = network.submit({ to: a, method: 'fetch', argument });
    network.ic.runUntilIdle();
    const id = network.ic.pendingHttpOutcalls()[0]?.id ?? -1n;
    const answer: HttpOutcallAnswer = { kind: 'reply', status: 200, headers: [], body: new Uint8Array() };
    const transform = network.ic.outcallResponse(id, answer);
    if (transform === undefined || !('evaluate' in transform)) throw new TypeError('nothing to ask');
    const transformed = Promise.resolve(questions.ask(transform, true));
    await begun();
    increase(a);
    expect(network.ic.endHttpOutcall(id, (await transformed).answer)).toBe(true);
    expect(network.ic.endHttpOutcall(id, (await transformed).answer)).toBe(false);
    network.ic.runUntilIdle();
    expect(countersOf(replied(network.ic.ingressStatus(requestId)))).toEqual([0, 0]);

    const refusing = network.deploy(await slowCanister('refusingInspection'));
    const refused = messageTo(refusing, 7);
    expect(network.ic.submitIngress(refused)).toMatchObject({ rejection: { errorCode: 'IC0406' } });
    // As if it had been let in by the state of a moment ago.
    expect(network.ic.submitIngress(refused, true)).toEqual({ kind: 'accepted' });
    network.ic.runUntilIdle();

    const again = newNetwork().ic;
    for (const input of inputs) again.replay(input);
    expect(again.ingressStatus(requestId)).toEqual(network.ic.ingressStatus(requestId));
    expect(again.ingressStatus(refused.requestId)).toMatchObject({ kind: 'replied' });
});

test('a query of the management canister or of nobody is answered at once', async () => {
    expect(codeOf((await ask(managementId, 'nothing')).answer)).toBe('IC0407');
    expect(codeOf((await ask(Uint8Array.of(1, 1), 'read')).answer)).toBe('IC0301');
});
