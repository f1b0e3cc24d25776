import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { CandidResult } from '../../../src/core/result';
import { PAGE_LIMIT, collectPage, pageRange } from '../../../src/core/page';
import { emissionTime, periodSchedule } from '../../../src/core/tokenomics/emission';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { clockOf, configOf, profileOf } from '../domain/profiles/calendar';
import { unboundE8s } from '../domain/claims/accounts';
import { putNodes } from '../domain/nodes/directory';
import { PUT_NODES_ERRORS, refuse, SETTLE_ERRORS } from '../domain/errors';
import { profileOfPeriod } from '../domain/profiles/quotes';
import { settle } from '../jobs/settle';
import { tickSoon } from '../jobs/tick';
import { env, peers, state } from '../wiring';
import * as idl from './idl';
import { fromNodeFacts, fromRoundReport, toResult, toScheduleEntry, toSettlement, toShare } from './mappers';

/** Periods that a schedule can reach: far beyond the end of every emission. */
const LAST_PERIOD = 1_000n;

type Answer<T> = CandidResult<T, Readonly<Record<string, unknown>>>;

export class Rounds {
    /** Anyone: profile, calendar and where now lies in it. */
    @query([], idl.Clock)
    current_clock(): idl.Clock {
        const { profileId, genesisNs, roundNs, roundsPerEpoch } = configOf(state);
        const rules = profileOf(state).emission;
        return {
            profile: profileId,
            genesis_ns: genesisNs,
            round_ns: roundNs,
            rounds_per_epoch: roundsPerEpoch,
            epochs_per_period: rules.epochsPerPeriod,
            now_ns: env.nowNs(),
            ...emissionTime(rules, clockOf(state), env.nowNs())
        };
    }

    /** Anyone: what periods pay by the rules with which they begin, counted from 1; at most 100 of the first 1 000. */
    @query([IDL.Nat64, IDL.Nat64], idl.Schedule)
    emission_schedule(fromPeriod: bigint, take: bigint): idl.ScheduleEntry[] {
        const [from, to] = pageRange(fromPeriod > 0n ? fromPeriod - 1n : 0n, take, LAST_PERIOD, PAGE_LIMIT);
        return Array.from({ length: Number(to - from) }, (_, i) => {
            const period = from + BigInt(i) + 1n;
            const { emission } = profileOfPeriod(state, period);
            return toScheduleEntry(periodSchedule(emission, clockOf(state), period));
        });
    }

    /** state_machine only: facts about nodes; repeating a call changes nothing. */
    @update([IDL.Vec(idl.NodeFact)], idl.resultOf(IDL.Null, PUT_NODES_ERRORS), SERVED_WHILE_PAUSED)
    c2c_put_nodes(facts: idl.NodeFact[]): Answer<null> {
        if (!peers.is(env.caller(), 'state_machine')) return toResult(refuse('Unauthorized', null), (done) => done);
        const nodes = fromNodeFacts(facts);
        if (nodes === undefined) return toResult(refuse('InvalidArgument', 'wallet'), (done) => done);
        return toResult(putNodes(state, nodes, env.nowNs()), (done) => done);
    }

    /** hub only: settles the next round; the same report again gets the same answer. */
    @update([idl.RoundReport], idl.resultOf(idl.Settlement, SETTLE_ERRORS), SERVED_WHILE_PAUSED)
    async c2c_settle_round(report: idl.RoundReport): Promise<Answer<idl.Settlement>> {
        const allowed = peers.is(env.caller(), 'hub');
        const settled = allowed ? await settle(fromRoundReport(report)) : refuse('Unauthorized', null);
        if (settled.ok) tickSoon();
        return toResult(settled, (row) => toSettlement(state, row));
    }

    @query([IDL.Nat64], IDL.Opt(idl.Settlement))
    get_settlement(round: bigint): [] | [idl.Settlement] {
        const row = state.settlements.get(round);
        return row === undefined ? [] : [toSettlement(state, row)];
    }

    /** Anyone: what nodes got of a round's emission. */
    @query([IDL.Nat64, IDL.Nat64, IDL.Nat64], IDL.Vec(idl.Share))
    list_shares(round: bigint, start: bigint, take: bigint): idl.Share[] {
        const length = state.shares.length(round);
        return collectPage(start, take, length, (index) => state.shares.get(round, index)).map(toShare);
    }

    /** Anyone: the round that must be settled next. */
    @query([], IDL.Nat64)
    next_round(): bigint {
        return state.settlements.length();
    }

    /** Anyone: what a node earned without a wallet. */
    @query([IDL.Principal], IDL.Nat)
    get_unbound_balance(node: Principal): bigint {
        return unboundE8s(state, node);
    }
}
