import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { CandidResult } from '../../../src/core/result';
import { PAGE_LIMIT } from '../../../src/core/page';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { RELEASE_ERRORS, RENEW_ERRORS, STAKE_ERRORS, TOP_UP_ERRORS } from '../domain/errors';
import { liveStake } from '../domain/stakes/stake_book';
import { renewStake } from '../domain/stakes/stake_terms';
import { release, stake, topUpStake } from '../jobs/stake';
import { env, state } from '../wiring';
import * as idl from './idl';
import { callersAccount, toResult, toStakeView } from './mappers';
import { StakeDetails, TopUpArgs } from './stakes_idl';
import { toStakeDetails } from './stakes_mappers';

type Answer<T> = CandidResult<T, Readonly<Record<string, unknown>>>;

export class Stakes {
    /** Anyone who signed in: stakes for a node with a wallet, out of an own account that has approved the amount and a fee. */
    @update([idl.StakeArgs], idl.resultOf(idl.StakeView, STAKE_ERRORS))
    async stake_node(args: idl.StakeArgs): Promise<Answer<idl.StakeView>> {
        const { node, term_days: termDays, amount_e8s: amountE8s } = args;
        const staker = callersAccount(env.caller(), args.from_subaccount);
        const staked = staker.ok ? await stake({ node, staker: staker.value, termDays, amountE8s }) : staker;
        return toResult(staked, (row) => toStakeView(node, row));
    }

    /** Whoever staked: adds to a stake, out of an own account that has approved the amount and a fee. */
    @update([TopUpArgs], idl.resultOf(idl.StakeView, TOP_UP_ERRORS))
    async top_up_stake(args: TopUpArgs): Promise<Answer<idl.StakeView>> {
        const { node, amount_e8s: amountE8s } = args;
        const staker = callersAccount(env.caller(), args.from_subaccount);
        const staked = staker.ok ? await topUpStake({ node, staker: staker.value, amountE8s }) : staker;
        return toResult(staked, (row) => toStakeView(node, row));
    }

    /** Whoever staked: extends the term by some days, before it ends. */
    @update([IDL.Principal, IDL.Nat64], idl.resultOf(idl.StakeView, RENEW_ERRORS))
    renew_stake(node: Principal, days: bigint): Answer<idl.StakeView> {
        return toResult(renewStake(state, node, days, env.caller(), env.nowNs()), (row) => toStakeView(node, row));
    }

    /** Anyone who signed in: pays a matured stake to whoever staked it, less one ledger fee; the timer does the same. */
    @update([IDL.Principal], idl.resultOf(IDL.Null, RELEASE_ERRORS), SERVED_WHILE_PAUSED)
    async release_stake(node: Principal): Promise<Answer<null>> {
        return toResult(await release(node, env.caller()), (done) => done);
    }

    /** Anyone: the stakes of up to 100 nodes, in their order. */
    @query([IDL.Vec(IDL.Principal)], IDL.Vec(IDL.Opt(idl.StakeView)))
    get_node_stakes(nodes: Principal[]): ([] | [idl.StakeView])[] {
        return nodes.slice(0, Number(PAGE_LIMIT)).map((node) => {
            const row = liveStake(state, node);
            return row === undefined ? [] : [toStakeView(node, row)];
        });
    }

    /** Anyone: all that is known of a node's latest stake, also when it has ended. */
    @query([IDL.Principal], IDL.Opt(StakeDetails))
    get_stake_details(node: Principal): [] | [StakeDetails] {
        const row = state.stakes.get(node);
        return row === undefined ? [] : [toStakeDetails(state, env.self(), node, row)];
    }
}
