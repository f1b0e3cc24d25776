import type { Principal } from '@dfinity/principal';
import { quorumOf } from '../../../src/core/consensus/rounds';
import { samePrincipal } from '../../../src/core/principals';
import { err, ok, type Result } from '../../../src/core/result';
import type { StakeClassRules } from '../../../src/core/tokenomics/profile';
import type { CandidateShortcoming, Refusal, Shortcoming } from './errors';
import type { Membership } from './agreement_records';
import type { Suspension } from './poc/suspension';
import { principalText } from './principal_text';
import type { StateTables } from './records';
import type { Registry } from './registry';
import { BatchBook, hasApplied, type ValidatorBatch } from './validator_batch';
import { stakeShortcoming, type NodeStake } from './stakes';

/** The white paper's first batch (§9): 3·4 + 1. */
const FIRST_BATCH = 13;
/** The smallest set of the form 3F+1 that tolerates a fault. */
const SMALLEST_SET = 4;

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
    readonly batch: BatchBook;
    /** Positions in one set of members: read for every vote. */
    private index:
        { readonly members: readonly Principal[]; readonly positions: ReadonlyMap<string, number> } | undefined;

    constructor(
        private readonly tables: StateTables,
        private readonly registry: Registry,
        private readonly suspension: Suspension
    ) {
        this.batch = new BatchBook(tables);
    }

    membership(): Membership {
        return this.tables.membership.get();
    }

    members(): readonly Principal[] {
        return this.membership().members;
    }

    has(who: Principal): boolean {
        return this.positionOf(who) !== undefined;
    }

    /** Position of a member in the set of today; undefined for anybody else. */
    positionOf(who: Principal): number | undefined {
        const { members } = this.membership();
        if (this.index?.members !== members) {
            this.index = { members, positions: new Map(members.map((member, i) => [principalText(member), i])) };
        }
        return this.index.positions.get(principalText(who));
    }

    /** Position of a member in the set of a version; undefined for anybody else. */
    positionIn(version: number, who: Principal): number | undefined {
        if (version === this.membership().version) return this.positionOf(who);
        const position = this.membersOf(version).findIndex((member) => samePrincipal(member, who));
        return position < 0 ? undefined : position;
    }

    /** The set of an earlier version. */
    membersOf(version: number): readonly Principal[] {
        return this.tables.memberships.get(BigInt(version)) ?? [];
    }

    quorum(): number {
        return quorumOf(this.members().length);
    }

    /** Takes a candidate whose stake rewards has just told into the open batch. */
    apply(
        node: Principal,
        stake: NodeStake | undefined,
        rules: StakeClassRules,
        nowNs: bigint
    ): Result<ValidatorBatch, Refusal<'NoBatchOpen' | 'RequirementsNotMet' | 'TooLarge'>> {
        const checked = this.checkApplicant(node);
        if (!checked.ok) return checked;
        const staked = refuseShortcomings([node], () => stakeShortcoming('validator', rules, stake, nowNs));
        return staked.ok ? this.batch.add(node) : staked;
    }

    /** Checks a candidate before its stake is asked for. */
    checkApplicant(node: Principal): Result<void, Refusal<'NoBatchOpen' | 'RequirementsNotMet'>> {
        if (this.batch.find() === undefined) return err({ kind: 'NoBatchOpen' });
        return refuseShortcomings([node], (id) => this.nodeShortcoming(id));
    }

    /**
     * Checks a batch before its stakes are asked for: all or nothing, and the set must come out as 3F+1. While a batch is
     * open, its applicants fill exactly its places.
     */
    checkBatch(batch: readonly Principal[]): Result<void, Refusal<'WrongBatchSize' | 'RequirementsNotMet'>> {
        const size = this.members().length;
        const distinct = new Set(batch.map((node) => node.toText())).size;
        const open = this.batch.find();
        const isComplete = isValidSetSize(size + batch.length);
        const isSized = open === undefined ? isComplete : batch.length === nextBatchSize(size);
        if (distinct !== batch.length || batch.length === 0 || !isSized) {
            return err({ kind: 'WrongBatchSize', expected: BigInt(nextBatchSize(size)) });
        }
        return refuseShortcomings(batch, (node) => this.nodeShortcoming(node) ?? notApplied(open, node));
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
        this.change([...this.members(), ...batch], nowNs);
        this.batch.close();
        for (const node of batch) {
            this.registry.apply(node, 'admitted', nowNs);
            this.registry.tookPart(node, nowNs);
        }
        return ok(undefined);
    }

    /** Takes a node out of the set; the set may then be no 3F+1 until the next batch (SM7). */
    leave(node: Principal, nowNs: bigint): void {
        if (!this.has(node)) return;
        this.change(
            this.members().filter((member) => !samePrincipal(member, node)),
            nowNs
        );
    }

    private change(members: readonly Principal[], nowNs: bigint): void {
        const { memberships, membership } = this.tables;
        if (memberships.length() === 0n) memberships.append([]);
        const version = Number(memberships.append(members));
        membership.set({ version, changedNs: nowNs, members });
        this.suspension.membersChanged(nowNs);
    }

    private nodeShortcoming(id: Principal): Shortcoming | undefined {
        const node = this.registry.find(id);
        if (node === undefined) return { kind: 'NotFound' };
        if (node.record.nodeClass !== 'validator') return { kind: 'WrongClass' };
        if (this.has(id)) return { kind: 'AlreadyValidator' };
        return node.record.status === 'Registered' ? undefined : { kind: 'WrongStatus' };
    }
}

function notApplied(open: ValidatorBatch | undefined, node: Principal): Shortcoming | undefined {
    return open === undefined || hasApplied(open, node) ? undefined : { kind: 'NotApplied' };
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
