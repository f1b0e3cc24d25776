import { IDL } from 'azle';
import { Principal } from '@dfinity/principal';
import { cachedCell } from '../core/cached_cell';
import { codecOf, optional, principal } from '../core/codec';
import { samePrincipal } from '../core/principals';
import type { Cell, TableFactory } from '../core/table';

/** Answer of `set_governance`. */
export const SetGovernanceResult = IDL.Variant({
    Ok: IDL.Null,
    Err: IDL.Variant({ Unauthorized: IDL.Null, InvalidArgument: IDL.Text })
});
export type CandidSetGovernanceResult =
    { Ok: null } | { Err: { Unauthorized: null } } | { Err: { InvalidArgument: string } };

/**
 * Who governs the canister (architecture.md §4, domain.md C.0): the rewards canister executing its proposals, until the governor
 * hands the seat to another principal, as the governance canister of an SNS. Stable memory keeps it across upgrades; where it
 * was never stored the rewards canister governs, so that it needs no schema of its own.
 */
export class GovernanceSeat {
    private readonly named: Cell<Principal | undefined>;

    /** @param rewards the rewards canister, as far as it is known: who governs while nobody else is named */
    constructor(
        tables: TableFactory,
        private readonly rewards: () => Principal | undefined
    ) {
        this.named = cachedCell(tables.cell('governance', codecOf(optional(principal)), undefined));
    }

    /** Who governs; undefined while that is the rewards canister and its id is not known. */
    holder(): Principal | undefined {
        return this.named.get() ?? this.rewards();
    }

    isHeldBy(who: Principal): boolean {
        const holder = this.holder();
        return holder !== undefined && samePrincipal(holder, who);
    }

    /** Names the first governor, at installation; without one the rewards canister governs. Nobody, as one, traps. */
    found(governor: Principal | undefined): void {
        if (governor === undefined) return;
        if (!canGovern(governor)) throw new NoGovernor(governor.toText());
        this.named.set(governor);
    }

    /** `set_governance`: the governor alone hands the seat over; `undefined` gives it back to the rewards canister. */
    handOver(to: Principal | undefined, isGovernor: boolean): CandidSetGovernanceResult {
        if (!isGovernor) return { Err: { Unauthorized: null } };
        if (to !== undefined && !canGovern(to)) return { Err: { InvalidArgument: 'governance' } };
        this.named.set(to);
        return { Ok: null };
    }
}

/** The canister was to be installed under a governor that cannot be one. */
export class NoGovernor extends Error {
    constructor(readonly principal: string) {
        super(`${principal} cannot govern`);
        this.name = 'NoGovernor';
    }
}

/** Everybody could speak for the anonymous principal, and nobody for the management canister. */
function canGovern(who: Principal): boolean {
    return !who.isAnonymous() && !samePrincipal(who, Principal.managementCanister());
}
