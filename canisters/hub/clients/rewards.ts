/** Calls to rewards: the clock, stakes and the settlement of a round. */
import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import { err, mapOk, ok, type Result } from '../../../src/core/result';
import type { HubClock } from '../domain/calendar';
import type { NodeStake } from '../domain/node_weights';
import type { Receipt } from '../domain/settlement';
import type { Obstacle, ReportRefused, RoundReport } from '../jobs/settlement_peers';
import { orObstacle } from './obstacle';

type Opt<T> = [] | [T];

interface CandidClock {
    profile: string;
    genesis_ns: bigint;
    round_ns: bigint;
    rounds_per_epoch: bigint;
}

const currentClock = remoteMethod<[], CandidClock>(
    'current_clock',
    [],
    IDL.Record({
        profile: IDL.Text,
        genesis_ns: IDL.Nat64,
        round_ns: IDL.Nat64,
        rounds_per_epoch: IDL.Nat64
    })
);

const nextRound = remoteMethod<[], bigint>('next_round', [], IDL.Nat64);

interface CandidStake {
    remaining_e8s: bigint;
    term_days: bigint;
    start_ns: bigint;
    end_ns: bigint;
}

const getNodeStakes = remoteMethod<[readonly Principal[]], Opt<CandidStake>[]>(
    'get_node_stakes',
    [IDL.Vec(IDL.Principal)],
    IDL.Vec(
        IDL.Opt(
            IDL.Record({
                remaining_e8s: IDL.Nat,
                term_days: IDL.Nat64,
                start_ns: IDL.Nat64,
                end_ns: IDL.Nat64
            })
        )
    )
);

interface CandidReport {
    round: bigint;
    source_hash: Uint8Array;
    weights: { node: Principal; weight: bigint }[];
    trades: { node: Principal; buyer: Principal; price_e8s: bigint }[];
    money_e8s: bigint;
}

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

type CandidSettleError =
    | { Unauthorized: null }
    | { WrongRound: { expected: bigint } }
    | { RoundNotEnded: null }
    | { AlreadySettled: null }
    | { DuplicateNode: Principal }
    | { UnknownNode: Principal }
    | { MoneyMissing: { expected_e8s: bigint; found_e8s: bigint } }
    | { MoneyMismatch: null }
    | { TooManyItems: bigint }
    | { InvalidArgument: string }
    | { TemporarilyUnavailable: string };

const settleRoundMethod = remoteMethod<[CandidReport], { Ok: CandidSettlement } | { Err: CandidSettleError }>(
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
    IDL.Variant({
        Ok: IDL.Record({
            pool_e8s: IDL.Nat,
            emission_e8s: IDL.Nat,
            carry_in_e8s: IDL.Nat,
            carry_out_e8s: IDL.Nat,
            total_weight: IDL.Nat,
            shares: IDL.Nat64,
            trade_volume_e8s: IDL.Nat,
            settled_at_ns: IDL.Nat64
        }),
        Err: IDL.Variant({
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
        })
    })
);

/** The clock, and the round that rewards settles next. */
export async function fetchClock(rewards: Principal): Promise<Result<HubClock, Obstacle>> {
    const clock = orObstacle(await callRemote(rewards, currentClock, []));
    if (!clock.ok) return clock;
    const first = orObstacle(await callRemote(rewards, nextRound, []));
    return mapOk(first, (firstWindow) => ({
        profile: clock.value.profile,
        genesisNs: clock.value.genesis_ns,
        roundNs: clock.value.round_ns,
        roundsPerEpoch: clock.value.rounds_per_epoch,
        firstWindow
    }));
}

export async function nodeStakes(
    rewards: Principal,
    nodes: readonly Principal[]
): Promise<Result<readonly (NodeStake | undefined)[], Obstacle>> {
    const reply = orObstacle(await callRemote(rewards, getNodeStakes, [nodes]));
    return mapOk(reply, (stakes) => stakes.map(([stake]) => stake && fromStake(stake)));
}

function fromStake(stake: CandidStake): NodeStake {
    return {
        remainingE8s: stake.remaining_e8s,
        termDays: stake.term_days,
        startNs: stake.start_ns,
        endNs: stake.end_ns
    };
}

export async function settleRound(rewards: Principal, report: RoundReport): Promise<Result<Receipt, ReportRefused>> {
    const reply = orObstacle(
        await callRemote(rewards, settleRoundMethod, [
            {
                round: report.round,
                source_hash: report.sourceHash,
                weights: [...report.weights],
                trades: report.trades.map(({ node, buyer, priceE8s }) => ({ node, buyer, price_e8s: priceE8s })),
                money_e8s: report.moneyE8s
            }
        ])
    );
    if (!reply.ok) return err({ kind: 'Other', detail: reply.error });
    return 'Ok' in reply.value ? ok(fromSettlement(reply.value.Ok)) : err(toRefusal(reply.value.Err));
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
    if ('MoneyMissing' in error) return { kind: 'MoneyMissing' };
    const [arm = 'unknown'] = Object.keys(error);
    if ('WrongRound' in error)
        return { kind: 'Other', detail: `rewards: ${arm} expected ${error.WrongRound.expected}` };
    if ('UnknownNode' in error) return { kind: 'Other', detail: `rewards: ${arm} ${error.UnknownNode.toText()}` };
    if ('TemporarilyUnavailable' in error) return { kind: 'Other', detail: `rewards: ${error.TemporarilyUnavailable}` };
    return { kind: 'Other', detail: `rewards: ${arm}` };
}
