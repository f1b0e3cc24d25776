/** What a node offers: apps that are there and apps that are not, and those that ask for more than it has. */
import { err, ok, type Result } from '../../../src/core/result';
import { parseNodeConfig } from '../../../src/node/config';
import type { ServedApp } from '../../../src/node/job_runner';
import { Offer } from '../../../src/node/offer';
import { PortUnavailable, type Backend, type JobSource, type Refusal } from '../../../src/node/ports';
import { runWith } from '../../../src/node/run_node';
import { APP, Market, NODE_A } from '../compute_gateway/support/market';
import { FakeQueue, MemoryLog, room, until } from './support/fakes';

const quick: Backend = { name: 'quick', room, run: async () => ok({ output: Uint8Array.of(1), tokens: 1, inputs: 1 }) };
const LATER = 'registered-later';
const CANISTER = 'rrkah-fqaaa-aaaaa-aaaaq-cai';
const CONFIG = parseNodeConfig({
    network: { host: 'http://127.0.0.1:4943' },
    canisters: { compute_gateway: CANISTER, state_machine: CANISTER },
    keyFile: 'node.pem',
    apps: [APP, LATER].map((appId) => ({ appId, backend: { kind: 'embedded-embeddings' } })),
    poll: { minMs: 20, maxMs: 40 }
});

test('an app that is not registered keeps the others from nothing, and is served as soon as it is', async () => {
    const market = new Market();
    const source = new FakeQueue(market, NODE_A);
    const log = new MemoryLog();
    const stop = new AbortController();
    const registry = { reportStatus: async () => ok(undefined) };
    const [first, second] = [market.queued(), new Uint8Array(32).fill(9)];
    const running = runWith(CONFIG, { source, registry, backends: [quick, quick], log }, stop.signal);
    await until(() => market.state(first) === 'Completed');
    expect(log.lines.find(({ event }) => event === 'app_not_registered')).toMatchObject({ fields: { app_id: LATER } });
    market.registerApp(LATER, second);
    const job = market.queued({ appId: LATER });
    await until(() => market.state(job) === 'Completed');
    stop.abort();
    await running;
    expect(market.book.tables.attachments.get(NODE_A)?.apps).toEqual([]);
});

/** A canister that takes no offer with an app that asks for too much; it remembers what it took. */
class Choosy implements Pick<JobSource, 'attach'> {
    readonly asked: (readonly string[])[] = [];
    readonly tooMuch = new Set<string>();
    failures = 0;

    async attach(apps: readonly string[]): Promise<Result<void, Refusal>> {
        this.asked.push(apps);
        if (this.failures-- > 0) throw new PortUnavailable('attach_node', 'away');
        const appId = apps.find((each) => this.tooMuch.has(each));
        return appId === undefined ? ok(undefined) : err({ code: 'RequirementsNotMet', appId, lacks: 'E' });
    }
}

const servedAs = (appId: string): ServedApp => ({
    app: { appId, kind: 'Chat', unit: 'token', modelHash: new Uint8Array(32), execLimitMs: 1_000 },
    backend: quick
});

async function offered(names: readonly string[], arrange: (source: Choosy) => void) {
    const source = new Choosy();
    arrange(source);
    const log = new MemoryLog();
    const offer = new Offer(source as unknown as JobSource, 4, log);
    for (const name of names) offer.add(servedAs(name));
    const stop = new AbortController();
    let running: Promise<void> | undefined;
    await new Promise<void>((resolve) => (running = offer.keep(stop.signal, resolve)));
    return { source, log, offer, end: () => (stop.abort(), running) };
}

test('an app that asks for more than the node has is left out, named, and the others are offered', async () => {
    const { source, log, end } = await offered(['a', 'b', 'c'], ({ tooMuch }) => tooMuch.add('b'));
    expect(source.asked).toEqual([
        ['a', 'b', 'c'],
        ['a', 'c']
    ]);
    const refused = log.lines.filter(({ event }) => event === 'attach_refused');
    expect(refused).toMatchObject([{ fields: { code: 'RequirementsNotMet', app_id: 'b', lacks: 'E' } }]);
    await end();
});

test('an app that comes later is offered with the others, and so is all when the canister has forgotten the node', async () => {
    const { source, offer, end } = await offered(['a'], () => undefined);
    offer.add(servedAs('b'));
    await until(() => source.asked.length === 2);
    offer.renew();
    await until(() => source.asked.length === 3);
    expect(source.asked).toEqual([['a'], ['a', 'b'], ['a', 'b']]);
    await end();
});

test('an offer that could not be made is made again', async () => {
    const { source, log, end } = await offered(['a'], (choosy) => (choosy.failures = 1));
    expect([source.asked, log.count('attach_failed')]).toEqual([[['a'], ['a']], 1]);
    await end();
});
