import type { Principal } from '@dfinity/principal';
import { samePrincipal } from '../../../src/core/principals';
import type { Cell } from '../../../src/core/table';
import { err, ok, type Result } from '../../../src/core/result';
import type { Refusal } from './errors';

/** Applicants of one batch at most: each holds a validator's whole stake, and the batch with the most places has 13. */
export const MAX_APPLICANTS = 100;

/** The application window that governance has opened (S2 §2); there is one at a time. */
export interface ValidatorBatch {
    readonly openedNs: bigint;
    /** In the order of their applications. */
    readonly applicants: readonly Principal[];
}

/** What the batch keeps. */
export interface BatchTables {
    readonly validatorBatch: Cell<ValidatorBatch | undefined>;
}

/** Who applies for the places that complete the validator set to 3F+1. It stays open until its places are filled. */
export class BatchBook {
    constructor(private readonly tables: BatchTables) {}

    find(): ValidatorBatch | undefined {
        return this.tables.validatorBatch.get();
    }

    open(nowNs: bigint): Result<ValidatorBatch, Refusal<'BatchOpen'>> {
        if (this.find() !== undefined) return err({ kind: 'BatchOpen' });
        const batch = { openedNs: nowNs, applicants: [] };
        this.tables.validatorBatch.set(batch);
        return ok(batch);
    }

    /** Adds a candidate; one that has applied already changes nothing. */
    add(node: Principal): Result<ValidatorBatch, Refusal<'NoBatchOpen' | 'TooLarge'>> {
        const batch = this.find();
        if (batch === undefined) return err({ kind: 'NoBatchOpen' });
        if (hasApplied(batch, node)) return ok(batch);
        if (batch.applicants.length >= MAX_APPLICANTS) return err({ kind: 'TooLarge', max: MAX_APPLICANTS });
        const grown = { ...batch, applicants: [...batch.applicants, node] };
        this.tables.validatorBatch.set(grown);
        return ok(grown);
    }

    /** The places are filled. */
    close(): void {
        this.tables.validatorBatch.set(undefined);
    }
}

/** Whether the node is among the applicants of a batch. */
export function hasApplied(batch: ValidatorBatch, node: Principal): boolean {
    return batch.applicants.some((applicant) => samePrincipal(applicant, node));
}
