import type { Principal } from '@dfinity/principal';
import { equalBytes } from '../../../src/core/bytes';
import { rootOf } from '../../../src/core/consensus/merkle';
import { MerkleLog } from '../../../src/core/consensus/merkle_log';
import {
    commitmentLeaf,
    rangeLevels,
    type CertifiedHead,
    type CommittedRange
} from '../../../src/core/consensus/state_hash';
import { samePrincipal } from '../../../src/core/principals';
import { err, ok, type Result } from '../../../src/core/result';
import type { Agreement } from './agreement';
import type { CommitmentRecord, CommitmentStatus } from './commitment_records';
import type { Refusal } from './errors';
import type { StateTables } from './records';
import type { Registry } from './registry';
import type { ValidatorSet } from './validators';

/** States of one commitment at most: bounds the hashing of a message. */
export const MAX_RANGE = 512n;

/** A commitment with its number. */
export interface KnownCommitment extends CommitmentRecord {
    readonly index: bigint;
}

/** Why a commitment is not taken. */
export type SubmitRefusal = Refusal<
    'NotAValidator' | 'InvalidArgument' | 'Gap' | 'Overlap' | 'NotFinal' | 'TooLarge' | 'RootMismatch'
>;

/** Ranges of final states under one root each, and all roots under the one that the network certifies (S2 §3, AS-40). */
export class Commitments {
    private readonly log: MerkleLog;

    constructor(
        private readonly tables: StateTables,
        private readonly registry: Registry,
        private readonly validators: ValidatorSet,
        private readonly agreement: Agreement
    ) {
        const { commitmentNodes } = tables;
        this.log = new MerkleLog({
            get: (level, index) => commitmentNodes.get({ level, index: BigInt(index) }),
            set: (level, index, digest) => commitmentNodes.set({ level, index: BigInt(index) }, digest)
        });
    }

    count(): bigint {
        return this.tables.commitments.length();
    }

    find(index: bigint): KnownCommitment | undefined {
        const record = this.tables.commitments.get(index);
        return record && { ...record, index };
    }

    /** Height of the first state that no commitment covers. */
    nextFrom(): bigint {
        return (this.find(this.count() - 1n)?.to ?? 0n) + 1n;
    }

    /** What the network is to certify. */
    head(): CertifiedHead {
        const { count, root } = this.tables.commitmentHead.get();
        const { height, parentHash } = this.agreement.tip();
        const chainId = this.tables.chainId.get();
        return { chainId, tipHeight: height - 1n, tipHash: parentHash, commitments: count, commitmentsRoot: root };
    }

    /** By a validator: the range behind the last one. The same range again is the same success. */
    submit(caller: Principal, range: CommittedRange, nowNs: bigint): Result<KnownCommitment, SubmitRefusal> {
        if (!this.validators.has(caller)) return err({ kind: 'NotAValidator' });
        const last = this.find(this.count() - 1n);
        if (last !== undefined && isSame(last, range)) return ok(last);
        const placed = this.checkRange(range);
        if (!placed.ok) return placed;
        const levels = rangeLevels(this.hashes(range));
        const root = rootOf(levels);
        if (!equalBytes(root, range.root)) return err({ kind: 'RootMismatch', expected: root });
        this.registry.tookPart(caller, nowNs);
        return ok(this.append({ from: range.from, to: range.to, root }, levels, caller, nowNs));
    }

    /** By a validator that has verified, or could not verify, the network's certificate of a commitment. */
    attest(
        caller: Principal,
        { index, ok: isVerified }: { readonly index: bigint; readonly ok: boolean },
        nowNs: bigint
    ): Result<KnownCommitment, Refusal<'NotAValidator' | 'NotFound' | 'AlreadyVoted' | 'AlreadyFinal'>> {
        if (!this.validators.has(caller)) return err({ kind: 'NotAValidator' });
        const commitment = this.find(index);
        if (commitment === undefined) return err({ kind: 'NotFound' });
        const isCaller = (voter: Principal): boolean => samePrincipal(voter, caller);
        if ([...commitment.confirmedBy, ...commitment.rejectedBy].some(isCaller)) return err({ kind: 'AlreadyVoted' });
        if (commitment.status !== 'Submitted') return err({ kind: 'AlreadyFinal' });
        this.registry.tookPart(caller, nowNs);
        const voted = isVerified
            ? { ...commitment, confirmedBy: [...commitment.confirmedBy, caller] }
            : { ...commitment, rejectedBy: [...commitment.rejectedBy, caller] };
        return ok(this.decide(voted, nowNs));
    }

