/** Who decides: the voters of this canister, or whoever else holds governance (docs/decisions/0026-who-governs.md). */
import type { Principal } from '@dfinity/principal';
import { samePrincipal } from '../../../../src/core/principals';
import type { ProposalRow } from './governance_rows';

/** This canister, and who governs it: itself, unless governance was handed to another principal. */
export interface Authority {
    readonly self: Principal;
    readonly governor: Principal;
}

/** Whether the votes of this canister decide. */
export function isOwnVenue({ self, governor }: Authority): boolean {
    return samePrincipal(self, governor);
}

/** Whether a row was decided elsewhere, by the governor of its day: nobody could vote on it here. */
export function isEnacted({ submittedNs, endsNs }: ProposalRow): boolean {
    return submittedNs === endsNs;
}

/** Whether who decided a row still governs; what the one before has decided is not carried out. */
export function hasMandate(row: ProposalRow, { self, governor }: Authority): boolean {
    return samePrincipal(isEnacted(row) ? row.proposer : self, governor);
}
