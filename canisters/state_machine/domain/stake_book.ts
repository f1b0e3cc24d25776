import type { Principal } from '@dfinity/principal';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { Duties } from './duties';
import type { KnownStake } from './duty_records';
import type { Newcomers } from './newcomers';
import type { StateTables } from './records';
import type { NodeStake } from './stakes';

/** What this canister knows of stakes: rewards holds them, and is asked in rounds. */
export class StakeBook {
    constructor(
        private readonly tables: StateTables,
        private readonly duties: Duties,
        private readonly newcomers: Newcomers
    ) {}

    find(node: Principal): KnownStake | undefined {
        return this.tables.stakes.get(node);
    }

    /** Takes over what rewards answered; a stake that is over, or used up, is none. */
    learn(node: Principal, nodeClass: NodeClass, stake: NodeStake | undefined, nowNs: bigint): void {
        const isGood = stake?.nodeClass === nodeClass && stake.remainingE8s > 0n && stake.endNs > nowNs;
        if (!isGood) return this.forget(node);
        this.newcomers.graduate(node);
        const known = this.find(node);
        if (known?.endNs !== stake.endNs) {
            if (known === undefined) this.countElector(node, 1n);
            this.tables.stakes.set(node, { endNs: stake.endNs, sinceNs: known?.sinceNs ?? nowNs });
        } else if (this.duties.has(node)) return;
        this.duties.begin(node, nowNs);
    }

    /** The node has no stake any more, and with it no duty and no vote. */
    forget(node: Principal): void {
        if (this.find(node) === undefined) return;
        this.countElector(node, -1n);
        this.tables.stakes.delete(node);
        this.duties.end(node);
    }

    private countElector(node: Principal, change: 1n | -1n): void {
        const record = this.tables.nodes.get(node);
        if (record?.status !== 'Active') return;
        const counts = this.tables.electors.get();
        this.tables.electors.set({ ...counts, [record.nodeClass]: counts[record.nodeClass] + change });
    }
}
