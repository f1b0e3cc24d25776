/** A live network serves everybody while queries, inspections and pages loop. */
import { Actor, HttpAgent, type ActorSubclass } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import type { Principal } from '@dfinity/principal';
import { request } from 'node:http';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import type { QueryResult } from '../../../src/replica/state/api';
import { assemble } from '../ic/support/network';
import { slowCanister } from '../worker/support/slow_canister';
import { counterIdl, counterWasm, type Counter } from './support/counter_canister';
import { deploy } from './support/deployed';

let network: RunningNetwork;
let agent: HttpAgent;
let served: Principal;
let looping: Principal;
/** Who asks again and again does so until the next test begins. */
let testCount = 0;

/** Some seconds of loop for each of its queries. */
const loops = `(module (memory 1)
    (func $loop (loop $again (i32.store (i32.const 0) (i32.const 1)) (br $again)))
    (export "canister_query loop" (func $loop))
    (export "canister_query http_request" (func $loop))
    (export "canister_inspect_message" (func $loop))
    (func (export "canister_update run"))
    (func (export "canister_query nothing")))`;

beforeAll(async () => {
    network = await startNetwork({ port: 0 });
    agent = await HttpAgent.create({
        host: network.url,
        identity: Ed25519KeyIdentity.generate(),
        shouldFetchRootKey: true,
        retryTimes: 0
    });
    served = await deploy(agent, await counterWasm());
});
beforeEach(async () => {
    testCount += 1;
    looping = await deploy(agent, await assemble(loops));
});
afterAll(() => network.close());

const counter = (canisterId: Principal): ActorSubclass<Counter> =>
    Actor.createActor<Counter>(counterIdl, { agent, canisterId });

const ask = (canisterId: Principal, methodName: string): Promise<QueryResult> =>
    network.api.queryUnsigned({
        sender: Uint8Array.of(4),
        canisterId: canisterId.toUint8Array(),
        methodName,
        argument: new Uint8Array()
    });

/** Clients that ask again and again; how often they were told what. */
function crowd(size: number, once: () => Promise<string>): ReadonlyMap<string, number> {
    const told = new Map<string, number>();
    const since = testCount;
    const client = async (): Promise<void> => {
        while (testCount === since) {
            const answer = await once();
            told.set(answer, (told.get(answer) ?? 0) + 1);
        }
    };
    // In the end the network closes while they wait.
    for (let i = 0; i < size; i += 1) void client().catch(() => undefined);
    return told;
}

const codeOf = (result: QueryResult): string => (result.kind === 'rejected' ? result.rejection.errorCode : result.kind);

/** Updates and queries of an honest canister, one after the other, until others have had some of theirs. */
async function servedWhile(isEnough: () => boolean): Promise<number> {
    let calls = 0;
    const { inc, read } = counter(served);
    while (!isEnough()) {
        await inc();
        await read();
        calls += 1;
    }
    return calls;
}

test('live: twenty clients repeat a query that loops; others are served, and the same canister answers what is light', async () => {
    const told = crowd(20, async () => codeOf(await ask(looping, 'loop')));
    const isEnough = (): boolean => (told.get('IC0522') ?? 0) >= 4;
    let light = 0;
    const lightly = (async () => {
        for (; !isEnough(); light += 1) expect(codeOf(await ask(looping, 'nothing'))).toBe('IC0506');
    })();
    // In their place, four of these queries would have left room for at most a call each.
    expect(await servedWhile(isEnough)).toBeGreaterThan(12);
    await lightly;
    expect(light).toBeGreaterThan(12);
    expect([...told.keys()].sort()).toEqual(['IC0201', 'IC0522']);
});

test('live: with signatures a query too many is refused with 429, a page with 503', async () => {
    const told = crowd(18, async () => codeOf(await ask(looping, 'loop')));
    while (!told.has('IC0201')) await counter(served).read();
    const signed = agent.query(looping, { methodName: 'loop', arg: new Uint8Array() });
    await expect(signed).rejects.toMatchObject({ cause: { code: { status: 429 } } });
    expect(await pageStatus(looping)).toBe(503);
});

function pageStatus(canisterId: Principal): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
        const headers = { host: `${canisterId.toText()}.localhost` };
        request(network.url, { headers }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
        })
            .on('error', reject)
            .end();
    });
}

test('live: pages and inspections that loop, and queries that fill memory, leave room for others', async () => {
    const bomb = await deploy(agent, await slowCanister());
    const call = { sender: Uint8Array.of(4), canisterId: looping.toUint8Array(), argument: new Uint8Array() };
    const crowds = {
        IC0522: crowd(4, async () => {
            const outcome = await network.api.submitUnsigned({ ...call, methodName: 'run' });
            return outcome.kind === 'rejected' ? outcome.rejection.errorCode : outcome.kind;
        }),
        '502': crowd(4, async () => String(await pageStatus(looping))),
        IC0502: crowd(4, async () => codeOf(await ask(bomb, 'bomb')))
    };
    const all = Object.entries(crowds);
    expect(await servedWhile(() => all.every(([code, told]) => (told.get(code) ?? 0) >= 2))).toBeGreaterThan(5);
    for (const [code, told] of all) expect([...told.keys()]).toEqual([code]);
});

test('live: nothing of all this has stayed', async () => {
    const before = await counter(served).read();
    await counter(served).inc();
    expect(await counter(served).read()).toBe(before + 1n);
    expect(codeOf(await ask(looping, 'nothing'))).toBe('IC0506');
});
