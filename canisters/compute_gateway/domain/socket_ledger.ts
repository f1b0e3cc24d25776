import type { Principal } from '@dfinity/principal';
import { sameAccount, type Account } from '../../../src/core/account';
import { invariant } from '../../../src/core/assert';
import { concatBytes } from '../../../src/core/bytes';
import { NS_PER_S } from '../../../src/core/clock';
import { u64Key } from '../../../src/core/codec';
import { samePrincipal } from '../../../src/core/principals';
import { err, ok, type Result } from '../../../src/core/result';
import type { Approval, Holding, Socket } from './socket';
import type { GatewayTables } from './tables';

/** ICRC-7 `tx_window` and `permitted_drift`. */
export const TX_WINDOW_NS = 24n * 3_600n * NS_PER_S;
export const PERMITTED_DRIFT_NS = 60n * NS_PER_S;
export const MAX_BATCH = 32;
export const MAX_TAKE = 100n;
export const MAX_MEMO_BYTES = 32;
/** ICRC-37: of one token, and of one account for the collection. */
export const MAX_APPROVALS = 16;

/** Refusals of ICRC-7 and ICRC-37; each method can give some of them. */
export type TokenError =
    | { readonly kind: 'NonExistingTokenId' | 'InvalidRecipient' | 'InvalidSpender' | 'Unauthorized' }
    | { readonly kind: 'ApprovalDoesNotExist' | 'TooOld' }
    | { readonly kind: 'CreatedInFuture'; readonly ledgerTimeNs: bigint }
    | { readonly kind: 'Duplicate'; readonly duplicateOf: bigint }
    | { readonly kind: 'GenericError'; readonly code: bigint; readonly message: string };

/** Codes of `GenericError`. */
export const GENERIC = { memo: 1n, approvals: 2n, expiry: 3n, holder: 4n } as const;

export interface TokenTransfer {
    readonly caller: Principal;
    /** Where the token must be. */
    readonly from: Account;
    readonly to: Account;
    readonly tokenId: bigint;
    /** Absent when the owner itself transfers. */
    readonly spender?: Account;
    readonly memo?: Uint8Array;
    readonly createdAtNs?: bigint;
    /** The arguments and the caller as bytes: what makes two transactions the same. */
    readonly identity: Uint8Array;
}

export interface TokenApproval {
    readonly caller: Principal;
    readonly from: Account;
    readonly approval: Approval;
    /** Absent for the whole collection. */
    readonly tokenId?: bigint;
}

export interface TokenRevocation {
    readonly from: Account;
    /** Absent for all spenders. */
    readonly spender?: Account;
    readonly tokenId?: bigint;
    readonly memo?: Uint8Array;
    readonly createdAtNs?: bigint;
}

type SocketTables = Pick<
    GatewayTables,
    | 'sockets'
    | 'holdings'
    | 'tokenApprovals'
    | 'collectionApprovals'
    | 'tokenWindow'
    | 'nextTransaction'
    | 'nextSocketId'
>;

const NOTHING: Holding = { first: 0n, last: 0n, count: 0n };

/** Who owns which socket, and who may transfer it: ICRC-7 and ICRC-37. A socket has one owner (G4). */
export class SocketLedger {
    constructor(private readonly tables: SocketTables) {}

    get(id: bigint): Socket | undefined {
        return this.tables.sockets.get(id);
    }

    holding(account: Account): Holding {
        return this.tables.holdings.get(account) ?? NOTHING;
    }

    supply(): bigint {
        return this.tables.nextSocketId.get() - 1n;
    }

    /** Ids of all tokens after `previous`, in the order of minting. */
    tokens(previous: bigint, take: bigint): readonly bigint[] {
        const left = this.supply() - previous;
        const count = Number(left < take ? (left < 0n ? 0n : left) : take);
        return Array.from({ length: count }, (_, index) => previous + BigInt(index) + 1n);
    }

    /** Ids of an account's tokens after `previous`, in the order in which they came. */
    tokensOf(account: Account, previous: bigint | undefined, take: bigint): readonly bigint[] {
        const ids: bigint[] = [];
        let id = previous === undefined ? this.holding(account).first : this.after(account, previous);
        while (id !== 0n && BigInt(ids.length) < take) {
            ids.push(id);
            id = this.tables.sockets.get(id)?.next ?? 0n;
        }
        return ids;
    }

