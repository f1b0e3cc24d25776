/** Compute sockets: units bought, set aside, used and given back; owners, transfers and approvals as ICRC-7 and ICRC-37 say. */
import type { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { cancel } from '../../../canisters/compute_gateway/domain/finish';
import { unitsUsed } from '../../../canisters/compute_gateway/domain/job';
import { purseOf } from '../../../canisters/compute_gateway/domain/socket';
import { SocketBook } from '../../../canisters/compute_gateway/domain/socket_book';
import { MAX_APPROVALS, type TokenTransfer } from '../../../canisters/compute_gateway/domain/socket_ledger';
import { settleOpening, submit, type OpenAnswer } from '../../../canisters/compute_gateway/domain/submit';
import type { Account } from '../../../src/core/account';
import { NS_PER_S } from '../../../src/core/clock';
import { ALICE, APP, BOB, Market, NODE_A, someone, UnexpectedRefusal } from './support/market';

const HELD: OpenAnswer = { kind: 'Held', owner: ALICE };
const account = (owner: Principal, tag = 0): Account => ({
    owner,
    subaccount: tag === 0 ? undefined : new Uint8Array(32).fill(tag)
});
const code = (result: { ok: boolean; error?: { kind: string } }): string =>
    result.ok ? 'ok' : (result.error?.kind ?? '');

class Sockets {
    readonly market = new Market();
    readonly book = new SocketBook(this.market.book);
    private sent = 0;

    constructor() {
        this.market.attach(NODE_A, 64);
    }

    minted(units = 25n, to = account(ALICE)): bigint {
        const intent = this.book.beginMint({ minter: ALICE, to, appId: APP, units }, this.market.nowNs);
        if (!intent.ok) throw new UnexpectedRefusal(intent);
        const socket = this.book.settleMint(intent.value, HELD, this.market.nowNs);
        if (!socket.ok) throw new UnexpectedRefusal(socket);
        this.book.funded(socket.value.id);
        return socket.value.id;
    }

    use(id: bigint, maxCredits = 20n, who = ALICE) {
        const payer = { kind: 'Principal', who } as const;
        return this.book.use(id, this.market.submission({ payer, submitter: who, maxCredits }));
    }

    /** A job that the socket pays, with the hub's answer. */
    job(id: bigint, answer: OpenAnswer | undefined = HELD) {
        const { market } = this;
        const submission = this.use(id);
        if (!submission.ok) return undefined;
        const intent = submit(market.book, submission.value, market.nowNs);
        if (!intent.ok || intent.value.kind !== 'Ask') return undefined;
        expect(intent.value.request.purse?.toText()).toBe(purseOf(id).toText());
        const job = settleOpening(market.book, intent.value.request, answer, market.nowNs);
        return job.ok ? job.value : undefined;
    }

    transfer(changes: Partial<TokenTransfer>) {
        this.sent += 1;
        const identity = Uint8Array.of(this.sent);
        const base = { caller: ALICE, from: account(ALICE), to: account(BOB), tokenId: 1n, identity };
        return this.book.ledger.transfer({ ...base, ...changes }, this.market.nowNs);
    }

    units(id: bigint) {
        const { left, reserved, minted } = this.book.ledger.get(id) ?? { left: -1n, reserved: -1n, minted: -1n };
        return { left, reserved, used: minted - left - reserved };
    }
}

test('G3: a use sets units aside, what is used is gone, and the rest comes back', () => {
    const sockets = new Sockets();
    const { market } = sockets;
    const id = sockets.minted();
    expect(market.messages()).toMatchObject([{ message: { kind: 'Fund', socketId: id } }]);
    const job = sockets.job(id);
    expect(job).toMatchObject({ socket: id, maxUnits: 10n, owner: ALICE });
    expect(sockets.units(id)).toEqual({ left: 15n, reserved: 10n, used: 0n });
    expect(market.complete(market.leased(NODE_A)).ok).toBe(true);
    expect(sockets.units(id)).toEqual({ left: 22n, reserved: 0n, used: 3n });
    expect(market.records()).toMatchObject([{ status: 'Success', creditsUsed: 6n, node: NODE_A }]);
});

test('units come back whole when a job fails, is cancelled while it waits, or never gets its hold', () => {
    const sockets = new Sockets();
    const { market } = sockets;
    const id = sockets.minted();
    sockets.job(id);
    expect(market.fail(market.leased(NODE_A), 'broken', false).ok).toBe(true);
    const waiting = sockets.job(id);
    expect(cancel(market.book, waiting?.id ?? 0n, ALICE, market.nowNs).ok).toBe(true);
    sockets.job(id, { kind: 'Unknown', reason: '' });
    sockets.job(id, { kind: 'Refused', error: { kind: 'InsufficientCredits', available: 0n } });
    expect(sockets.units(id)).toEqual({ left: 25n, reserved: 0n, used: 0n });
});

test('a repeated submission finds its job, also when the socket has nothing left', () => {
    const sockets = new Sockets();
    const { market, book } = sockets;
    const id = sockets.minted(5n);
    const payer = { kind: 'Principal', who: ALICE } as const;
    const keyed = (idempotencyKey: string, input = new Uint8Array([1])) => {
        const base = { payer, submitter: ALICE, maxCredits: 20n, idempotencyKey, input };
        const used = book.use(id, market.submission(base));
        return used.ok ? submit(market.book, used.value, market.nowNs) : used;
    };
    const first = keyed('once');
    if (!first.ok || first.value.kind !== 'Ask') throw new UnexpectedRefusal(first);
    const job = settleOpening(market.book, first.value.request, HELD, market.nowNs);
    expect(book.ledger.get(id)).toMatchObject({ left: 0n, reserved: 5n });
    expect(keyed('once')).toEqual({ ok: true, value: { kind: 'Known', job: job.ok ? job.value : undefined } });
    expect(code(keyed('once', new Uint8Array([2])))).toBe('IdempotencyConflict');
    expect(code(keyed('another'))).toBe('Exhausted');
    expect(book.ledger.get(id)).toMatchObject({ left: 0n, reserved: 5n });
});

test('only its owner uses it, only for its app, only what it has, and only when it is funded', () => {
    const sockets = new Sockets();
    const { market, book } = sockets;
    const id = sockets.minted(12n);
    expect(code(sockets.use(id, 20n, BOB))).toBe('Unauthorized');
    expect(code(sockets.use(99n))).toBe('NotFound');
    expect(code(book.use(id, market.submission({ appId: 'other' })))).toBe('AppMismatch');
    sockets.job(id);
    expect(sockets.job(id)).toMatchObject({ maxUnits: 2n });
    expect(code(sockets.use(id))).toBe('Exhausted');
    const intent = book.beginMint({ minter: ALICE, to: account(ALICE), appId: APP, units: 1n }, market.nowNs);
    if (!intent.ok) throw new UnexpectedRefusal(intent);
    const fresh = book.settleMint(intent.value, HELD, market.nowNs);
    expect(fresh.ok && code(sockets.use(fresh.value.id))).toBe('TemporarilyUnavailable');
});

test('a purchase that cannot be paid, or of which nobody knows, is none, and its hold goes back', () => {
    const sockets = new Sockets();
    const { market, book } = sockets;
    const begin = () => {
        const intent = book.beginMint({ minter: ALICE, to: account(BOB), appId: APP, units: 5n }, market.nowNs);
        if (!intent.ok) throw new UnexpectedRefusal(intent);
        expect(intent.value.request.maxCredits).toBe(10n);
        return intent.value;
    };
    const refused = { kind: 'Refused', error: { kind: 'InsufficientCredits', available: 1n } } as const;
    expect(code(book.settleMint(begin(), refused, market.nowNs))).toBe('InsufficientCredits');
    expect(code(book.settleMint(begin(), { kind: 'Unknown', reason: '' }, market.nowNs))).toBe(
        'TemporarilyUnavailable'
    );
    const silent = begin();
    market.advance(120);
    book.sweep(market.nowNs, 10);
    expect(code(book.settleMint(silent, HELD, market.nowNs))).toBe('TemporarilyUnavailable');
    expect(market.messages().map(({ message }) => message.kind)).toEqual(['Release', 'Release', 'Record']);
    expect(book.ledger.supply()).toBe(0n);
});

test('ICRC-7: only the owner transfers, from where the token is, to somebody else; a repeated transfer is a duplicate', () => {
    const sockets = new Sockets();
    const { market } = sockets;
    const id = sockets.minted();
    const answers = [
        sockets.transfer({ tokenId: 9n }),
        sockets.transfer({ caller: BOB }),
        sockets.transfer({ from: account(ALICE, 1) }),
        sockets.transfer({ to: account(ALICE) }),
        sockets.transfer({ memo: new Uint8Array(33) }),
        sockets.transfer({ createdAtNs: market.nowNs - 86_461n * NS_PER_S }),
        sockets.transfer({ createdAtNs: market.nowNs + 61n * NS_PER_S })
    ];
    expect(answers.map(code)).toEqual([
        'NonExistingTokenId',
        'Unauthorized',
        'Unauthorized',
        'InvalidRecipient',
        'GenericError',
        'TooOld',
        'CreatedInFuture'
    ]);
    const once = { createdAtNs: market.nowNs, identity: Uint8Array.of(7) };
    const first = sockets.transfer(once);
    expect(first.ok).toBe(true);
    expect(sockets.transfer(once)).toMatchObject({
        error: { kind: 'Duplicate', duplicateOf: first.ok && first.value }
    });
    expect(sockets.book.ledger.get(id)?.owner).toEqual(account(BOB));
    market.advance(86_461);
    sockets.transfer({ tokenId: 9n });
    expect(market.book.tables.tokenWindow.size()).toBe(0);
});

test('ICRC-37: approvals of a token and of a collection let others transfer, until they end, are revoked, or the token moves', () => {
    const sockets = new Sockets();
    const { market } = sockets;
    const { ledger } = sockets.book;
    const [first, second] = [sockets.minted(), sockets.minted()];
    const carol = someone(40);
    const approve = (tokenId: bigint | undefined, spender: Account, expiresAtNs?: bigint, caller = ALICE) => {
        const approval = { spender, expiresAtNs, createdAtNs: market.nowNs };
        return code(ledger.approve({ caller, from: account(caller), approval, tokenId }, market.nowNs));
    };
    const by = (who: Account, tokenId: bigint) => code(sockets.transfer({ caller: who.owner, spender: who, tokenId }));
    expect(by(account(BOB), first)).toBe('Unauthorized');
    expect(approve(first, account(ALICE, 1))).toBe('InvalidSpender');
    expect(approve(first, account(BOB), undefined, carol)).toBe('Unauthorized');
    expect(approve(99n, account(BOB))).toBe('NonExistingTokenId');
    expect(approve(first, account(BOB), market.nowNs)).toBe('GenericError');
    expect(approve(first, account(BOB, 2), market.nowNs + 10n * NS_PER_S)).toBe('ok');
    expect(by(account(BOB), first)).toBe('Unauthorized');
    expect(ledger.isApproved(first, account(BOB, 2), account(ALICE), market.nowNs)).toBe(true);
    market.advance(10);
    expect(by(account(BOB, 2), first)).toBe('Unauthorized');
    expect(approve(undefined, account(carol))).toBe('ok');
    const revoke = (spender?: Account) => code(ledger.revoke({ from: account(ALICE), spender }, market.nowNs));
    expect(by(account(carol), second)).toBe('ok');
    expect([revoke(account(BOB)), revoke(account(carol)), revoke()]).toEqual([
        'ApprovalDoesNotExist',
        'ok',
        'ApprovalDoesNotExist'
    ]);
    expect(by(account(carol), first)).toBe('Unauthorized');
    expect(approve(first, account(carol))).toBe('ok');
    expect(code(sockets.transfer({ tokenId: first }))).toBe('ok');
    expect(ledger.approvals(account(BOB), first, market.nowNs)).toEqual([]);
    expect([approve(undefined, account(carol)), ledger.approvals(account(ALICE), undefined, market.nowNs)]).toEqual([
        'GenericError',
        []
    ]);
    sockets.minted();
    for (let tag = 1; tag <= MAX_APPROVALS; tag++) expect(approve(undefined, account(carol, tag))).toBe('ok');
    expect(approve(undefined, account(carol, 99))).toBe('GenericError');
    expect(approve(undefined, account(carol, 3))).toBe('ok');
});

test('G4: after random transfers every token has one owner, and each account lists exactly its own, page by page', () => {
    const step = fc.record({ token: fc.nat(5), to: fc.nat(3) });
    fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (steps, page) => {
            const sockets = new Sockets();
            const people = [ALICE, BOB, someone(50), someone(51)].map((who, index) => account(who, index % 2));
            const owners = new Map<bigint, number>();
            for (let i = 0; i < 6; i++) owners.set(sockets.minted(1n, people[0]), 0);
            for (const { token, to } of steps) {
                const tokenId = BigInt(token + 1);
                const from = people[owners.get(tokenId) ?? 0] ?? account(ALICE);
                const target = people[to] ?? account(ALICE);
                const moved = sockets.transfer({ caller: from.owner, from, to: target, tokenId });
                expect(moved.ok).toBe(from !== target);
                if (moved.ok) owners.set(tokenId, to);
            }
            const { ledger } = sockets.book;
            people.forEach((person, index) => {
                const listed: bigint[] = [];
                for (;;) {
                    const next = ledger.tokensOf(person, listed.at(-1), BigInt(page));
                    listed.push(...next);
                    if (next.length === 0) break;
                }
                const own = [...owners].filter(([, owner]) => owner === index).map(([id]) => id);
                expect([...listed].sort()).toEqual(own.sort());
                expect(ledger.holding(person).count).toBe(BigInt(own.length));
            });
            expect(ledger.tokens(0n, 10n)).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
        }),
        { numRuns: 60 }
    );
});

