import { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import { PAGE_LIMIT, pageRange } from '../../../src/core/page';
import { samePrincipal } from '../../../src/core/principals';
import { DONE, err, ok, type Result } from '../../../src/core/result';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { Refusal } from './errors';
import type { FactsOutbox } from './facts_outbox';
import type { Newcomers } from './newcomers';
import type { KnownNode, NodeProfile, NodeRecord, Presence, StateTables } from './records';
import { isGone, statusAfter, type StatusEvent } from './status';

/** Public bandwidth that validators and routers must have (white paper §9). */
const MIN_BANDWIDTH_MBPS = 100;
const MAX_REGION_LENGTH = 64;
const MAX_KEY_BYTES = 512;

/** What a key registers with; the bandwidth is in Mbit/s. */
export interface Application {
    readonly nodeClass: NodeClass;
    readonly publicKey: Uint8Array;
    readonly region: string;
    readonly bandwidthMbps: number;
}

const NEVER_SEEN: Presence = {
    lastStatusNs: 0n,
    lastConsensusNs: 0n,
    queueDepth: 0,
    capacity: 0,
    about: new Uint8Array()
};

/** Entries of a page and where the next one starts; undefined at the end. */
export interface Page<T> {
    readonly items: readonly T[];
    readonly next: bigint | undefined;
}

/**
 * Who is who. A node is its key: its id is the key's self-authenticating principal, and the signature of the ingress
 * message proves that the caller holds it, so that nobody can take another's id (AS-35, SM4).
 */
export class Registry {
    constructor(
        private readonly tables: StateTables,
        private readonly outbox: FactsOutbox,
        private readonly newcomers: Newcomers
    ) {}

    find(id: Principal): KnownNode | undefined {
        const record = this.tables.nodes.get(id);
        return record && { id, record, presence: this.tables.presences.get(id) ?? NEVER_SEEN };
    }

    /** A node that may still act. */
    findLiving(id: Principal): Result<KnownNode, Refusal<'NotFound' | 'Removed'>> {
        const node = this.find(id);
        if (node === undefined || node.record.status === 'Unregistered') return err({ kind: 'NotFound' });
        return node.record.status === 'Removed' ? err({ kind: 'Removed' }) : ok(node);
    }

    /**
     * Registers the caller's own key. An unregistered id may come back, a removed one never. When all places of newcomers are
     * taken, it takes the place of one that has done less, or is refused. Rewards hears of a newcomer when it has a wallet or
     * is Active: registering costs nothing, so it leaves no trace elsewhere.
     */
    register(
        caller: Principal,
        application: Application,
        nowNs: bigint
    ): Result<
        KnownNode,
        Refusal<'InvalidKey' | 'AlreadyExists' | 'Removed' | 'RateLimited' | 'BandwidthTooLow' | 'InvalidArgument'>
    > {
        const valid = checkApplication(caller, application);
        if (!valid.ok) return valid;
        const known = this.tables.nodes.get(caller);
        if (known?.status === 'Removed') return err({ kind: 'Removed' });
        if (known !== undefined && !isGone(known.status)) return err({ kind: 'AlreadyExists' });
        if (known === undefined) {
            const room = this.newcomers.makeRoom(caller, nowNs);
            if (!room.ok) return room;
            this.newcomers.add(caller, nowNs);
        }
        const { nodeClass, ...described } = application;
        this.tables.profiles.set(caller, { ...described, wallet: undefined, registeredAtNs: nowNs });
        const record: NodeRecord = {
            nodeClass,
            status: 'Registered',
            statusSinceNs: nowNs,
            eValueE8: 0n,
            // Whoever was forgotten and comes back must have newer facts than those that rewards kept.
            factsVersion: known?.factsVersion ?? nowNs,
            lastPocNs: known?.lastPocNs ?? 0n
        };
        this.tables.nodes.set(caller, record);
        this.tables.presences.set(caller, NEVER_SEEN);
        this.tables.walletProposals.delete(caller);
        // Who comes back is a newcomer, too.
        this.tables.challengeScores.delete(caller);
        return ok(known === undefined ? { id: caller, record, presence: NEVER_SEEN } : this.changeFacts(caller, {}));
    }

    profile(id: Principal): NodeProfile {
        const profile = this.tables.profiles.get(id);
        if (profile === undefined) throw new UnknownNode(id.toText());
        return profile;
    }

    /** Lets an event act on a node's status. */
    apply(id: Principal, event: StatusEvent, nowNs: bigint): void {
        this.applyTo(id, this.recordOf(id), event, nowNs);
    }

    /** As {@link apply}, on a record that was just read; the record as it is afterwards. */
    applyTo(id: Principal, record: NodeRecord, event: StatusEvent, nowNs: bigint): NodeRecord {
        const status = statusAfter(record.nodeClass, record.status, event);
        if (status === record.status) return record;
        const changed = { ...record, status, statusSinceNs: nowNs };
        this.tables.nodes.set(id, changed);
        if (status === 'Active' && this.newcomers.has(id)) {
            this.outbox.add(id);
            this.newcomers.graduate(id);
        }
        if (status === 'Active') this.countElector(id, record.nodeClass, 1n);
        if (record.status === 'Active') this.countElector(id, record.nodeClass, -1n);
        return changed;
    }

    /** Changes what rewards keeps of a node (class, wallet, E), and queues the news. */
    changeFacts(id: Principal, change: { readonly wallet?: Account; readonly eValueE8?: bigint }): KnownNode {
        const record = this.recordOf(id);
        const { wallet, eValueE8 = record.eValueE8 } = change;
        if (wallet !== undefined) this.tables.profiles.set(id, { ...this.profile(id), wallet });
        const changed = { ...record, eValueE8, factsVersion: record.factsVersion + 1n };
        this.tables.nodes.set(id, changed);
        this.outbox.add(id);
        return { id, record: changed, presence: this.tables.presences.get(id) ?? NEVER_SEEN };
    }

    update(id: Principal, change: Partial<Pick<NodeRecord, 'lastPocNs'>>): void {
        this.tables.nodes.set(id, { ...this.recordOf(id), ...change });
    }

    setPresence(id: Principal, presence: Presence): void {
        this.tables.presences.set(id, presence);
    }

    /** Notes that a node took part in the consensus. */
    tookPart(id: Principal, nowNs: bigint): void {
        const presence = this.tables.presences.get(id) ?? NEVER_SEEN;
        this.tables.presences.set(id, { ...presence, lastConsensusNs: nowNs });
    }

    /** Lets a newcomer's stake be asked for, which no round over all nodes does; without a wallet it can have none. */
    askForStake(id: Principal, nowNs: bigint): void {
        const mayHaveOne = this.newcomers.has(id) && this.profile(id).wallet !== undefined;
        if (mayHaveOne) this.tables.stakeQueue.set({ atNs: nowNs, node: id }, true);
    }

    /** Whether rewards told of a stake of the node. */
    isStaked(id: Principal): boolean {
        return this.tables.stakes.has(id);
    }

    /** Nodes that were ever Active or staked: what walks over all nodes go over. */
    count(): bigint {
        return this.tables.nodeIds.length();
    }

    /**
     * Nodes in the order in which they first were Active or staked, then the newcomers; unregistered ones are left out,
     * `start` and `next` count them. A newcomer whose standing changes between two pages may be missed or seen twice.
     */
    page(start: bigint, take: bigint, wanted: (node: KnownNode) => boolean): Page<KnownNode> {
        const known = this.count();
        const idAt = (index: bigint) => this.idAt(index) ?? this.newcomers.at(index - known);
        return this.pageOf(known + this.newcomers.count(), idAt, start, take, wanted, PAGE_LIMIT);
    }

    /** As {@link page}, without newcomers, which have neither E nor a stake. */
    pageOfKnown(start: bigint, take: bigint, limit: bigint): Page<KnownNode> {
        return this.pageOf(
            this.count(),
            (index) => this.idAt(index),
            start,
            take,
            () => true,
            limit
        );
    }

    private idAt(index: bigint): Principal | undefined {
        return this.tables.nodeIds.get(index);
    }

    private pageOf(
        length: bigint,
        idAt: (index: bigint) => Principal | undefined,
        start: bigint,
        take: bigint,
        wanted: (node: KnownNode) => boolean,
        limit: bigint
    ): Page<KnownNode> {
        const [from, to] = pageRange(start, take, length, limit);
        const items: KnownNode[] = [];
        for (let index = from; index < to; index++) {
            const id = idAt(index);
            const node = id && this.find(id);
            if (node && node.record.status !== 'Unregistered' && wanted(node)) items.push(node);
        }
        return { items, next: to < length ? to : undefined };
    }

    /** Keeps the number of those who may vote on cases: active nodes with a stake. */
    private countElector(id: Principal, nodeClass: NodeClass, change: 1n | -1n): void {
        if (!this.tables.stakes.has(id)) return;
        const counts = this.tables.electors.get();
        this.tables.electors.set({ ...counts, [nodeClass]: counts[nodeClass] + change });
    }

    private recordOf(id: Principal): NodeRecord {
        const record = this.tables.nodes.get(id);
        if (record === undefined) throw new UnknownNode(id.toText());
        return record;
    }
}

/** A caller inside the canister named a node that is not registered: a bug. */
export class UnknownNode extends Error {
    constructor(readonly node: string) {
        super(`node ${node} is not registered`);
        this.name = 'UnknownNode';
    }
}

function checkApplication(
    caller: Principal,
    application: Application
): Result<void, Refusal<'InvalidKey' | 'BandwidthTooLow' | 'InvalidArgument'>> {
    const { nodeClass, publicKey, region, bandwidthMbps } = application;
    if (publicKey.length > MAX_KEY_BYTES) return err({ kind: 'InvalidKey' });
    if (!samePrincipal(Principal.selfAuthenticating(publicKey), caller)) return err({ kind: 'InvalidKey' });
    if (region === '' || region.length > MAX_REGION_LENGTH) {
        return err({ kind: 'InvalidArgument', reason: `region: 1 to ${MAX_REGION_LENGTH} characters` });
    }
    if (nodeClass !== 'compute' && bandwidthMbps < MIN_BANDWIDTH_MBPS) {
        return err({ kind: 'BandwidthTooLow', minMbps: MIN_BANDWIDTH_MBPS });
    }
    return DONE;
}