    /** A new token of its first owner. */
    mint(socket: Omit<Socket, 'id' | 'next' | 'previous'>): Socket {
        const id = this.tables.nextSocketId.get();
        this.tables.nextSocketId.set(id + 1n);
        this.transaction();
        return this.enter({ ...socket, id, next: 0n, previous: 0n });
    }

    transfer(transfer: TokenTransfer, nowNs: bigint): Result<bigint, TokenError> {
        const slot = this.admit(transfer, nowNs);
        if (!slot.ok) return slot;
        const socket = this.get(transfer.tokenId);
        if (socket === undefined) return err({ kind: 'NonExistingTokenId' });
        const { from, to, spender, caller } = transfer;
        if (sameAccount(from, to) || to.owner.isAnonymous()) return err({ kind: 'InvalidRecipient' });
        if (!sameAccount(socket.owner, from)) return err({ kind: 'Unauthorized' });
        const isOwner = samePrincipal(from.owner, caller);
        const isApproved = spender !== undefined && this.isApproved(socket.id, spender, from, nowNs);
        if (!isOwner && !isApproved) return err({ kind: 'Unauthorized' });
        this.leave(socket);
        this.tables.tokenApprovals.delete(socket.id);
        this.enter({ ...socket, owner: to, next: 0n, previous: 0n });
        const index = this.transaction();
        if (slot.value !== undefined) this.tables.tokenWindow.set(slot.value, index);
        return ok(index);
    }

    approve({ caller, from, approval, tokenId }: TokenApproval, nowNs: bigint): Result<bigint, TokenError> {
        const { spender, memo, createdAtNs, expiresAtNs } = approval;
        const fault = faultOf(memo, createdAtNs, nowNs);
        if (fault !== undefined) return err(fault);
        if (tokenId !== undefined) {
            const socket = this.get(tokenId);
            if (socket === undefined) return err({ kind: 'NonExistingTokenId' });
            if (!sameAccount(socket.owner, from)) return err({ kind: 'Unauthorized' });
        }
        if (samePrincipal(spender.owner, caller)) return err({ kind: 'InvalidSpender' });
        // ICRC-37 leaves it to the ledger; accounts cost nothing, and each would have a row here for good.
        const isStrange = tokenId === undefined && this.holding(from).count === 0n;
        if (isStrange) return generic('holder', 'the account holds no token');
        if (expiresAtNs !== undefined && expiresAtNs <= nowNs) return generic('expiry', 'the approval has expired');
        const others = this.approvals(from, tokenId, nowNs).filter((other) => !sameAccount(other.spender, spender));
        if (others.length >= MAX_APPROVALS) return generic('approvals', 'too many approvals');
        this.setApprovals(from, tokenId, [...others, approval]);
        return ok(this.transaction());
    }

    revoke({ from, spender, tokenId, memo, createdAtNs }: TokenRevocation, nowNs: bigint): Result<bigint, TokenError> {
        const fault = faultOf(memo, createdAtNs, nowNs);
        if (fault !== undefined) return err(fault);
        if (tokenId !== undefined) {
            const socket = this.get(tokenId);
            if (socket === undefined) return err({ kind: 'NonExistingTokenId' });
            if (!sameAccount(socket.owner, from)) return err({ kind: 'Unauthorized' });
        }
        const before = this.approvals(from, tokenId, nowNs);
        const kept = before.filter((approval) => spender !== undefined && !sameAccount(approval.spender, spender));
        if (kept.length === before.length) return err({ kind: 'ApprovalDoesNotExist' });
        this.setApprovals(from, tokenId, kept);
        return ok(this.transaction());
    }

    /** Whether a spender may transfer a token that is in the account, by an approval of the token or of the collection. */
    isApproved(tokenId: bigint, spender: Account, from: Account, nowNs: bigint): boolean {
        const socket = this.get(tokenId);
        if (socket === undefined || !sameAccount(socket.owner, from)) return false;
        const all = [...this.approvals(from, tokenId, nowNs), ...this.approvals(from, undefined, nowNs)];
        return all.some((approval) => sameAccount(approval.spender, spender));
    }

    /** Active approvals of a token, or of an account for the collection; at most {@link MAX_APPROVALS}. */
    approvals(from: Account, tokenId: bigint | undefined, nowNs: bigint): readonly Approval[] {
        const { tokenApprovals, collectionApprovals } = this.tables;
        const all = tokenId === undefined ? collectionApprovals.get(from) : tokenApprovals.get(tokenId);
        return (all ?? []).filter(({ expiresAtNs }) => expiresAtNs === undefined || expiresAtNs > nowNs);
    }

