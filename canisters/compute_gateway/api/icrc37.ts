import { IDL } from 'azle';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { fromCandidAccount, toCandidAccount, type Account } from '../../../src/core/account';
import { err } from '../../../src/core/result';
import type { Approval } from '../domain/socket';
import { MAX_APPROVALS, type TokenError } from '../domain/socket_ledger';
import { env, sockets } from '../wiring';
import type { Opt } from './idl';
import { asId, eachOf, identityOf, inBatch, messageOf, taken } from './icrc7';
import {
    accountOf,
    ApprovalInfo,
    ApproveCollectionArg,
    ApproveCollectionResults,
    ApproveTokenArg,
    ApproveTokenResults,
    IsApprovedArg,
    Metadata,
    RevokeCollectionArg,
    RevokeCollectionResults,
    RevokeTokenArg,
    RevokeTokenResults,
    TokenAccount,
    toTokenResult,
    TransferFromArg,
    TransferResults,
    type TokenResults
} from './idl_icrc7';

const OptNat = IDL.Opt(IDL.Nat);
const MALFORMED: TokenError = { kind: 'GenericError', code: 4n, message: 'a subaccount has 32 bytes' };

/** ICRC-37 over compute sockets. */
export class Icrc37 {
    /** Anyone. */
    @query([], Metadata)
    icrc37_metadata(): Metadata {
        return [
            ['icrc37:max_approvals_per_token_or_collection', { Nat: BigInt(MAX_APPROVALS) }],
            ['icrc37:max_revoke_approvals', { Nat: BigInt(MAX_APPROVALS) }]
        ];
    }

    /** Anyone. */
    @query([], OptNat)
    icrc37_max_approvals_per_token_or_collection(): Opt<bigint> {
        return [BigInt(MAX_APPROVALS)];
    }

    /** Anyone. */
    @query([], OptNat)
    icrc37_max_revoke_approvals(): Opt<bigint> {
        return [BigInt(MAX_APPROVALS)];
    }

    /** A socket's owner. Up to 32 at once, each by itself. */
    @update([IDL.Vec(ApproveTokenArg)], ApproveTokenResults, SERVED_WHILE_PAUSED)
    icrc37_approve_tokens(all: ApproveTokenArg[]): TokenResults {
        return eachOf(all, ({ token_id, approval_info }) => approve(approval_info, asId(token_id)));
    }

    /** Anyone signed in, for the sockets of an own account. Up to 32 at once, each by itself. */
    @update([IDL.Vec(ApproveCollectionArg)], ApproveCollectionResults, SERVED_WHILE_PAUSED)
    icrc37_approve_collection(all: ApproveCollectionArg[]): TokenResults {
        return eachOf(all, ({ approval_info }) => approve(approval_info, undefined));
    }

    /** A socket's owner; no spender means all. Up to 32 at once, each by itself. */
    @update([IDL.Vec(RevokeTokenArg)], RevokeTokenResults, SERVED_WHILE_PAUSED)
    icrc37_revoke_token_approvals(all: RevokeTokenArg[]): TokenResults {
        return eachOf(all, (arg) => revoke(arg, asId(arg.token_id)));
    }

    /** Anyone signed in, for an own account; no spender means all. Up to 32 at once, each by itself. */
    @update([IDL.Vec(RevokeCollectionArg)], RevokeCollectionResults, SERVED_WHILE_PAUSED)
    icrc37_revoke_collection_approvals(all: RevokeCollectionArg[]): TokenResults {
        return eachOf(all, (arg) => revoke(arg, undefined));
    }

    /** Anyone; the first 100. */
    @query([IDL.Vec(IsApprovedArg)], IDL.Vec(IDL.Bool))
    icrc37_is_approved(all: IsApprovedArg[]): boolean[] {
        return inBatch(all).map(({ spender, from_subaccount, token_id }) => {
            const socket = sockets.ledger.get(asId(token_id));
            const account = fromCandidAccount(spender);
            const from = socket && accountOf(socket.owner.owner, from_subaccount);
            if (socket === undefined || !account.ok || from === undefined) return false;
            return sockets.ledger.isApproved(socket.id, account.value, from, env.nowNs());
        });
    }

