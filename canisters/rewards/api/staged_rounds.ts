import { IDL } from 'azle';
import type { CandidResult } from '../../../src/core/result';
import type { Principal } from '@dfinity/principal';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { PAGE_LIMIT } from '../../../src/core/page';
import { refuse, STAGE_ERRORS } from '../domain/errors';
import type { ReportKey } from '../domain/settlement/settlement';
import type { Announcement, StageProgress } from '../domain/settlement/staged_rounds';
import type { NodeRow } from '../domain/state';
import { payStaged } from '../jobs/settle';
import { tickSoon } from '../jobs/tick';
import { env, peers, staged, state } from '../wiring';
import * as idl from './idl';
import { toResult, toSettlement } from './mappers';

const KEY = { round: IDL.Nat64, source_hash: IDL.Vec(IDL.Nat8) };
interface CandidKey {
    round: bigint;
    source_hash: Uint8Array;
}

const BeginArgs = IDL.Record({
    ...KEY,
    money_e8s: IDL.Nat,
    weights: IDL.Nat64,
    trades: IDL.Nat64,
    weight_pages: IDL.Nat64,
    trade_pages: IDL.Nat64
});
interface CandidBeginArgs extends CandidKey {
    money_e8s: bigint;
    weights: bigint;
    trades: bigint;
    weight_pages: bigint;
    trade_pages: bigint;
}

/** `page`: canonical bytes (src/core/round_pages.ts); `seq` counts weight pages first. */
const PageArgs = IDL.Record({ ...KEY, seq: IDL.Nat64, page: IDL.Vec(IDL.Nat8) });
interface CandidPageArgs extends CandidKey {
    seq: bigint;
    page: Uint8Array;
}

/** Pages before `next_page` have come; `settlement` once the round is settled. */
const Progress = IDL.Record({ next_page: IDL.Nat64, settlement: IDL.Opt(idl.Settlement) });
interface CandidProgress {
    next_page: bigint;
    settlement: [] | [idl.Settlement];
}

const ProgressResult = idl.resultOf(Progress, STAGE_ERRORS);
type Answer = CandidResult<CandidProgress, Readonly<Record<string, unknown>>>;

/** `wallet_owner` is absent while no wallet is bound. */
const Payee = IDL.Record({ wallet_owner: IDL.Opt(IDL.Principal) });
interface CandidPayee {
    wallet_owner: [] | [Principal];
}

/** Rounds that are too large for one message: announced, told page by page, paid page by page. */
export class StagedRoundsDesk {
    /** Anyone: who would be paid what these nodes earn; the first 100, a node that is not known is `null`. */
    @query([IDL.Vec(IDL.Principal)], IDL.Vec(IDL.Opt(Payee)))
    get_payees(nodes: Principal[]): ([] | [CandidPayee])[] {
        return nodes.slice(0, Number(PAGE_LIMIT)).map((node) => toPayee(state.nodes.get(node)));
    }

    /** hub only: announces a report; the same again tells which page is wanted next. */
    @update([BeginArgs], ProgressResult, SERVED_WHILE_PAUSED)
    c2c_settle_round_begin(args: CandidBeginArgs): Answer {
        if (!isHub()) return refused();
        return toResult(staged.begin(fromBegin(args), env.nowNs()), toProgress);
    }

    /** hub only: the next page of weights, or of trades; one that came before changes nothing. */
    @update([PageArgs], ProgressResult, SERVED_WHILE_PAUSED)
    c2c_settle_round_page(args: CandidPageArgs): Answer {
        if (!isHub()) return refused();
        return toResult(staged.takePage(fromKey(args), args.seq, args.page, env.nowNs()), toProgress);
    }

    /** hub only: settles the report, one page of shares with each call; asked again until `settlement` is there. */
    @update([IDL.Record(KEY)], ProgressResult, SERVED_WHILE_PAUSED)
    async c2c_settle_round_commit(args: CandidKey): Promise<Answer> {
        if (!isHub()) return refused();
        const paid = await payStaged(fromKey(args));
        if (paid.ok && paid.value.settlement !== undefined) tickSoon();
        return toResult(paid, toProgress);
    }
}

function toPayee(row: NodeRow | undefined): [] | [CandidPayee] {
    if (row === undefined) return [];
    return [{ wallet_owner: row.wallet === undefined ? [] : [row.wallet.owner] }];
}

function isHub(): boolean {
    return peers.is(env.caller(), 'hub');
}

function refused(): Answer {
    return toResult(refuse('Unauthorized', null), toProgress);
}

function fromKey({ round, source_hash: sourceHash }: CandidKey): ReportKey {
    return { round, sourceHash };
}

function fromBegin(args: CandidBeginArgs): Announcement {
    return {
        ...fromKey(args),
        moneyE8s: args.money_e8s,
        weights: args.weights,
        trades: args.trades,
        weightPages: args.weight_pages,
        tradePages: args.trade_pages
    };
}

function toProgress({ nextPage, settlement }: StageProgress): CandidProgress {
    return { next_page: nextPage, settlement: settlement === undefined ? [] : [toSettlement(state, settlement)] };
}