    private setApprovals(from: Account, tokenId: bigint | undefined, approvals: readonly Approval[]): void {
        const { tokenApprovals, collectionApprovals } = this.tables;
        if (tokenId === undefined) {
            if (approvals.length === 0) collectionApprovals.delete(from);
            else collectionApprovals.set(from, approvals);
        } else if (approvals.length === 0) tokenApprovals.delete(tokenId);
        else tokenApprovals.set(tokenId, approvals);
    }

    /** Deduplication as ICRC-7 says: only for callers who give a time; the slot to remember the transaction in. */
    private admit(
        { identity, memo, createdAtNs }: TokenTransfer,
        nowNs: bigint
    ): Result<Uint8Array | undefined, TokenError> {
        const fault = faultOf(memo, createdAtNs, nowNs);
        if (fault !== undefined) return err(fault);
        this.forgetOld(nowNs);
        if (createdAtNs === undefined) return ok(undefined);
        const slot = concatBytes(u64Key.encode(createdAtNs), identity);
        const duplicateOf = this.tables.tokenWindow.get(slot);
        return duplicateOf === undefined ? ok(slot) : err({ kind: 'Duplicate', duplicateOf });
    }

    /** Two at a time, so that the window empties faster than it fills. */
    private forgetOld(nowNs: bigint): void {
        for (let left = 2; left > 0; left--) {
            const slot = this.tables.tokenWindow.firstKey();
            if (slot === undefined || u64Key.decode(slot.slice(0, 8)) + TX_WINDOW_NS + PERMITTED_DRIFT_NS >= nowNs)
                return;
            this.tables.tokenWindow.delete(slot);
        }
    }

    private transaction(): bigint {
        const index = this.tables.nextTransaction.get();
        this.tables.nextTransaction.set(index + 1n);
        return index;
    }

    private after(account: Account, previous: bigint): bigint {
        const socket = this.get(previous);
        return socket !== undefined && sameAccount(socket.owner, account) ? socket.next : 0n;
    }

    private enter(socket: Socket): Socket {
        const { sockets, holdings } = this.tables;
        const held = this.holding(socket.owner);
        const last = held.last === 0n ? undefined : sockets.get(held.last);
        if (last !== undefined) sockets.set(last.id, { ...last, next: socket.id });
        const entered = { ...socket, previous: held.last, next: 0n };
        sockets.set(socket.id, entered);
        const first = held.first === 0n ? socket.id : held.first;
        holdings.set(socket.owner, { first, last: socket.id, count: held.count + 1n });
        return entered;
    }

    private leave({ owner, next, previous }: Socket): void {
        const { sockets, holdings } = this.tables;
        const before = previous === 0n ? undefined : sockets.get(previous);
        const after = next === 0n ? undefined : sockets.get(next);
        if (before !== undefined) sockets.set(before.id, { ...before, next });
        if (after !== undefined) sockets.set(after.id, { ...after, previous });
        const held = this.holding(owner);
        invariant(held.count > 0n, 'G4', 'an account gives what it does not hold');
        if (held.count === 1n) holdings.delete(owner);
        else
            holdings.set(owner, {
                first: previous === 0n ? next : held.first,
                last: next === 0n ? previous : held.last,
                count: held.count - 1n
            });
    }
}

function faultOf(memo: Uint8Array | undefined, createdAtNs: bigint | undefined, nowNs: bigint): TokenError | undefined {
    if (memo !== undefined && memo.length > MAX_MEMO_BYTES) {
        return { kind: 'GenericError', code: GENERIC.memo, message: `a memo has at most ${MAX_MEMO_BYTES} bytes` };
    }
    if (createdAtNs === undefined) return undefined;
    if (createdAtNs + TX_WINDOW_NS + PERMITTED_DRIFT_NS < nowNs) return { kind: 'TooOld' };
    if (createdAtNs > nowNs + PERMITTED_DRIFT_NS) return { kind: 'CreatedInFuture', ledgerTimeNs: nowNs };
    return undefined;
}

function generic(code: keyof typeof GENERIC, message: string): Result<never, TokenError> {
    return err({ kind: 'GenericError', code: GENERIC[code], message });
}