    /** Anyone: active approvals of a socket after `prev`. */
    @query([IDL.Nat, IDL.Opt(ApproveTokenArg), OptNat], IDL.Vec(ApproveTokenArg))
    icrc37_get_token_approvals(
        tokenId: bigint,
        [previous]: Opt<ApproveTokenArg>,
        take: Opt<bigint>
    ): ApproveTokenArg[] {
        const socket = sockets.ledger.get(asId(tokenId));
        if (socket === undefined) return [];
        const all = sockets.ledger.approvals(socket.owner, socket.id, env.nowNs());
        return pageOf(all, previous?.approval_info, take).map((approval) => ({
            token_id: tokenId,
            approval_info: toApprovalInfo(approval, socket.owner)
        }));
    }

    /** Anyone: active approvals of an account for the collection after `prev`. */
    @query([TokenAccount, IDL.Opt(ApprovalInfo), OptNat], IDL.Vec(ApprovalInfo))
    icrc37_get_collection_approvals(
        owner: TokenAccount,
        [previous]: Opt<ApprovalInfo>,
        take: Opt<bigint>
    ): ApprovalInfo[] {
        const account = fromCandidAccount(owner);
        if (!account.ok) return [];
        const all = sockets.ledger.approvals(account.value, undefined, env.nowNs());
        return pageOf(all, previous, take).map((approval) => toApprovalInfo(approval, account.value));
    }

    /** A socket's owner, and whom the owner has approved. Up to 32 at once, each by itself. */
    @update([IDL.Vec(TransferFromArg)], TransferResults, SERVED_WHILE_PAUSED)
    icrc37_transfer_from(all: TransferFromArg[]): TokenResults {
        const caller = env.caller();
        return eachOf(all, (arg) => {
            const [from, to] = [fromCandidAccount(arg.from), fromCandidAccount(arg.to)];
            const spender = accountOf(caller, arg.spender_subaccount);
            if (!from.ok || !to.ok || spender === undefined) return toTokenResult(err(MALFORMED));
            const transfer = {
                caller,
                spender,
                from: from.value,
                to: to.value,
                tokenId: asId(arg.token_id),
                memo: arg.memo[0],
                createdAtNs: arg.created_at_time[0],
                identity: identityOf(caller, 'xfer_from', messageOf(TransferFromArg, arg))
            };
            return toTokenResult(sockets.ledger.transfer(transfer, env.nowNs()));
        });
    }
}

function approve(info: ApprovalInfo, tokenId: bigint | undefined): ReturnType<typeof toTokenResult> {
    const caller = env.caller();
    const spender = fromCandidAccount(info.spender);
    const from = accountOf(caller, info.from_subaccount);
    if (!spender.ok || from === undefined) return toTokenResult(err(MALFORMED));
    const approval = {
        spender: spender.value,
        expiresAtNs: info.expires_at[0],
        memo: info.memo[0] === undefined ? undefined : Uint8Array.from(info.memo[0]),
        createdAtNs: info.created_at_time
    };
    return toTokenResult(sockets.ledger.approve({ caller, from, approval, tokenId }, env.nowNs()));
}

function revoke(arg: RevokeCollectionArg, tokenId: bigint | undefined): ReturnType<typeof toTokenResult> {
    const from = accountOf(env.caller(), arg.from_subaccount);
    const spender = arg.spender[0] && fromCandidAccount(arg.spender[0]);
    if (from === undefined || spender?.ok === false) return toTokenResult(err(MALFORMED));
    const revocation = {
        from,
        spender: spender?.value,
        tokenId,
        memo: arg.memo[0],
        createdAtNs: arg.created_at_time[0]
    };
    return toTokenResult(sockets.ledger.revoke(revocation, env.nowNs()));
}

/** Approvals behind the one that ended the last page; spenders name them. */
function pageOf(all: readonly Approval[], previous: ApprovalInfo | undefined, take: Opt<bigint>): readonly Approval[] {
    const last = previous && fromCandidAccount(previous.spender);
    const name = last?.ok ? messageOf(TokenAccount, toCandidAccount(last.value)).join() : undefined;
    const at = all.findIndex(({ spender }) => messageOf(TokenAccount, toCandidAccount(spender)).join() === name);
    return all.slice(at + 1, at + 1 + Number(taken(take)));
}

function toApprovalInfo({ spender, expiresAtNs, memo, createdAtNs }: Approval, from: Account): ApprovalInfo {
    return {
        spender: toCandidAccount(spender),
        from_subaccount: from.subaccount === undefined ? [] : [from.subaccount],
        expires_at: expiresAtNs === undefined ? [] : [expiresAtNs],
        memo: memo === undefined ? [] : [memo],
        created_at_time: createdAtNs
    };
}
