import { IDL } from 'azle';
import { cachedCell } from '../core/cached_cell';
import { bool, codecOf } from '../core/codec';
import type { Cell, TableFactory } from '../core/table';
import { refuseUpdatesWhile } from './endpoint';
import type { Metric } from './http';

export const SetPausedResult = IDL.Variant({ Ok: IDL.Null, Err: IDL.Variant({ Unauthorized: IDL.Null }) });
export type CandidSetPausedResult = { Ok: null } | { Err: { Unauthorized: null } };

/**
 * Whether the canister is paused (C.0, C.9). Stable memory keeps it across upgrades; where it was never stored the canister
 * is not paused, so that it needs no schema of its own. From its creation on the methods of `endpoint.ts` obey it.
 */
export class PauseSwitch {
    private readonly cell: Cell<boolean>;

    constructor(tables: TableFactory) {
        this.cell = cachedCell(tables.cell('paused', codecOf(bool), false));
        refuseUpdatesWhile(() => this.isPaused());
    }

    isPaused(): boolean {
        return this.cell.get();
    }

    /** Setting what is set already changes nothing. */
    set(paused: boolean, mayPause: boolean): CandidSetPausedResult {
        if (!mayPause) return { Err: { Unauthorized: null } };
        this.cell.set(paused);
        return { Ok: null };
    }

    metric(): Metric {
        const value = this.isPaused() ? 1 : 0;
        return { name: 'emc_canister_paused', help: 'Whether user updates are refused', kind: 'gauge', value };
    }
}
