/** Candid ⇄ domain for holders' stakes, votes and airdrops. */
import type { Principal } from '@dfinity/principal';
import { toCandidAccount } from '../../../src/core/account';
import { unreachable } from '../../../src/core/assert';
import type { Choice } from '../../../src/core/governance/tally';
import type { AirdropRow } from '../domain/airdrops/airdrop_rows';
import type { Adopted, Committee, VoteRow } from '../domain/governance/governance_rows';
import type { HolderStakeRow } from '../domain/holders/holder_rows';
import { holderAccount } from '../domain/holders/holders';
import type { AirdropView } from './airdrops_idl';
import type * as governance from './governance_idl';
import type { HolderStakeView } from './holders_idl';

export function toHolderStakeView(self: Principal, id: bigint, row: HolderStakeRow): HolderStakeView {
    return {
        id,
        staker: toCandidAccount(row.staker),
        amount_e8s: row.amountE8s,
        term_days: row.termDays,
        apr_basis_points: row.aprBasisPoints,
        reward_e8s: row.rewardE8s,
        reward_paid_e8s: row.rewardPaidE8s,
        start_ns: row.startNs,
        end_ns: row.endNs,
        state: toHolderState(row),
        voting_power_e8s: row.powerE8s,
        account: toCandidAccount(holderAccount(self, id))
    };
}

function toHolderState(row: HolderStakeRow): object {
    switch (row.phase) {
        case 'pending':
            return { Pending: null };
        case 'refused':
            return { Refused: null };
        case 'active':
            return { Active: null };
        case 'collecting':
        case 'paying':
            return { Paying: null };
        case 'owing':
        case 'withdrawn':
            return { Withdrawn: { owed_e8s: row.rewardE8s - row.rewardPaidE8s } };
        default:
            return unreachable(row.phase);
    }
}

export function fromChoice(choice: governance.Choice): Choice {
    if ('Yes' in choice) return 'yes';
    return 'No' in choice ? 'no' : 'abstain';
}

export function toVoteView({ voter, choice, powerE8s, atNs }: VoteRow): governance.VoteView {
    const names = { yes: { Yes: null }, no: { No: null }, abstain: { Abstain: null } };
    return { voter, choice: names[choice], power_e8s: powerE8s, at_ns: atNs };
}

export function toCommittee({ members, proposal, sinceNs }: Committee): governance.Committee {
    return { members: [...members], proposal: proposal === undefined ? [] : [proposal], since_ns: sinceNs };
}

export function toAdopted(adopted: Adopted | undefined): [] | [governance.Adopted] {
    if (adopted === undefined) return [];
    const { url, hash, proposal, atNs } = adopted;
    return [{ url, hash, proposal, at_ns: atNs }];
}

export function toAirdropView(id: bigint, row: AirdropRow): AirdropView {
    return {
        id,
        class: { [row.class]: null },
        total_e8s: row.totalE8s,
        claimed_e8s: row.claimedE8s,
        claims: row.claims,
        root: row.root === undefined ? [] : [row.root],
        count: row.count,
        created_ns: row.createdNs,
        expires_ns: row.expiresNs,
        proposal: row.proposal,
        closed: row.closed
    };
}
