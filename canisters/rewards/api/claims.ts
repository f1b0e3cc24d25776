import { IDL } from 'azle';
import { fromCandidAccount, type Account, type CandidAccount } from '../../../src/core/account';
import { collectPage } from '../../../src/core/page';
import type { CandidResult } from '../../../src/core/result';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { accountRow } from '../domain/claims/accounts';
import { cancelClaim, claimRow, requestClaim } from '../domain/claims/claims';
import { CANCEL_CLAIM_ERRORS, CLAIM_ERRORS, REQUEST_CLAIM_ERRORS } from '../domain/errors';
import { sumParts } from '../domain/state';
import { payClaim } from '../jobs/claim';
import { tickSoon } from '../jobs/tick';
import { env, state } from '../wiring';
import * as idl from './idl';
import { callersAccount, toClaimView, toResult, toRewardEntry } from './mappers';

type Answer<T> = CandidResult<T, Readonly<Record<string, unknown>>>;

export class Claims {
    /** The account's owner: moves its balance, or a part of it, into a claim. */
    @update([idl.RequestClaimArgs], idl.resultOf(idl.ClaimView, REQUEST_CLAIM_ERRORS))
    request_claim(args: idl.RequestClaimArgs): Answer<idl.ClaimView> {
        const account = callersAccount(env.caller(), args.subaccount);
        const requested = account.ok ? requestClaim(state, account.value, args.amount_e8s[0], env.nowNs()) : account;
        if (requested.ok) tickSoon();
        return toResult(requested, claimView);
    }

    /** Anyone who signed in may push a claim; only its own account is ever paid. */
    @update([IDL.Nat64], idl.resultOf(idl.ClaimView, CLAIM_ERRORS), SERVED_WHILE_PAUSED)
    async claim(id: bigint): Promise<Answer<idl.ClaimView>> {
        return toResult(await payClaim(id, env.caller()), claimView);
    }

    /** The account's owner, before the payment began: gives the amount back to the balance. */
    @update([IDL.Nat64], idl.resultOf(IDL.Null, CANCEL_CLAIM_ERRORS))
    cancel_claim(id: bigint): Answer<null> {
        return toResult(cancelClaim(state, id, env.caller()), (done) => done);
    }

    @query([IDL.Nat64], IDL.Opt(idl.ClaimView))
    get_claim(id: bigint): [] | [idl.ClaimView] {
        const row = state.claims.get(id);
        return row === undefined ? [] : [toClaimView(id, row)];
    }

    /** Anyone: the claims of an account, oldest first. */
    @query([idl.Account, IDL.Nat64, IDL.Nat64], IDL.Vec(idl.ClaimView))
    list_claims(candid: CandidAccount, start: bigint, take: bigint): idl.ClaimView[] {
        const account = readable(candid);
        if (account === undefined) return [];
        const ids = collectPage(start, take, state.claimsByAccount.length(account), (index) =>
            state.claimsByAccount.get(account, index)
        );
        return ids.flatMap((id) => this.get_claim(id));
    }

    /** Anyone: what an account earned and what became of it. */
    @query([idl.Account], idl.RewardBalance)
    get_reward_balance(candid: CandidAccount): idl.RewardBalance {
        const account = readable(candid);
        if (account === undefined) return { available_e8s: 0n, in_claims_e8s: 0n, paid_e8s: 0n, earned_e8s: 0n };
        const { available, inClaimsE8s, paidE8s, earnedE8s } = accountRow(state, account);
        return {
            available_e8s: sumParts(available),
            in_claims_e8s: inClaimsE8s,
            paid_e8s: paidE8s,
            earned_e8s: earnedE8s
        };
    }

    /** Anyone: what an account earned, entry by entry, oldest first. */
    @query([idl.Account, IDL.Nat64, IDL.Nat64], IDL.Vec(idl.RewardEntry))
    list_rewards(candid: CandidAccount, start: bigint, take: bigint): idl.RewardEntry[] {
        const account = readable(candid);
        if (account === undefined) return [];
        const length = state.rewards.length(account);
        return collectPage(start, take, length, (index) => state.rewards.get(account, index)).map(toRewardEntry);
    }
}

/** An account whose subaccount has 32 bytes; others cannot have earned anything. */
function readable(candid: CandidAccount): Account | undefined {
    const account = fromCandidAccount(candid);
    return account.ok ? account.value : undefined;
}

function claimView(id: bigint): idl.ClaimView {
    return toClaimView(id, claimRow(state, id));
}
