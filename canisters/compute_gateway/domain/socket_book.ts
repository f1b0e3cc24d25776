import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import { minAmount } from '../../../src/core/amount';
import { invariant } from '../../../src/core/assert';
import { samePrincipal } from '../../../src/core/principals';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import { OPENING_LIMIT_NS } from './job';
import type { JobBook } from './job_book';
import type { OpenRequest } from './outbox';
import type { PendingMint, Socket } from './socket';
import { SocketLedger } from './socket_ledger';
import { affordableUnits, earlierOf, type OpenAnswer, type OpenRefusal, type Submission } from './submit';
import type { DueKey } from './tables';

export interface MintOrder {
    readonly minter: Principal;
    readonly to: Account;
    readonly appId: string;
    readonly units: bigint;
}

export interface MintIntent {
    readonly key: DueKey;
    readonly request: OpenRequest;
}

export type MintError = OpenRefusal | ErrorOf<'AppNotFound' | 'InvalidArgument'>;
export type UseError = ErrorOf<'NotFound' | 'Unauthorized' | 'AppMismatch' | 'Exhausted' | 'TemporarilyUnavailable'>;

const MAX_U64 = (1n << 64n) - 1n;

/** Sockets bought, used and refilled (G3): `minted = left + reserved + used`, and the purse holds `left + reserved` at the price. */
export class SocketBook {
    readonly ledger: SocketLedger;

    constructor(private readonly book: JobBook) {
        this.ledger = new SocketLedger(book.tables);
    }

    /** Writes the intent of a purchase: the hub is asked to hold the price of all units. */
    beginMint({ minter, to, appId, units }: MintOrder, nowNs: bigint): Result<MintIntent, MintError> {
        const { appsById, nextJobId, pendingMints } = this.book.tables;
        const app = appsById.get(appId);
        if (app === undefined) return err({ kind: 'AppNotFound' });
        const { unitPriceCredits } = app;
        if (units === 0n || units * unitPriceCredits > MAX_U64)
            return err({ kind: 'InvalidArgument', reason: 'units' });
        if (to.owner.isAnonymous()) return err({ kind: 'InvalidArgument', reason: 'to' });
        const requestId = nextJobId.get();
        nextJobId.set(requestId + 1n);
        const pending = { requestId, minter, to, appId, units, unitPriceCredits };
        const key = { atNs: nowNs + OPENING_LIMIT_NS, id: requestId };
        pendingMints.set(key, pending);
        return ok({ key, request: mintRequest(pending) });
    }

    /** Brings the hub's answer in: with the hold there is a socket, and the hub is told whose purse the money goes to. */
    settleMint({ key, request }: MintIntent, answer: OpenAnswer, nowNs: bigint): Result<Socket, MintError> {
        const pending = this.book.tables.pendingMints.get(key);
        this.book.tables.pendingMints.delete(key);
        const { outbox } = this.book;
        if (answer.kind === 'Refused') return err(answer.error);
        if (answer.kind === 'Unknown') {
            if (pending !== undefined) outbox.push({ kind: 'Release', request }, nowNs);
            return err({ kind: 'TemporarilyUnavailable', reason: answer.reason });
        }
        const { requestId } = request;
        if (pending === undefined) {
            outbox.push({ kind: 'Record', record: { requestId, status: 'Cancelled', creditsUsed: 0n } }, nowNs);
            return err({ kind: 'TemporarilyUnavailable', reason: 'the purchase was given up meanwhile' });
        }
        const { to: owner, appId, units, unitPriceCredits } = pending;
        const terms = { owner, appId, unitPriceCredits, minted: units, left: units, reserved: 0n };
        const socket = this.ledger.mint({ ...terms, mintedAtNs: nowNs, isFunded: false });
        outbox.push({ kind: 'Fund', requestId, socketId: socket.id }, nowNs);
        return ok(socket);
    }

    /** The hub has put the credits into the purse. */
    funded(id: bigint): void {
        this.change(id, { isFunded: true });
    }

    /** Purchases whose answer never came: whether the hold was made is found out, and it goes back. */
    sweep(nowNs: bigint, budget: number): void {
        const { pendingMints } = this.book.tables;
        for (let left = budget; left > 0; left--) {
            const key = pendingMints.firstKey();
            if (key === undefined || key.atNs > nowNs) return;
            const pending = pendingMints.get(key);
            pendingMints.delete(key);
            if (pending !== undefined) this.book.outbox.push({ kind: 'Release', request: mintRequest(pending) }, nowNs);
        }
    }

    /** The submission as the socket pays for it: no more than it has left. */
    use(id: bigint, submission: Submission): Result<Submission, UseError> {
        const socket = this.ledger.get(id);
        if (socket === undefined) return err({ kind: 'NotFound' });
        if (!samePrincipal(socket.owner.owner, submission.submitter)) return err({ kind: 'Unauthorized' });
        if (socket.appId !== submission.appId) return err({ kind: 'AppMismatch' });
        const app = this.book.tables.appsById.get(socket.appId);
        invariant(app !== undefined, 'G3', `socket ${id} has no app`);
        if (!socket.isFunded) return err({ kind: 'TemporarilyUnavailable', reason: 'the socket is being funded' });
        const units = minAmount(affordableUnits(app, submission.maxCredits), socket.left);
        // A repeated submission needs no units: its job has them.
        if (units === 0n && earlierOf(this.book, submission) === undefined) return err({ kind: 'Exhausted' });
        return ok({ ...submission, socket: id, maxUnits: units });
    }

    private change(id: bigint, changes: Partial<Socket>): void {
        const socket = this.ledger.get(id);
        if (socket !== undefined) this.book.tables.sockets.set(id, { ...socket, ...changes });
    }
}

function mintRequest({ requestId, minter, appId, units, unitPriceCredits }: PendingMint): OpenRequest {
    return { requestId, payer: { kind: 'Principal', who: minter }, appId, maxCredits: units * unitPriceCredits };
}
