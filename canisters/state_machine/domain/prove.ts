import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import { checkProduct, productBytes } from '../../../src/core/poc/product';
import { DONE, err, ok, type Result } from '../../../src/core/result';
import { secondsUp } from './config';
import type { Refusal } from './errors';
import { isFinal, nodeSeedOf, type KnownPoc, type PocBook } from './pocs';
import { isOnline } from './presence';
import type { PocFault, StateTables } from './records';
import type { Registry } from './registry';
import type { ValidatorSet } from './validators';

type StepRefusal = Refusal<'NotFound' | 'Unauthorized' | 'AlreadyFinal' | 'WrongStep' | 'DeadlinePassed'>;

/**
 * The course of a proof of computing up to the canister's own check. Steps that need randomness come in two halves with
 * the draw between them; the second half decides everything again, on what is stored then.
 */
export class Proving {
    constructor(
        private readonly tables: StateTables,
        private readonly registry: Registry,
        private readonly validators: ValidatorSet,
        private readonly book: PocBook
    ) {}

    /** Whether a validator may challenge a node now (AS-32: more than the spacing after the last request). */
    checkRequest(
        caller: Principal,
        node: Principal,
        nowNs: bigint
    ): Result<
        void,
        Refusal<
            'NotAValidator' | 'NotFound' | 'Removed' | 'NotAComputeNode' | 'NodeOffline' | 'AlreadyOpen' | 'TooSoon'
        >
    > {
        if (!this.validators.has(caller)) return err({ kind: 'NotAValidator' });
        const found = this.registry.findLiving(node);
        if (!found.ok) return found;
        const config = this.tables.config.get();
        const { record, presence } = found.value;
        if (record.nodeClass !== 'compute') return err({ kind: 'NotAComputeNode' });
        if (!isOnline(config, presence, nowNs)) return err({ kind: 'NodeOffline' });
        const open = this.book.openOf(node);
        if (open !== undefined) return err({ kind: 'AlreadyOpen', id: open.id });
        const waitNs = record.lastPocNs + config.pocSpacingS * NS_PER_S - nowNs;
        if (record.lastPocNs > 0n && waitNs >= 0n) return err({ kind: 'TooSoon', retryAfterS: secondsUp(waitNs + 1n) });
        return DONE;
    }

    /** Opens a proof with a seed that was drawn after the first check. */
    request(caller: Principal, node: Principal, seed: Uint8Array, nowNs: bigint) {
        const allowed = this.checkRequest(caller, node, nowNs);
        if (!allowed.ok) return allowed;
        this.registry.update(node, { lastPocNs: nowNs });
        return ok(this.book.create(node, caller, seed, this.tables.config.get(), nowNs));
    }

    /** Whether a node may begin; a repeated acceptance gets the seeds that were drawn at the first. */
    checkAccept(caller: Principal, id: bigint, nowNs: bigint): Result<KnownPoc, StepRefusal> {
        const step = this.stepOf(caller, id, nowNs);
        if (!step.ok) return step;
        return step.value.state === 'Requested' || step.value.state === 'Accepted' ? step : err({ kind: 'WrongStep' });
    }

    /** Starts the clock of a proof (T0) with randomness that was drawn after the node asked for it. */
    accept(caller: Principal, id: bigint, randomness: Uint8Array, nowNs: bigint): Result<KnownPoc, StepRefusal> {
        const step = this.checkAccept(caller, id, nowNs);
        if (!step.ok || step.value.state === 'Accepted') return step;
        const poc = step.value;
        const work = { nodeSeed: nodeSeedOf(poc, randomness), acceptedAtNs: nowNs, submittedAtNs: undefined };
        const deadlineNs = nowNs + this.tables.config.get().pocDeadlineS * NS_PER_S;
        return ok(this.book.save({ ...poc, state: 'Accepted', work, deadlineNs }));
    }

    /** Stops the clock (T1) and fixes the product; only then may the check's randomness be drawn. */
    submit(
        caller: Principal,
        id: bigint,
        product: Uint8Array,
        nowNs: bigint
    ): Result<KnownPoc, StepRefusal | Refusal<'WrongSize'>> {
        const step = this.stepOf(caller, id, nowNs);
        if (!step.ok) return step;
        const { work, dimension } = step.value;
        if (step.value.state !== 'Accepted' || work === undefined) return err({ kind: 'WrongStep' });
        const expected = productBytes(dimension);
        if (product.length !== expected) return err({ kind: 'WrongSize', expectedBytes: BigInt(expected) });
        this.book.keepProduct(id, product);
        const deadlineNs = nowNs + this.tables.config.get().pocAttestationS * NS_PER_S;
        const submitted = { ...step.value, state: 'Submitted', deadlineNs } as const;
        return ok(this.book.save({ ...submitted, work: { ...work, submittedAtNs: nowNs } }));
    }

    /** The canister's own check, with randomness drawn after the submission. Does nothing when it was done already. */
    check(id: bigint, randomness: Uint8Array, nowNs: bigint): KnownPoc | undefined {
        const poc = this.book.find(id);
        const product = this.book.product(id);
        if (poc?.state !== 'Submitted' || poc.work === undefined || product === undefined) return poc;
        this.book.noteChecked(id);
        const { dimension, seed, work } = poc;
        const verdict = checkProduct({ dimension, seed, nodeSeed: work.nodeSeed }, product, randomness);
        if (!verdict.ok) return this.fail(poc, 'WrongProduct', nowNs);
        return this.book.save({ ...poc, state: 'Attesting' });
    }

    /** Ends a proof against the node. */
    fail(poc: KnownPoc, fault: PocFault, nowNs: bigint): KnownPoc {
        this.registry.apply(poc.node, 'poc_failed', nowNs);
        return this.book.close(poc, 'Failed', nowNs, fault);
    }

    /** Ends a proof whose step was not done in time: by the node its failure, by the validators nobody's. */
    expire(poc: KnownPoc, nowNs: bigint): KnownPoc {
        if (poc.state === 'Requested') return this.fail(poc, 'NotAccepted', nowNs);
        if (poc.state === 'Accepted') return this.fail(poc, 'NotSubmitted', nowNs);
        return this.book.close(poc, 'Lapsed', nowNs);
    }

    /** Ends overdue proofs, at most so many; more may be left. */
    sweep(nowNs: bigint, budget: number): number {
        for (let swept = 0; swept < budget; swept++) {
            const overdue = this.book.nextOverdue(nowNs);
            if (overdue === undefined) return swept;
            this.expire(overdue, nowNs);
        }
        return budget;
    }

    private stepOf(caller: Principal, id: bigint, nowNs: bigint): Result<KnownPoc, StepRefusal> {
        const poc = this.book.find(id);
        if (poc === undefined) return err({ kind: 'NotFound' });
        if (poc.node.compareTo(caller) !== 'eq') return err({ kind: 'Unauthorized' });
        if (isFinal(poc)) return err({ kind: 'AlreadyFinal' });
        if (nowNs <= poc.deadlineNs) return ok(poc);
        this.expire(poc, nowNs);
        return err({ kind: 'DeadlinePassed' });
    }
}
