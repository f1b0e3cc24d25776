import { IDL } from 'azle';
import { query } from '../../../src/azle/endpoint';
import { fromCandidAccount, type CandidAccount } from '../../../src/core/account';
import { collectPage } from '../../../src/core/page';
import { accountRow } from '../domain/claims/accounts';
import { epochAt, versionInEpoch, versionsOf } from '../domain/profiles/calendar';
import { powerNow } from '../domain/governance/power';
import { freeE8s, purseOf } from '../domain/treasury/purses';
import { factorsOfPeriod, marketPeriodAt, quoteNodeStake, quoteTrade } from '../domain/profiles/quotes';
import { sumParts } from '../domain/state';
import { env, state } from '../wiring';
import * as idl from './economy_idl';
import { Account, NodeClass } from './idl';
import { fromNodeClass } from './mappers';
import { ProfileVersion } from './profile_idl';
import { toProfileVersion } from './profile_mappers';

/** Periods that a question can reach: far beyond the end of every emission. */
const LAST_PERIOD = 1_000n;

/** What people ask; all of it open to anyone. */
export class Economy {
    /** The token economy of an epoch; without one, of now. */
    @query([IDL.Opt(IDL.Nat64)], ProfileVersion)
    get_profile([epoch]: [] | [bigint]): ProfileVersion {
        return toProfileVersion(versionInEpoch(state, epoch ?? epochAt(state, env.nowNs())));
    }

    /** All versions of the token economy, those that wait for their epoch included. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(ProfileVersion))
    list_profiles(start: bigint, take: bigint): readonly ProfileVersion[] {
        const versions = versionsOf(state);
        return collectPage(start, take, BigInt(versions.length), (index) => versions[Number(index)]).map(
            toProfileVersion
        );
    }

    /** The exact factors of a period of the first 1 000. */
    @query([IDL.Nat64], IDL.Opt(idl.PeriodFactors))
    decay_factor(period: bigint): [] | [idl.PeriodFactors] {
        if (period === 0n || period > LAST_PERIOD) return [];
        const { emission, tradeReward, tradeBuyer } = factorsOfPeriod(state, period);
        return [{ period, emission, trade_reward: tradeReward, trade_buyer: tradeBuyer }];
    }

    /** How a price would be divided in a period of the market; without one, now. Period 0: before the market opens. */
    @query([IDL.Nat, IDL.Opt(IDL.Nat64)], IDL.Opt(idl.TradeQuote))
    trade_reward_quote(priceE8s: bigint, [asked]: [] | [bigint]): [] | [idl.TradeQuote] {
        const period = asked ?? marketPeriodAt(state, env.nowNs());
        if (period > LAST_PERIOD) return [];
        const quote = quoteTrade(state, priceE8s, period);
        return [
            {
                period,
                price_e8s: priceE8s,
                fee_e8s: quote.feeE8s,
                buyer_reward_e8s: quote.buyerRewardE8s,
                provider_reward_e8s: quote.providerRewardE8s,
                treasury_e8s: quote.treasuryE8s,
                burned_e8s: quote.burnedE8s,
                buyer_pays_e8s: priceE8s - quote.buyerRewardE8s,
                provider_gets_e8s: quote.baseE8s + quote.providerRewardE8s
            }
        ];
    }

    /** What a node's stake must be and would bring; without an amount, for what is required. */
    @query([NodeClass, IDL.Nat, IDL.Nat64, IDL.Opt(IDL.Nat)], idl.NodeStakeQuote)
    quote_node_stake(
        nodeClass: NodeClass,
        eValueE8: bigint,
        termDays: bigint,
        [amountE8s]: [] | [bigint]
    ): idl.NodeStakeQuote {
        const order = { class: fromNodeClass(nodeClass), eValueE8, termDays, amountE8s };
        const quote = quoteNodeStake(state, order, env.nowNs());
        return {
            required_e8s: quote.requiredE8s,
            minimum_days: quote.minimumDays,
            terms_days: [...quote.termsDays],
            weight: quote.weight,
            slash_e8s: quote.slashE8s,
            slash_window_s: quote.slashWindowS,
            voting_power_e8s: quote.powerE8s
        };
    }

    /** The treasury's movements, newest first. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(idl.TreasuryEntry))
    treasury_ledger(start: bigint, take: bigint): readonly idl.TreasuryEntry[] {
        const length = state.treasuryLedger.length();
        const rows = collectPage(start, take, length, (index) => state.treasuryLedger.get(length - 1n - index));
        return rows.map(({ kind, incoming, amountE8s, transferId, atNs }) => ({
            kind,
            incoming,
            amount_e8s: amountE8s,
            transfer: transferId === undefined ? [] : [transferId],
            at_ns: atNs
        }));
    }

    /** What the treasury has, gets and gives. */
    @query([], idl.TreasuryView)
    treasury(): idl.TreasuryView {
        const { incomeE8s, stakingDueE8s, stakingFedE8s } = state.income.get();
        return {
            balance_e8s: purseOf(state, 'treasury').bookedE8s,
            free_e8s: freeE8s(state, 'treasury'),
            income_e8s: incomeE8s,
            awaited_e8s: state.trade.get().treasuryDueE8s + state.slashDueE8s.get(),
            staking_due_e8s: stakingDueE8s,
            staking_fed_e8s: stakingFedE8s,
            entries: state.treasuryLedger.length()
        };
    }

    /** What a wallet earned, holds and decides; an account that nobody knows has nothing. */
    @query([Account], IDL.Opt(idl.WalletView))
    get_wallet(candid: CandidAccount): [] | [idl.WalletView] {
        const account = fromCandidAccount(candid);
        if (!account.ok) return [];
        const { available, inClaimsE8s, paidE8s, earnedE8s, openClaim } = accountRow(state, account.value);
        return [
            {
                available_e8s: sumParts(available),
                in_claims_e8s: inClaimsE8s,
                paid_e8s: paidE8s,
                earned_e8s: earnedE8s,
                rewards: state.rewards.length(account.value),
                claims: state.claimsByAccount.length(account.value),
                stakes: state.holderStakesOf.length(account.value.owner),
                open_claim: openClaim === undefined ? [] : [openClaim],
                voting_power_e8s: powerNow(state, account.value.owner)
            }
        ];
    }
}
