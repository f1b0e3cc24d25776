import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../src/core/assert';
import { pageRange } from '../../../src/core/page';
import { err, ok, type Result } from '../../../src/core/result';
import type { PoolRecord } from './duty_records';
import type { Refusal } from './errors';
import type { StateTables } from './records';
import type { Page, Registry } from './registry';

const MAX_NAME = 64;

/** A pool with its number. */
export interface KnownPool extends PoolRecord {
    readonly id: bigint;
}

type JoinRefusal = Refusal<'NotFound' | 'Removed' | 'NotAComputeNode' | 'NotActive' | 'AlreadyInPool'>;

/** Pools of compute nodes (A.1.5): a node is in one at most. Rewards go by each node's own weight, so nothing is split here. */
export class Pools {
    constructor(
        private readonly tables: StateTables,
        private readonly registry: Registry
    ) {}

    count(): bigint {
        return this.tables.pools.length();
    }

    find(id: bigint): KnownPool | undefined {
        const record = this.tables.pools.get(id);
        return record && { ...record, id };
    }

    poolOf(node: Principal): bigint | undefined {
        return this.tables.poolOfNode.get(node)?.pool;
    }

    /** By an active compute node, which becomes the first member. */
    create(
        caller: Principal,
        name: string,
        nowNs: bigint
    ): Result<KnownPool, JoinRefusal | Refusal<'InvalidArgument'>> {
        if (name === '' || name.length > MAX_NAME) {
            return err({ kind: 'InvalidArgument', reason: `name: 1 to ${MAX_NAME} characters` });
        }
        const allowed = this.checkJoin(caller);
        if (!allowed.ok) return allowed;
        const id = this.tables.pools.append({ name, founder: caller, foundedNs: nowNs, members: 0n });
        return ok(this.add(id, caller));
    }

    join(caller: Principal, id: bigint): Result<KnownPool, JoinRefusal> {
        const allowed = this.checkJoin(caller);
        if (!allowed.ok) return allowed;
        return this.find(id) === undefined ? err({ kind: 'NotFound' }) : ok(this.add(id, caller));
    }

    leave(caller: Principal): Result<KnownPool, Refusal<'NotInPool'>> {
        const left = this.leaveIfIn(caller);
        return left === undefined ? err({ kind: 'NotInPool' }) : ok(left);
    }

    /** Members by place; the order changes as members leave. */
    memberPage(id: bigint, start: bigint, take: bigint): Page<Principal> {
        const members = this.find(id)?.members ?? 0n;
        const [from, to] = pageRange(start, take, members);
        const items: Principal[] = [];
        for (let position = from; position < to; position++) {
            const node = this.tables.poolMembers.get({ pool: id, position });
            if (node !== undefined) items.push(node);
        }
        return { items, next: to < members ? to : undefined };
    }

    /** The last member takes the place of the one that leaves, so that places have no holes. */
    leaveIfIn(node: Principal): KnownPool | undefined {
        const place = this.tables.poolOfNode.get(node);
        const pool = place && this.find(place.pool);
        if (place === undefined || pool === undefined) return undefined;
        const last = { pool: place.pool, position: pool.members - 1n };
        const moved = this.tables.poolMembers.get(last);
        invariant(moved !== undefined, 'SM8', `pool ${place.pool} has no member ${last.position}`);
        this.tables.poolMembers.set(place, moved);
        this.tables.poolOfNode.set(moved, place);
        this.tables.poolMembers.delete(last);
        this.tables.poolOfNode.delete(node);
        return this.save({ ...pool, members: pool.members - 1n });
    }

    private checkJoin(caller: Principal): Result<void, JoinRefusal> {
        const node = this.registry.findLiving(caller);
        if (!node.ok) return node;
        const { nodeClass, status } = node.value.record;
        if (nodeClass !== 'compute') return err({ kind: 'NotAComputeNode' });
        if (status !== 'Active') return err({ kind: 'NotActive' });
        const pool = this.poolOf(caller);
        return pool === undefined ? ok(undefined) : err({ kind: 'AlreadyInPool', pool });
    }

    private add(id: bigint, node: Principal): KnownPool {
        const pool = this.find(id);
        invariant(pool !== undefined, 'SM8', `pool ${id} does not exist`);
        const place = { pool: id, position: pool.members };
        this.tables.poolMembers.set(place, node);
        this.tables.poolOfNode.set(node, place);
        return this.save({ ...pool, members: pool.members + 1n });
    }

    private save(pool: KnownPool): KnownPool {
        const { id, ...record } = pool;
        this.tables.pools.replace(id, record);
        return pool;
    }
}