test('G3 holds through random uses, failures, results and cancellations', () => {
    const step = fc.constantFrom('use', 'lost', 'complete', 'fail', 'cancel');
    fc.assert(
        fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
            const sockets = new Sockets();
            const { market } = sockets;
            const id = sockets.minted(40n);
            const jobs: bigint[] = [];
            for (const kind of steps) {
                if (kind === 'use' || kind === 'lost') {
                    const job = sockets.job(id, kind === 'use' ? HELD : { kind: 'Unknown', reason: '' });
                    if (job !== undefined) jobs.push(job.id);
                } else if (kind === 'cancel') cancel(market.book, jobs.at(-1) ?? 0n, ALICE, market.nowNs);
                else {
                    const [job] = market.claim(NODE_A);
                    if (job !== undefined && kind === 'complete') market.complete(job);
                    if (job !== undefined && kind === 'fail') market.fail(job, 'x', false);
                }
                const { left, reserved, used } = sockets.units(id);
                const all = jobs.flatMap((jobId) => market.book.get(jobId) ?? []);
                const open = all.filter(({ state }) => !('finishedAtNs' in state));
                expect(reserved).toBe(open.reduce((sum, { maxUnits }) => sum + maxUnits, 0n));
                expect(used).toBe(all.reduce((sum, job) => sum + unitsUsed(job), 0n));
                expect(left).toBeGreaterThanOrEqual(0n);
            }
        }),
        { numRuns: 60 }
    );
});
