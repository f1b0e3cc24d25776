import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../src/core/assert';
import { NS_PER_MS, NS_PER_S } from '../../../src/core/clock';
import { concatBytes } from '../../../src/core/bytes';
import { principalKey, u64Key } from '../../../src/core/codec';
import { sha256 } from '../../../src/core/hash';
import { pageRange } from '../../../src/core/page';
import type { StateMachineConfig } from './config';
import { OpenPocs } from './open_pocs';
import type { PocFault, PocRecord, PocState, StateTables } from './records';
import type { Page } from './registry';

/** A proof of computing with its id. */
export interface KnownPoc extends PocRecord {
    readonly id: bigint;
}

const FINAL: readonly PocState[] = ['Passed', 'Failed', 'Lapsed'];

export function isFinal(poc: PocRecord): boolean {
    return FINAL.includes(poc.state);
}

/** Time between acceptance and submission, by canister time; undefined before the submission. */
export function elapsedMs(poc: PocRecord): bigint | undefined {
    const { work } = poc;
    return work?.submittedAtNs === undefined ? undefined : (work.submittedAtNs - work.acceptedAtNs) / NS_PER_MS;
}

/** Nobody can know a node's seed before it accepts, nor use another node's product (compute.md §4.3, §4.9). */
export function nodeSeedOf(poc: KnownPoc, randomness: Uint8Array): Uint8Array {
    return sha256(concatBytes(poc.seed, u64Key.encode(poc.id), principalKey.encode(poc.node), randomness));
}

/** The proofs of computing: their records, who has one open, and what is due when. */
export class PocBook {
    readonly open: OpenPocs;

    constructor(private readonly tables: StateTables) {
        this.open = new OpenPocs(tables);
    }

    find(id: bigint): KnownPoc | undefined {
        const record = this.tables.pocs.get(id);
        return record && { ...record, id };
    }

    openOf(node: Principal): KnownPoc | undefined {
        const id = this.tables.openPocOfNode.get(node);
        return id === undefined ? undefined : this.find(id);
    }

    create(
        node: Principal,
        requestedBy: Principal,
        seed: Uint8Array,
        config: StateMachineConfig,
        nowNs: bigint
    ): KnownPoc {
        const record: PocRecord = {
            node,
            requestedBy,
            dimension: config.pocDimension,
            seed,
            state: 'Requested',
            fault: undefined,
            requestedAtNs: nowNs,
            deadlineNs: nowNs + config.pocDeadlineS * NS_PER_S,
            work: undefined,
            votes: [],
            eValueE8: undefined,
            finalAtNs: undefined
        };
        const id = this.tables.pocs.append(record);
        this.tables.openPocOfNode.set(node, id);
        this.open.add(id);
        this.tables.pocDeadlines.set({ atNs: record.deadlineNs, id }, true);
        return { ...record, id };
    }

    /** Stores a proof that is not final; its value never changes once it is (SM5). */
    save(poc: KnownPoc): KnownPoc {
        const { id, ...record } = poc;
        const before = this.tables.pocs.get(id);
        invariant(before !== undefined && !isFinal(before), 'SM5', `proof ${id} is final`);
        if (before.deadlineNs !== record.deadlineNs || isFinal(record)) {
            this.tables.pocDeadlines.delete({ atNs: before.deadlineNs, id });
        }
        if (!isFinal(record)) this.tables.pocDeadlines.set({ atNs: record.deadlineNs, id }, true);
        this.tables.pocs.replace(id, record);
        return poc;
    }

    /** Ends a proof and lets go of what only an open one needs; the seeds stay, so that anybody can replay it. */
    close(poc: KnownPoc, state: 'Passed' | 'Failed' | 'Lapsed', nowNs: bigint, fault?: PocFault): KnownPoc {
        const closed = this.save({ ...poc, state, fault, finalAtNs: nowNs });
        if (state !== 'Lapsed') this.tables.pocResults.append(poc.id);
        this.tables.openPocOfNode.delete(poc.node);
        this.open.remove(poc.id);
        this.tables.pocProducts.delete(poc.id);
        this.tables.uncheckedPocs.delete(poc.id);
        return closed;
    }

    /** The next proof whose step should have been done before an instant. */
    nextOverdue(nowNs: bigint): KnownPoc | undefined {
        const due = this.tables.pocDeadlines.firstKey();
        return due !== undefined && due.atNs < nowNs ? this.find(due.id) : undefined;
    }

    product(id: bigint): Uint8Array | undefined {
        return this.tables.pocProducts.get(id);
    }

    /** Keeps a submitted product until the canister has checked it, and then until the validators have. */
    keepProduct(id: bigint, product: Uint8Array): void {
        this.tables.pocProducts.set(id, product);
        this.tables.uncheckedPocs.set(id, true);
    }

    noteChecked(id: bigint): void {
        this.tables.uncheckedPocs.delete(id);
    }

    /** A product whose check is outstanding: its message may have failed. */
    nextUnchecked(): bigint | undefined {
        return this.tables.uncheckedPocs.firstKey();
    }

    count(): bigint {
        return this.tables.pocs.length();
    }

    /** Decided proofs in the order of their decision; their position is the reference of their state item. */
    resultPage(start: bigint, take: bigint): Page<KnownPoc> {
        const length = this.tables.pocResults.length();
        const [from, to] = pageRange(start, take, length);
        const items: KnownPoc[] = [];
        for (let position = from; position < to; position++) {
            const id = this.tables.pocResults.get(position);
            const poc = id === undefined ? undefined : this.find(id);
            if (poc !== undefined) items.push(poc);
        }
        return { items, next: to < length ? to : undefined };
    }

    /** A page of the open proofs in one state; the order changes as proofs end. */
    openPage(state: PocState, start: bigint, take: bigint): Page<KnownPoc> {
        const [from, to] = pageRange(start, take, this.open.size());
        const items: KnownPoc[] = [];
        for (let position = from; position < to; position++) {
            const id = this.open.at(position);
            const poc = id === undefined ? undefined : this.find(id);
            if (poc?.state === state) items.push(poc);
        }
        return { items, next: to < this.open.size() ? to : undefined };
    }
}
