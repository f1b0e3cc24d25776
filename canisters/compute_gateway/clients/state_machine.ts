import { IDL } from 'azle';
import { Principal } from '@dfinity/principal';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import type { PeerDirectory } from '../../../src/azle/peers';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from '../domain/errors';
import type { NodeStanding } from '../domain/nodes';

type Opt<T> = [] | [T];

const CLASSES = ['validator', 'router', 'compute'];
const STATUSES = ['Registered', 'Active', 'Inactive', 'Expired', 'Removed', 'Unregistered'];
const tags = (names: readonly string[]): IDL.Type =>
    IDL.Variant(Object.fromEntries(names.map((name) => [name, IDL.Null])));

/** The part of the state machine's NodeView that matters here. */
interface NodeView {
    region: string;
    last_status_ns: bigint;
    e_value_e8: bigint;
    class: Record<string, null>;
    status: Record<string, null>;
    wallet: Opt<{ owner: Principal }>;
}

const getNodesMethod = remoteMethod<[Principal[]], Opt<NodeView>[]>(
    'get_nodes',
    [IDL.Vec(IDL.Principal)],
    IDL.Vec(
        IDL.Opt(
            IDL.Record({
                region: IDL.Text,
                last_status_ns: IDL.Nat64,
                e_value_e8: IDL.Nat,
                class: tags(CLASSES),
                status: tags(STATUSES),
                wallet: IDL.Opt(IDL.Record({ owner: IDL.Principal }))
            })
        )
    )
);

/** Asks for the standing of up to 100 nodes, in their order; undefined for one that is not registered. */
export async function getStandings(
    peers: PeerDirectory,
    nodes: readonly Principal[]
): Promise<Result<readonly (NodeStanding | undefined)[], ErrorOf<'TemporarilyUnavailable'>>> {
    const stateMachine = peers.get('state_machine');
    if (stateMachine === undefined) return unavailable('the state machine is unknown');
    const answer = await callRemote(stateMachine, getNodesMethod, [[...nodes]]);
    if (!answer.ok) return unavailable('the state machine did not answer');
    return ok(answer.value.map(([view]) => (view === undefined ? undefined : toStanding(view))));
}

function toStanding(view: NodeView): NodeStanding {
    return {
        isCompute: 'compute' in view.class,
        isActive: 'Active' in view.status,
        isBound: view.wallet.length === 1,
        region: view.region,
        lastStatusNs: view.last_status_ns,
        eValue: view.e_value_e8
    };
}

function unavailable(reason: string): Result<never, ErrorOf<'TemporarilyUnavailable'>> {
    return err({ kind: 'TemporarilyUnavailable', reason });
}
