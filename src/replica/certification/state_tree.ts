import type { CanisterView, RequestView, SubnetMetrics } from '../state/api';
import { equalBytes, toHex, utf8 } from '../wire/bytes';
import { labels, leaf, type HashTree } from '../wire/hash_tree';
import { LabelTrie } from '../wire/label_trie';
import { encodeLeb128 } from '../wire/leb128';
import { canisterRangesTree, canisterTree, subnetTree, type SubnetFacts } from './canister_tree';
import { isTerminal, requestTree } from './request_tree';

/** The part of the state machine that the tree is made of. */
export interface StateSource {
    certifiedTimeNs(): bigint;
    canisters(): Iterable<CanisterView>;
    request(requestId: Uint8Array): RequestView | undefined;
    /** Of finished requests whose answers were dropped since this was asked last. */
    takeDoneRequests(): readonly Uint8Array[];
    subnetMetrics(subnetId: Uint8Array): SubnetMetrics;
}

interface KnownCanister {
    readonly canisterId: Uint8Array;
    readonly changeCounter: number;
    generation: number;
}

interface TrackedRequest {
    readonly requestId: Uint8Array;
    readonly addressee: Uint8Array;
    /** Change counter of the status that the tree shows. */
    shown: number;
}

/** Finished requests are looked at again after this much network time, to forget the ones that the state forgot. */
const forgetIntervalNs = 30_000_000_000n;

/** Figures of subnets are at most this old: to sum them up for each round would cost as much as the canisters are many. */
const metricsIntervalNs = 10_000_000_000n;

/**
 * The certified state tree (interface specification, "The system state tree"), kept up to date with the state machine:
 * only what changed since the last refresh is hashed again.
 */
export class StateTree {
    readonly #source: StateSource;
    readonly #subnetFacts: () => readonly SubnetFacts[];
    #subnets: readonly SubnetFacts[] = [];
    readonly #canisterTrie = new LabelTrie();
    readonly #requestTrie = new LabelTrie();
    readonly #knownCanisters = new Map<string, KnownCanister>();
    /** Requests that may still change. */
    readonly #pending = new Map<string, TrackedRequest>();
    readonly #finished = new Map<string, TrackedRequest>();
    #ranges: HashTree = labels([]);
    /** What each subnet certifies about all of them, by its id in hexadecimal. */
    readonly #subnetTrees = new Map<string, HashTree>();
    #subnetsUntilNs = 0n;
    #generation = 0;
    #forgetAtNs = 0n;

    /** `subnets` gives another list whenever a subnet has been added. */
    constructor(source: StateSource, subnets: () => readonly SubnetFacts[]) {
        this.#source = source;
        this.#subnetFacts = subnets;
    }

    /** From now on the tree shows the status of this request, which was sent to `addressee`. */
    track(requestId: Uint8Array, addressee: Uint8Array): void {
        const key = toHex(requestId);
        if (!this.#finished.has(key) && !this.#pending.has(key)) {
            this.#pending.set(key, { requestId, addressee, shown: -1 });
        }
    }

