import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import { samePrincipal } from '../../../src/core/principals';
import { DONE, err, ok, type Result } from '../../../src/core/result';
import type { CaseRecord, CaseState } from './duty_records';
import type { Departures } from './departures';
import { Electorates } from './electorates';
import type { Refusal } from './errors';
import type { KnownNode, StateTables } from './records';
import type { Registry } from './registry';
import type { StakeHolds } from './stake_holds';
import type { ValidatorSet } from './validators';

const MAX_REASON = 256;
const DIGEST_BYTES = 32;

/** A case with its number. */
export interface KnownCase extends CaseRecord {
    readonly id: bigint;
}

/** What somebody says against a node. */
export interface Charge {
    readonly accused: Principal;
    readonly reason: string;
    /** SHA-256 of evidence that is kept elsewhere. */
    readonly evidenceHash: Uint8Array;
}

/** Why a case is not opened. */
export type FileRefusal = Refusal<
    | 'NotFound'
    | 'Removed'
    | 'NotSameClass'
    | 'SelfImpeachment'
    | 'NotActive'
    | 'NotAnElector'
    | 'CaseOpen'
    | 'InvalidArgument'
>;
/** Why a vote on a case is not counted. */
export type CaseVoteRefusal = Refusal<'NotFound' | 'CaseClosed' | 'Accused' | 'NotAnElector' | 'AlreadyVoted'>;

/** Cases against nodes (AS-49, AS-50): the others of the class vote, more than half of them remove the accused. */
export class Cases {
    private readonly electorates: Electorates;

    constructor(
        private readonly tables: StateTables,
        private readonly registry: Registry,
        private readonly validators: ValidatorSet,
        private readonly departures: Departures,
        private readonly holds: StakeHolds
    ) {
        this.electorates = new Electorates(tables, registry, validators);
    }

    count(): bigint {
        return this.tables.cases.length();
    }

    find(id: bigint): KnownCase | undefined {
        const record = this.tables.cases.get(id);
        return record && { ...record, id };
    }

    openOf(node: Principal): bigint | undefined {
        return this.tables.openCaseOf.get(node);
    }

    /** By a node of the accused's class that may vote itself. */
    fileImpeachment(caller: Principal, charge: Charge, nowNs: bigint): Result<KnownCase, FileRefusal> {
        const accused = this.findServing(charge.accused);
        if (!accused.ok) return accused;
        const { nodeClass } = accused.value.record;
        if (this.registry.find(caller)?.record.nodeClass !== nodeClass) return err({ kind: 'NotSameClass' });
        if (samePrincipal(charge.accused, caller)) return err({ kind: 'SelfImpeachment' });
        if (!this.electorates.isElector(caller, nodeClass)) return err({ kind: 'NotAnElector' });
        const formal = checkCharge(charge);
        if (!formal.ok) return formal;
        return this.open('Impeachment', caller, charge, this.tables.config.get().impeachmentS, nowNs);
    }

    /** By a validator, or the owner of its wallet, whose key may be in other hands. */
    reportKeyLeak(
        caller: Principal,
        node: Principal,
        nowNs: bigint
    ): Result<
        KnownCase,
        Refusal<'NotFound' | 'Removed' | 'NotActive' | 'Unauthorized' | 'NotAValidator' | 'CaseOpen'>
    > {
        const accused = this.findServing(node);
        if (!accused.ok) return accused;
        const owner = this.registry.profile(node).wallet?.owner;
        const isOwn = samePrincipal(node, caller) || (owner !== undefined && samePrincipal(owner, caller));
        if (!isOwn) return err({ kind: 'Unauthorized' });
        if (!this.validators.has(node)) return err({ kind: 'NotAValidator' });
        const charge = { accused: node, reason: 'key leak', evidenceHash: new Uint8Array(DIGEST_BYTES) };
        return this.open('KeyLeak', caller, charge, this.tables.config.get().keyLeakS, nowNs);
    }

    /** One vote per case and elector (SM3). The electorate is that of the filing. */
    vote(caller: Principal, id: bigint, yes: boolean, nowNs: bigint): Result<KnownCase, CaseVoteRefusal> {
        const found = this.find(id);
        if (found === undefined) return err({ kind: 'NotFound' });
        if (samePrincipal(found.accused, caller)) return err({ kind: 'Accused' });
        if (nowNs > found.deadlineNs || !isVotable(found)) return err({ kind: 'CaseClosed' });
        if (!this.electorates.mayVote(caller, found)) return err({ kind: 'NotAnElector' });
        const key = { id, voter: caller };
        if (this.tables.caseVotes.has(key)) return err({ kind: 'AlreadyVoted' });
        this.tables.caseVotes.set(key, yes);
        const counted = { ...found, yes: found.yes + (yes ? 1n : 0n), no: found.no + (yes ? 0n : 1n) };
        return ok(this.decide(counted, nowNs));
    }

