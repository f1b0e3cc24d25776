/** Calls to rewards: the clock and stakes. */
import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import { fromWeights, Ratio, Weights } from '../../../src/azle/weight_rules';
import { mapOk, type Result } from '../../../src/core/result';
import type { HubClock } from '../domain/calendar';
import type { NodeStake } from '../domain/node_weights';
import type { NodeFacts } from '../domain/screening';
import type { WindowRules } from '../domain/settlement';
import type { Obstacle } from '../jobs/settlement_peers';
import { orObstacle } from './obstacle';

type Opt<T> = [] | [T];

interface CandidClock {
    genesis_ns: bigint;
    round_ns: bigint;
    rounds_per_epoch: bigint;
}

const currentClock = remoteMethod<[], CandidClock>(
    'current_clock',
    [],
    IDL.Record({
        genesis_ns: IDL.Nat64,
        round_ns: IDL.Nat64,
        rounds_per_epoch: IDL.Nat64
    })
);

/** The part of a token economy that a window is settled by; Candid leaves the rest out. */
const getProfile = remoteMethod<[[bigint]], { profile: { weights: Weights; trade: { fee: Ratio } } }>(
    'get_profile',
    [IDL.Opt(IDL.Nat64)],
    IDL.Record({ profile: IDL.Record({ weights: Weights, trade: IDL.Record({ fee: Ratio }) }) })
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

const getPayees = remoteMethod<[readonly Principal[]], Opt<{ wallet_owner: Opt<Principal> }>[]>(
    'get_payees',
    [IDL.Vec(IDL.Principal)],
    IDL.Vec(IDL.Opt(IDL.Record({ wallet_owner: IDL.Opt(IDL.Principal) })))
);

/** Whom rewards would pay for nodes; undefined for those that it has not heard of. */
export async function payees(
    rewards: Principal,
    nodes: readonly Principal[]
): Promise<Result<readonly (NodeFacts | undefined)[], Obstacle>> {
    const reply = orObstacle(await callRemote(rewards, getPayees, [nodes]));
    return mapOk(reply, (payees) => payees.map(([payee]) => payee && { walletOwner: payee.wallet_owner[0] }));
}

/** By which rules the windows of an epoch are settled. */
export async function windowRules(rewards: Principal, epoch: bigint): Promise<Result<WindowRules, Obstacle>> {
    const reply = orObstacle(await callRemote(rewards, getProfile, [[epoch]]));
    return mapOk(reply, ({ profile }) => ({ weights: fromWeights(profile.weights), fee: profile.trade.fee }));
}

/** The clock, and the round that rewards settles next. */
export async function fetchClock(rewards: Principal): Promise<Result<HubClock, Obstacle>> {
    const clock = orObstacle(await callRemote(rewards, currentClock, []));
    if (!clock.ok) return clock;
    const first = orObstacle(await callRemote(rewards, nextRound, []));
    return mapOk(first, (firstWindow) => ({
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