    /** Canister that a tracked request was sent to. */
    addressee(requestId: Uint8Array): Uint8Array | undefined {
        const key = toHex(requestId);
        return (this.#pending.get(key) ?? this.#finished.get(key))?.addressee;
    }

    /** Takes in what changed; the ids of the tracked requests that have ended since the last time. */
    refreshRequests(): readonly Uint8Array[] {
        const ended: Uint8Array[] = [];
        this.#dropAnswers();
        for (const [key, entry] of this.#pending) {
            const view = this.#source.request(entry.requestId);
            const tree = view && requestTree(view.status);
            if (view === undefined || tree === undefined) {
                this.#forget(key, entry.requestId);
                ended.push(entry.requestId);
                continue;
            }
            if (view.changeCounter !== entry.shown) {
                this.#requestTrie.set(entry.requestId, tree);
                entry.shown = view.changeCounter;
            }
            if (isTerminal(view.status)) {
                this.#pending.delete(key);
                this.#finished.set(key, entry);
                ended.push(entry.requestId);
            }
        }
        return ended;
    }

    #dropAnswers(): void {
        for (const requestId of this.#source.takeDoneRequests()) {
            const tree = requestTree({ kind: 'done' });
            if (tree !== undefined && this.#finished.has(toHex(requestId))) this.#requestTrie.set(requestId, tree);
        }
    }

    /** The tree of the state as it is now, as the given subnet certifies it. */
    current(subnetId: Uint8Array): HashTree {
        this.refreshRequests();
        this.#forgetFinished();
        this.#refreshCanisters();
        this.#refreshSubnets();
        const subnetTrees = this.#freshSubnets(subnetId);
        return labels([
            [utf8('time'), leaf(encodeLeb128(this.#source.certifiedTimeNs()))],
            [utf8('subnet'), subnetTrees],
            [utf8('canister_ranges'), this.#ranges],
            [utf8('canister'), this.#canisterTrie.tree],
            [utf8('request_status'), this.#requestTrie.tree],
            [utf8('api_boundary_nodes'), labels([])]
        ]);
    }

    #refreshSubnets(): void {
        const subnets = this.#subnetFacts();
        if (subnets === this.#subnets) return;
        this.#subnets = subnets;
        this.#ranges = labels(subnets.map((facts) => [facts.subnetId, canisterRangesTree(facts)] as const));
        this.#subnetTrees.clear();
    }

    #freshSubnets(signerId: Uint8Array): HashTree {
        const nowNs = this.#source.certifiedTimeNs();
        if (nowNs >= this.#subnetsUntilNs) {
            this.#subnetsUntilNs = nowNs + metricsIntervalNs;
            this.#subnetTrees.clear();
        }
        const key = toHex(signerId);
        const known = this.#subnetTrees.get(key);
        if (known !== undefined) return known;
        const made = labels(
            this.#subnets.map((facts) => [facts.subnetId, this.#subnetAsSeenBy(facts, signerId)] as const)
        );
        this.#subnetTrees.set(key, made);
        return made;
    }

    /** Nodes and figures of a subnet are certified by itself alone. */
    #subnetAsSeenBy(facts: SubnetFacts, signerId: Uint8Array): HashTree {
        const isOwn = equalBytes(facts.subnetId, signerId);
        return subnetTree(facts, isOwn ? this.#source.subnetMetrics(facts.subnetId) : undefined);
    }

    #refreshCanisters(): void {
        this.#generation += 1;
        const before = this.#canisterTrie.size;
        for (const view of this.#source.canisters()) {
            const key = toHex(view.canisterId);
            const known = this.#knownCanisters.get(key);
            if (known?.changeCounter === view.changeCounter) {
                known.generation = this.#generation;
                continue;
            }
            const { canisterId, changeCounter } = view;
            this.#knownCanisters.set(key, { canisterId, changeCounter, generation: this.#generation });
            this.#canisterTrie.set(canisterId, canisterTree(view));
        }
        this.#dropDeleted();
        if (this.#canisterTrie.size !== before) {
            this.#subnetTrees.clear();
        }
    }

    #dropDeleted(): void {
        for (const [key, known] of this.#knownCanisters) {
            if (known.generation !== this.#generation) {
                this.#knownCanisters.delete(key);
                this.#canisterTrie.delete(known.canisterId);
            }
        }
    }

    #forgetFinished(): void {
        const nowNs = this.#source.certifiedTimeNs();
        if (nowNs < this.#forgetAtNs) {
            return;
        }
        this.#forgetAtNs = nowNs + forgetIntervalNs;
        for (const [key, { requestId }] of this.#finished) {
            if (this.#source.request(requestId) === undefined) {
                this.#forget(key, requestId);
            }
        }
    }

    #forget(key: string, requestId: Uint8Array): void {
        this.#pending.delete(key);
        this.#finished.delete(key);
        this.#requestTrie.delete(requestId);
    }
}