    /** Closes cases whose time is over, at most so many; more may be left. */
    sweep(nowNs: bigint, budget: number): number {
        for (let closed = 0; closed < budget; closed++) {
            const due = this.tables.caseDeadlines.firstKey();
            if (due === undefined || due.atNs >= nowNs) return closed;
            this.tables.caseDeadlines.delete(due);
            const found = this.find(due.id);
            if (found?.state === 'Open') this.close(found, 'Rejected', nowNs);
        }
        return budget;
    }

    /** Validators who did not respond to a key leak in time (S2: within two hours); empty before. */
    missedDuty(found: KnownCase, nowNs: bigint): readonly Principal[] {
        if (found.kind !== 'KeyLeak' || nowNs <= found.deadlineNs) return [];
        return this.electorates
            .validatorsOf(found)
            .filter((voter) => !this.tables.caseVotes.has({ id: found.id, voter }));
    }

    private findServing(id: Principal): Result<KnownNode, Refusal<'NotFound' | 'Removed' | 'NotActive'>> {
        const node = this.registry.findLiving(id);
        if (!node.ok) return node;
        const { status } = node.value.record;
        return status === 'Active' || status === 'Inactive' ? node : err({ kind: 'NotActive' });
    }

    private open(
        kind: CaseRecord['kind'],
        caller: Principal,
        charge: Charge,
        forS: bigint,
        nowNs: bigint
    ): Result<KnownCase, Refusal<'CaseOpen' | 'NotFound'>> {
        const before = this.openOf(charge.accused);
        if (before !== undefined) return err({ kind: 'CaseOpen', id: before });
        const nodeClass = this.registry.find(charge.accused)?.record.nodeClass;
        if (nodeClass === undefined) return err({ kind: 'NotFound' });
        const deadlineNs = nowNs + forS * NS_PER_S;
        const record: CaseRecord = {
            ...charge,
            ...this.electorates.freeze(charge.accused, nodeClass),
            kind,
            nodeClass,
            filedBy: caller,
            filedNs: nowNs,
            deadlineNs,
            yes: 0n,
            no: 0n,
            state: 'Open',
            decidedNs: undefined
        };
        const id = this.tables.cases.append(record);
        this.tables.openCaseOf.set(charge.accused, id);
        this.tables.caseDeadlines.set({ atNs: deadlineNs, id }, true);
        this.holds.tell(id);
        return ok({ ...record, id });
    }

    private decide(counted: KnownCase, nowNs: bigint): KnownCase {
        if (counted.state !== 'Open') return this.save(counted);
        if (2n * counted.yes > counted.electorate) {
            const passed = this.close(counted, 'Passed', nowNs);
            this.departures.remove(counted.accused, nowNs);
            return passed;
        }
        const possible = counted.electorate - counted.no;
        // Of a key leak the others have to hear, so its case stays open for their responses.
        const isLost = counted.kind === 'Impeachment' && 2n * possible <= counted.electorate;
        return isLost ? this.close(counted, 'Rejected', nowNs) : this.save(counted);
    }

    private close(found: KnownCase, state: CaseState, nowNs: bigint): KnownCase {
        this.tables.openCaseOf.delete(found.accused);
        if (state === 'Passed') this.holds.drop(found.id);
        else this.holds.tell(found.id);
        return this.save({ ...found, state, decidedNs: nowNs });
    }

    private save(found: KnownCase): KnownCase {
        const { id, ...record } = found;
        this.tables.cases.replace(id, record);
        return found;
    }
}

/** A decided key leak still takes responses: whether a validator heard of it in time is its duty. */
function isVotable(found: KnownCase): boolean {
    return found.state === 'Open' || found.kind === 'KeyLeak';
}

function checkCharge(charge: Charge): Result<void, Refusal<'InvalidArgument'>> {
    if (charge.reason === '' || charge.reason.length > MAX_REASON) {
        return err({ kind: 'InvalidArgument', reason: `reason: 1 to ${MAX_REASON} characters` });
    }
    const isDigest = charge.evidenceHash.length === DIGEST_BYTES;
    return isDigest ? DONE : err({ kind: 'InvalidArgument', reason: 'evidence_hash: 32 bytes' });
}
