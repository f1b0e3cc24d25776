/** Results that go to a gateway beside the chain: what the canister believes, and what it does not. */
import { addGateway, removeGateway, setGatewayUrl } from '../../../canisters/compute_gateway/domain/gateways';
import { findJob, listJobsOf } from '../../../canisters/compute_gateway/domain/listing';
import { ackHash, leaseHash } from '../../../src/core/compute/direct_delivery';
import { sha256 } from '../../../src/core/hash';
import { ALICE, BOB, GATEWAY, Market, NODE_A } from './support/market';

const SECRET = new Uint8Array(32).fill(4);
const TEXT = new TextEncoder().encode('the text');
const nothing = new Uint8Array();

function leasedDirect() {
    const market = new Market();
    market.attach(NODE_A);
    const queued = market.queued({ ackHash: ackHash(SECRET) });
    const job = market.leased(NODE_A);
    expect(job.id).toBe(queued.id);
    return { market, job };
}

const outcome = (result: ReturnType<Market['complete']>): string => {
    if (result.ok) return 'ok';
    return 'reason' in result.error ? `${result.error.kind}:${result.error.reason}` : result.error.kind;
};

test('G8: with the gateway’s secret the hash alone completes a job; nothing of the output is stored', () => {
    const { market, job } = leasedDirect();
    const completion = { output: nothing, outputHash: sha256(TEXT), ack: SECRET, details: Uint8Array.of(1) };
    expect(outcome(market.complete(job, completion))).toBe('ok');
    expect(market.book.get(job.id)).toMatchObject({ state: { kind: 'Completed', outputHash: sha256(TEXT) } });
    expect(market.book.tables.outputs.has(job.id)).toBe(false);
    expect(market.book.tables.details.get(job.id)).toEqual(Uint8Array.of(1));
    expect(outcome(market.complete(job, completion))).toBe('ok');
    expect(outcome(market.complete(job, { ...completion, outputHash: sha256(SECRET) }))).toBe('ResultConflict');
    market.advance(90_000);
    market.book.sweep(market.nowNs, 10);
    expect(market.book.tables.details.size()).toBe(0);
});

test('G8: without it, or with another, the output itself is wanted', () => {
    const { market, job } = leasedDirect();
    const outputHash = sha256(TEXT);
    expect(outcome(market.complete(job, { output: nothing, outputHash }))).toBe('BadReceipt:output_hash');
    const forged = { output: nothing, outputHash, ack: new Uint8Array(32) };
    expect(outcome(market.complete(job, forged))).toBe('BadReceipt:ack');
    expect(outcome(market.complete(job, { output: TEXT, outputHash, ack: SECRET }))).toBe('BadReceipt:output_hash');
    expect(outcome(market.complete(job, { output: nothing, ack: SECRET }))).toBe('BadReceipt:output_hash');
    expect(outcome(market.complete(job, { details: new Uint8Array(1_025) }))).toBe('BadReceipt:details');
    expect(outcome(market.complete(job, { output: TEXT, outputHash }))).toBe('ok');
    expect(market.book.tables.outputs.get(job.id)).toEqual(TEXT);
});

test('G8: a job whose gateway wants nothing itself cannot be completed by a hash', () => {
    const market = new Market();
    market.attach(NODE_A);
    market.queued();
    const completion = { output: nothing, outputHash: sha256(TEXT), ack: SECRET };
    expect(outcome(market.complete(market.leased(NODE_A), completion))).toBe('BadReceipt:ack');
});

test('an empty output is one, when its hash says so', () => {
    const { market, job } = leasedDirect();
    expect(outcome(market.complete(job, { output: nothing, outputHash: sha256(nothing) }))).toBe('ok');
});

test('the name of a lease tells nothing of its token, and is another one for each attempt', () => {
    const lease = { jobId: 1n, attempt: 1, token: 5n };
    const names = [lease, { ...lease, attempt: 2 }, { ...lease, token: 6n }, { ...lease, jobId: 2n }].map(leaseHash);
    expect(new Set(names.map(String)).size).toBe(4);
    expect(names[0]).toHaveLength(32);
});

test('only listed gateways say where they are, and no longer than they are listed', () => {
    const { tables } = new Market().book;
    const set = (url?: string) => setGatewayUrl(tables, GATEWAY, url);
    expect(set('https://gateway.example')).toMatchObject({ error: { kind: 'Unauthorized' } });
    addGateway(tables, GATEWAY);
    for (const url of ['ftp://x', 'https://x/?q', 'https://user@x', `https://${'x'.repeat(256)}`, '']) {
        expect(set(url)).toMatchObject({ error: { kind: 'InvalidArgument' } });
    }
    expect(set('https://gateway.example:8443/base').ok).toBe(true);
    expect(tables.gatewayUrls.get(GATEWAY)).toBe('https://gateway.example:8443/base');
    expect(set(undefined).ok).toBe(true);
    expect(tables.gatewayUrls.has(GATEWAY)).toBe(false);
    set('http://127.0.0.1:8787');
    removeGateway(tables, GATEWAY);
    expect(tables.gatewayUrls.size()).toBe(0);
});

test('a gateway finds its submissions by their keys, and lists what it submitted for an owner', () => {
    const market = new Market();
    const payer = { kind: 'ApiKey', keyHash: new Uint8Array(32).fill(3) } as const;
    const mine = market.queued({ payer, submitter: GATEWAY, idempotencyKey: 'k' });
    market.queued();
    expect(findJob(market.book, payer, 'k')?.id).toBe(mine.id);
    expect(findJob(market.book, { kind: 'Principal', who: ALICE }, 'k')).toBeUndefined();
    const list = (gateway = GATEWAY, owner = ALICE) =>
        listJobsOf(market.book, gateway, owner, 0n, 10n).map(({ id }) => id);
    expect(list()).toEqual([mine.id]);
    expect(list(BOB)).toEqual([]);
    expect(list(GATEWAY, BOB)).toEqual([]);
});
