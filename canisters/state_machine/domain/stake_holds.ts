import type { Principal } from '@dfinity/principal';
import type { CaseRecord } from './duty_records';
import type { StateTables } from './records';

/** What rewards is to know of a case: whether the accused's stake must not be released. */
export interface StakeHold {
    readonly id: bigint;
    readonly node: Principal;
    readonly open: boolean;
}

/**
 * Stakes of accused nodes stay where they are while their case is open (C.1 `file_impeachment`). What rewards should know
 * follows from the case, so only the debt of telling it is kept: written in the message that opens or closes the case, and
 * paid until rewards answers what stands now. A passed case ends by the forfeiture, which must not find the stake released.
 */
export class StakeHolds {
    constructor(private readonly tables: Pick<StateTables, 'cases' | 'holdOutbox' | 'heldStakes'>) {}

    /** The case was opened, or closed without a forfeiture. */
    tell(id: bigint): void {
        this.tables.holdOutbox.set(id, true);
    }

    /** The forfeiture takes the stake: nothing is to be told any more. */
    drop(id: bigint): void {
        this.tables.holdOutbox.delete(id);
        this.tables.heldStakes.delete(id);
    }

    pending(): number {
        return this.tables.holdOutbox.size();
    }

    /** Whether rewards keeps the accused's stake back. */
    isHeld(id: bigint): boolean {
        return this.tables.heldStakes.has(id);
    }

    /** The oldest that rewards has not acknowledged: an earlier case's end goes before a later one's beginning. */
    next(): StakeHold | undefined {
        const id = this.tables.holdOutbox.firstKey();
        const found = id === undefined ? undefined : this.tables.cases.get(id);
        return id === undefined || found === undefined ? undefined : { id, node: found.accused, open: isOpen(found) };
    }

    /** Rewards has taken it over. The case may have been decided meanwhile: then there is more to tell. */
    settle({ id, open }: StakeHold): void {
        const found = this.tables.cases.get(id);
        if (found === undefined || !this.tables.holdOutbox.has(id)) return;
        if (open) this.tables.heldStakes.set(id, true);
        else this.tables.heldStakes.delete(id);
        if (isOpen(found) === open) this.tables.holdOutbox.delete(id);
    }
}

function isOpen(found: CaseRecord): boolean {
    return found.state === 'Open';
}