    /** The commitment that covers a height; logarithmic in their number. */
    covering(height: bigint): KnownCommitment | undefined {
        let low = 0n;
        let high = this.count();
        while (low < high) {
            const middle = (low + high) / 2n;
            if ((this.tables.commitments.get(middle)?.to ?? 0n) < height) low = middle + 1n;
            else high = middle;
        }
        const found = this.find(low);
        return found !== undefined && found.from <= height ? found : undefined;
    }

    levels(index: bigint): Uint8Array {
        return this.tables.commitmentLevels.get(index) ?? new Uint8Array();
    }

    /** Neighbours of a commitment in the tree of all. */
    logPath(index: bigint): readonly Uint8Array[] {
        return this.log.path(Number(index), this.tables.commitmentHead.get().count);
    }

    private checkRange(
        range: CommittedRange
    ): Result<void, Refusal<'InvalidArgument' | 'Gap' | 'Overlap' | 'NotFinal' | 'TooLarge'>> {
        const expectedFrom = this.nextFrom();
        if (range.from > expectedFrom) return err({ kind: 'Gap', expectedFrom });
        if (range.from < expectedFrom) return err({ kind: 'Overlap', expectedFrom });
        if (range.to < range.from) return err({ kind: 'InvalidArgument', reason: 'to: before from' });
        if (range.to - range.from >= MAX_RANGE) return err({ kind: 'TooLarge', max: Number(MAX_RANGE) });
        const lastFinal = this.agreement.length();
        return range.to > lastFinal ? err({ kind: 'NotFinal', lastFinal }) : ok(undefined);
    }

    private hashes({ from, to }: CommittedRange): readonly Uint8Array[] {
        const hashes: Uint8Array[] = [];
        for (let height = from; height <= to; height++) {
            const state = this.agreement.stateAt(height);
            if (state !== undefined) hashes.push(state.hash);
        }
        return hashes;
    }

    private append(range: CommittedRange, levels: Uint8Array, caller: Principal, nowNs: bigint): KnownCommitment {
        const record: CommitmentRecord = {
            ...range,
            status: 'Submitted',
            submittedBy: caller,
            submittedNs: nowNs,
            decidedNs: undefined,
            confirmedBy: [],
            rejectedBy: []
        };
        const index = this.tables.commitments.append(record);
        this.tables.commitmentLevels.set(index, levels);
        this.log.append(commitmentLeaf(range), Number(index));
        const count = Number(index) + 1;
        this.tables.commitmentHead.set({ count, root: this.log.root(count) });
        return { ...record, index };
    }

    /** Verdicts of validators that left do not count. */
    private decide({ index, ...voted }: KnownCommitment, nowNs: bigint): KnownCommitment {
        const counted = (voters: readonly Principal[]): number => voters.filter((v) => this.validators.has(v)).length;
        const quorum = this.validators.quorum();
        const isLost = counted(voted.rejectedBy) > this.validators.members().length - quorum;
        const undecided = isLost ? 'Rejected' : 'Submitted';
        const status: CommitmentStatus = counted(voted.confirmedBy) >= quorum ? 'Confirmed' : undecided;
        const decided = { ...voted, status, decidedNs: status === 'Submitted' ? undefined : nowNs };
        this.tables.commitments.replace(index, decided);
        return { ...decided, index };
    }
}

function isSame(a: CommittedRange, b: CommittedRange): boolean {
    return a.from === b.from && a.to === b.to && equalBytes(a.root, b.root);
}
