import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { azleEnv } from '../../../src/azle/azle_env';
import { query, update } from '../../../src/azle/endpoint';
import { collectPage, pageRange } from '../../../src/core/page';
import { pools } from '../wiring';
import { MemberPage, PoolPage, PoolView } from './duty_idl';
import { toPoolView } from './duty_mappers';
import { answerType, toAnswer, type Answer } from './errors';
import { signedCaller } from './guards';
import type { Opt } from './idl';
import { toOpt } from './mappers';

const JOIN = ['Anonymous', 'NotFound', 'Removed', 'NotAComputeNode', 'NotActive', 'AlreadyInPool'] as const;
const CreateAnswer = answerType(PoolView, ...JOIN, 'InvalidArgument');
const JoinAnswer = answerType(PoolView, ...JOIN);
const LeaveAnswer = answerType(PoolView, 'Anonymous', 'NotInPool');

/** Pools of compute nodes. Rewards go by each node's own weight. */
export class ComputePools {
    /** Active compute node: founds a pool and is its first member. */
    @update([IDL.Text], CreateAnswer)
    create_pool(name: string): Answer<PoolView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPoolView);
        return toAnswer(pools.create(caller.value, name, azleEnv.nowNs()), toPoolView);
    }

    /** Active compute node that is in no pool: joins one. */
    @update([IDL.Nat64], JoinAnswer)
    join_pool(pool: bigint): Answer<PoolView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPoolView);
        return toAnswer(pools.join(caller.value, pool), toPoolView);
    }

    /** Member: leaves its pool. */
    @update([], LeaveAnswer)
    leave_pool(): Answer<PoolView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toPoolView);
        return toAnswer(pools.leave(caller.value), toPoolView);
    }

    @query([IDL.Nat64], IDL.Opt(PoolView))
    get_pool(id: bigint): Opt<PoolView> {
        const pool = pools.find(id);
        return toOpt(pool && toPoolView(pool));
    }

    @query([IDL.Nat64, IDL.Nat64], PoolPage)
    list_pools(start: bigint, take: bigint): PoolPage {
        const page = collectPage(start, take, pools.count(), (id) => pools.find(id)).map(toPoolView);
        const [, end] = pageRange(start, take, pools.count());
        return { pools: page, next: toOpt(end < pools.count() ? end : undefined) };
    }

    /** Members of a pool, at most 100; their order changes as members leave. */
    @query([IDL.Nat64, IDL.Nat64, IDL.Nat64], MemberPage)
    list_pool_members(pool: bigint, start: bigint, take: bigint): MemberPage {
        const { items, next } = pools.memberPage(pool, start, take);
        return { nodes: [...items], next: toOpt(next) };
    }

    /** The pool that a node is in. */
    @query([IDL.Principal], IDL.Opt(IDL.Nat64))
    get_pool_of(node: Principal): Opt<bigint> {
        return toOpt(pools.poolOf(node));
    }
}
