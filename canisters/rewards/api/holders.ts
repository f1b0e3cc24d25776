import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { collectPage } from '../../../src/core/page';
import { mapOk, type CandidResult } from '../../../src/core/result';
import { maxAmount, minAmount } from '../../../src/core/amount';
import { HOLDER_STAKE_ERRORS, WITHDRAW_ERRORS } from '../domain/errors';
import { holderRow, quoteHolderStake } from '../domain/holders/holders';
import { powerOfStake } from '../domain/governance/power';
import { freeE8s } from '../domain/treasury/purses';
import { stakeTokens, withdrawStake } from '../jobs/holders';
import { env, state } from '../wiring';
import { toHolderStakeView } from './dao_mappers';
import * as idl from './holders_idl';
import { resultOf } from './idl';
import { callersAccount, toResult } from './mappers';

type Answer<T> = CandidResult<T, Readonly<Record<string, unknown>>>;

export class Holders {
    /** Anyone who signed in: stakes tokens for one of the tiers, out of an own account that has approved the amount and a fee. */
    @update([idl.StakeTokensArgs], resultOf(idl.HolderStakeView, HOLDER_STAKE_ERRORS))
    async stake_tokens(args: idl.StakeTokensArgs): Promise<Answer<idl.HolderStakeView>> {
        const { amount_e8s: amountE8s, term_days: termDays } = args;
        const staker = callersAccount(env.caller(), args.from_subaccount);
        const staked = staker.ok ? await stakeTokens({ staker: staker.value, amountE8s, termDays }) : staker;
        return toResult(staked, view);
    }

    /** Whoever staked: pays principal and reward when the term is over; later calls pay what the pool still owed. */
    @update([IDL.Nat64], resultOf(idl.HolderStakeView, WITHDRAW_ERRORS), SERVED_WHILE_PAUSED)
    async withdraw_stake(id: bigint): Promise<Answer<idl.HolderStakeView>> {
        return toResult(await withdrawStake(id, env.caller()), view);
    }

    @query([IDL.Nat64], IDL.Opt(idl.HolderStakeView))
    get_stake(id: bigint): [] | [idl.HolderStakeView] {
        return state.holderStakes.get(id) === undefined ? [] : [view(id)];
    }

    /** Anyone: the stakes of an owner, oldest first. */
    @query([IDL.Principal, IDL.Nat64, IDL.Nat64], IDL.Vec(idl.HolderStakeView))
    list_stakes(owner: Principal, start: bigint, take: bigint): idl.HolderStakeView[] {
        const length = state.holderStakesOf.length(owner);
        return collectPage(start, take, length, (index) => state.holderStakesOf.get(owner, index)).map(view);
    }

    /** Anyone: what an amount would earn in a term, by the rules of today. */
    @query([IDL.Nat, IDL.Nat64], resultOf(idl.StakeQuote, ['InvalidTerm']))
    quote_stake_reward(amountE8s: bigint, termDays: bigint): Answer<idl.StakeQuote> {
        const quote = quoteHolderStake(state, amountE8s, termDays, env.nowNs());
        return toResult(
            mapOk(quote, ({ tier, rewardE8s }) => ({
                term_days: tier.days,
                apr_basis_points: tier.aprBasisPoints,
                reward_e8s: rewardE8s,
                covered_e8s: minAmount(rewardE8s, maxAmount(freeE8s(state, 'staking'), 0n)),
                voting_power_e8s: powerOfStake(state, amountE8s, termDays, env.nowNs())
            })),
            (value) => value
        );
    }
}

function view(id: bigint): idl.HolderStakeView {
    return toHolderStakeView(env.self(), id, holderRow(state, id));
}
