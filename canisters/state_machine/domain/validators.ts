import type { Principal } from '@dfinity/principal';
import { err, ok, type Result } from '../../../src/core/result';
import type { StakeClassRules } from '../../../src/core/tokenomics/profile';
import type { CandidateShortcoming, Refusal, Shortcoming } from './errors';
import type { StateTables } from './records';
import type { Registry } from './registry';
import { stakeShortcoming, type NodeStake } from './stakes';

/** The white paper's first batch (§9): 3·4 + 1. */
const FIRST_BATCH = 13;
/** The smallest set of the form 3F+1 that tolerates a fault. */
const SMALLEST_SET = 4;

/** Votes that make a decision final among so many validators: floor(2N/3) + 1 (AS-38). */
export function quorumOf(setSize: number): number {
    return Math.floor((2 * setSize) / 3) + 1;
}

/** Whether a set has the form 3F+1 with F ≥ 1. */
export function isValidSetSize(setSize: number): boolean {
    return setSize >= SMALLEST_SET && setSize % 3 === 1;
}

/** Size of the next batch: 13 at first, then what completes the set to the next 3F+1 (AS-41). */
export function nextBatchSize(setSize: number): number {
    if (setSize === 0) return FIRST_BATCH;
    let size = Math.max(setSize + 1, SMALLEST_SET);
    while (!isValidSetSize(size)) size++;
    return size - setSize;
}

/** The validators that decide together. Their order is the order of admission. */
export class ValidatorSet {
    constructor(
        private readonly tables: StateTables,
        private readonly registry: Registry
    ) {}

    members(): readonly Principal[] {
        return this.tables.validators.get();
    }

    has(who: Principal): boolean {
        return this.members().some((member) => member.compareTo(who) === 'eq');
    }

    quorum(): number {
        return quorumOf(this.members().length);
    }

    /** Checks a batch before its stakes are asked for: all or nothing, and the set must come out as 3F+1. */
    checkBatch(batch: readonly Principal[]): Result<void, Refusal<'WrongBatchSize' | 'RequirementsNotMet'>> {
        const size = this.members().length;
        const distinct = new Set(batch.map((node) => node.toText())).size;
        if (distinct !== batch.length || batch.length === 0 || !isValidSetSize(size + batch.length)) {
            return err({ kind: 'WrongBatchSize', expected: BigInt(nextBatchSize(size)) });
        }
        return refuseShortcomings(batch, (node) => this.nodeShortcoming(node));
    }

    /** Admits a batch whose stakes rewards has just told, in the batch's order. */
    admit(
        batch: readonly Principal[],
        stakes: readonly (NodeStake | undefined)[],
        rules: StakeClassRules,
        nowNs: bigint
    ): Result<void, Refusal<'WrongBatchSize' | 'RequirementsNotMet'>> {
        const checked = this.checkBatch(batch);
        if (!checked.ok) return checked;
        const staked = refuseShortcomings(batch, (_, i) => stakeShortcoming('validator', rules, stakes[i], nowNs));
        if (!staked.ok) return staked;
        this.tables.validators.set([...this.members(), ...batch]);
        for (const node of batch) this.registry.apply(node, 'admitted', nowNs);
        return ok(undefined);
    }

    /** Takes a node out of the set; the set may then be no 3F+1 until the next batch. */
    leave(node: Principal): void {
        if (!this.has(node)) return;
        this.tables.validators.set(this.members().filter((member) => member.compareTo(node) !== 'eq'));
    }

    private nodeShortcoming(id: Principal): Shortcoming | undefined {
        const node = this.registry.find(id);
        if (node === undefined) return { kind: 'NotFound' };
        if (node.record.nodeClass !== 'validator') return { kind: 'WrongClass' };
        if (this.has(id)) return { kind: 'AlreadyValidator' };
        return node.record.status === 'Registered' ? undefined : { kind: 'WrongStatus' };
    }
}

function refuseShortcomings(
    batch: readonly Principal[],
    shortcomingOf: (node: Principal, index: number) => Shortcoming | undefined
): Result<void, Refusal<'RequirementsNotMet'>> {
    const candidates = batch.flatMap((node, index): CandidateShortcoming[] => {
        const shortcoming = shortcomingOf(node, index);
        return shortcoming === undefined ? [] : [{ node, shortcoming }];
    });
    return candidates.length === 0 ? ok(undefined) : err({ kind: 'RequirementsNotMet', candidates });
}
