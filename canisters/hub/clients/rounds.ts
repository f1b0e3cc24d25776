/** Calls to rewards: the settlement of a round, in one call or page by page. */
import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { callRemote, remoteMethod, type RemoteMethod } from '../../../src/azle/c2c';
import { err, mapOk, ok, type CandidResult, type Result } from '../../../src/core/result';
import type { Receipt } from '../domain/settlement';
import type {
    CommitAnswer,
    ReportKey,
    ReportRefused,
    RoundBeginning,
    RoundPage,
    RoundProgress,
    RoundReport
} from '../jobs/settlement_peers';
import { orObstacle } from './obstacle';

type Opt<T> = [] | [T];

interface CandidSettlement {
    pool_e8s: bigint;
    emission_e8s: bigint;
    carry_in_e8s: bigint;
    carry_out_e8s: bigint;
    total_weight: bigint;
    shares: bigint;
    trade_volume_e8s: bigint;
    settled_at_ns: bigint;
}

const Settlement = IDL.Record({
    pool_e8s: IDL.Nat,
    emission_e8s: IDL.Nat,
    carry_in_e8s: IDL.Nat,
    carry_out_e8s: IDL.Nat,
    total_weight: IDL.Nat,
    shares: IDL.Nat64,
    trade_volume_e8s: IDL.Nat,
    settled_at_ns: IDL.Nat64
});

interface CandidSettleError {
    WrongRound?: { expected: bigint };
    UnknownNode?: Principal;
    MoneyMissing?: { expected_e8s: bigint; found_e8s: bigint };
    NotBegun?: null;
    WrongPage?: { expected: bigint };
    TemporarilyUnavailable?: string;
}

const SETTLE_ERRORS = {
    Unauthorized: IDL.Null,
    WrongRound: IDL.Record({ expected: IDL.Nat64 }),
    RoundNotEnded: IDL.Null,
    AlreadySettled: IDL.Null,
    DuplicateNode: IDL.Principal,
    UnknownNode: IDL.Principal,
    MoneyMissing: IDL.Record({ expected_e8s: IDL.Nat, found_e8s: IDL.Nat }),
    MoneyMismatch: IDL.Null,
    TooManyItems: IDL.Nat64,
    InvalidArgument: IDL.Text,
    TemporarilyUnavailable: IDL.Text
};

const PAGE_ERRORS = {
    ...SETTLE_ERRORS,
    NotBegun: IDL.Null,
    WrongPage: IDL.Record({ expected: IDL.Nat64 }),
    HashMismatch: IDL.Null
};

interface CandidReport {
    round: bigint;
    source_hash: Uint8Array;
    weights: { node: Principal; weight: bigint }[];
    trades: { node: Principal; buyer: Principal; price_e8s: bigint }[];
    money_e8s: bigint;
}

const settleRoundMethod = remoteMethod<[CandidReport], CandidResult<CandidSettlement, CandidSettleError>>(
    'c2c_settle_round',
    [
        IDL.Record({
            round: IDL.Nat64,
            source_hash: IDL.Vec(IDL.Nat8),
            weights: IDL.Vec(IDL.Record({ node: IDL.Principal, weight: IDL.Nat })),
            trades: IDL.Vec(IDL.Record({ node: IDL.Principal, buyer: IDL.Principal, price_e8s: IDL.Nat })),
            money_e8s: IDL.Nat
        })
    ],
    IDL.Variant({ Ok: Settlement, Err: IDL.Variant(SETTLE_ERRORS) })
);

interface CandidProgress {
    /** Pages that rewards has; meaningless once the round is settled. */
    next_page: bigint;
    settlement: Opt<CandidSettlement>;
}

const ProgressResult = IDL.Variant({
    Ok: IDL.Record({ next_page: IDL.Nat64, settlement: IDL.Opt(Settlement) }),
    Err: IDL.Variant(PAGE_ERRORS)
});
type ProgressResult = CandidResult<CandidProgress, CandidSettleError>;

interface CandidKey {
    round: bigint;
    source_hash: Uint8Array;
}
const KEY = { round: IDL.Nat64, source_hash: IDL.Vec(IDL.Nat8) };

interface CandidBeginning extends CandidKey {
    money_e8s: bigint;
    weights: bigint;
    trades: bigint;
    weight_pages: bigint;
    trade_pages: bigint;
}

const beginMethod = remoteMethod<[CandidBeginning], ProgressResult>(
    'c2c_settle_round_begin',
    [
        IDL.Record({
            ...KEY,
            money_e8s: IDL.Nat,
            weights: IDL.Nat64,
            trades: IDL.Nat64,
            weight_pages: IDL.Nat64,
            trade_pages: IDL.Nat64
        })
    ],
    ProgressResult
);

const pageMethod = remoteMethod<[CandidKey & { seq: bigint; page: Uint8Array }], ProgressResult>(
    'c2c_settle_round_page',
    [IDL.Record({ ...KEY, seq: IDL.Nat64, page: IDL.Vec(IDL.Nat8) })],
    ProgressResult
);

const commitMethod = remoteMethod<[CandidKey], ProgressResult>(
    'c2c_settle_round_commit',
    [IDL.Record(KEY)],
    ProgressResult
);

export async function settleRound(rewards: Principal, report: RoundReport): Promise<Result<Receipt, ReportRefused>> {
    const trades = report.trades.flatMap(({ node, trades }) =>
        trades.map(({ buyer, priceE8s }) => ({ node, buyer, price_e8s: priceE8s }))
    );
    const weights = [...report.weights];
    const arg = { ...toKey(report), weights, trades, money_e8s: report.moneyE8s };
    return mapOk(await ask(rewards, settleRoundMethod, arg), fromSettlement);
}

/** Announces a report; answers which page rewards wants next. */
export async function beginRound(
    rewards: Principal,
    { header, weightPages, tradePages, ...key }: RoundBeginning
): Promise<Result<RoundProgress, ReportRefused>> {
    const { moneyE8s: money_e8s, weights, trades } = header;
    const arg = { ...toKey(key), money_e8s, weights, trades, weight_pages: weightPages, trade_pages: tradePages };
    return mapOk(await ask(rewards, beginMethod, arg), fromProgress);
}

export async function sendPage(
    rewards: Principal,
    { seq, bytes, ...key }: RoundPage
): Promise<Result<RoundProgress, ReportRefused>> {
    return mapOk(await ask(rewards, pageMethod, { ...toKey(key), seq, page: bytes }), fromProgress);
}

/** Lets rewards write its next shares; undefined while some are left. */
export async function commitRound(rewards: Principal, key: ReportKey): Promise<Result<CommitAnswer, ReportRefused>> {
    const answer = await ask(rewards, commitMethod, toKey(key));
    return mapOk(answer, ({ settlement: [settlement] }) => settlement && fromSettlement(settlement));
}

async function ask<Arg, Ok>(
    rewards: Principal,
    method: RemoteMethod<[Arg], CandidResult<Ok, CandidSettleError>>,
    arg: Arg
): Promise<Result<Ok, ReportRefused>> {
    const reply = orObstacle(await callRemote(rewards, method, [arg]));
    if (!reply.ok) return err({ kind: 'Other', detail: reply.error });
    return 'Ok' in reply.value ? ok(reply.value.Ok) : err(toRefusal(reply.value.Err));
}

function toKey({ round, sourceHash }: ReportKey): CandidKey {
    return { round, source_hash: sourceHash };
}

function fromProgress({ next_page, settlement: [settlement] }: CandidProgress): RoundProgress {
    return settlement === undefined
        ? { kind: 'staged', next: next_page }
        : { kind: 'settled', receipt: fromSettlement(settlement) };
}

function fromSettlement(settlement: CandidSettlement): Receipt {
    return {
        poolE8s: settlement.pool_e8s,
        emissionE8s: settlement.emission_e8s,
        carryInE8s: settlement.carry_in_e8s,
        carryOutE8s: settlement.carry_out_e8s,
        totalWeight: settlement.total_weight,
        shares: settlement.shares,
        tradeVolumeE8s: settlement.trade_volume_e8s,
        settledAtNs: settlement.settled_at_ns
    };
}

function toRefusal(error: CandidSettleError): ReportRefused {
    if (error.MoneyMissing !== undefined) return { kind: 'MoneyMissing' };
    if (error.NotBegun !== undefined || error.WrongPage !== undefined) return { kind: 'Restart' };
    const [arm = 'unknown'] = Object.keys(error);
    const detail = error.WrongRound?.expected ?? error.UnknownNode?.toText() ?? error.TemporarilyUnavailable ?? '';
    return { kind: 'Other', detail: `rewards: ${arm} ${detail}`.trimEnd() };
}
