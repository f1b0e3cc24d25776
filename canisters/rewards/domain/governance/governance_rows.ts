/** Rows of governance: voting power, proposals, votes, the committee and what was adopted. */
import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../../src/core/account';
import type { Checkpoint } from '../../../../src/core/governance/power';
import type { Choice, Tally } from '../../../../src/core/governance/tally';
import type { CanisterName } from '../../../../src/core/peers';
import type { Cell, Lists, Log, OrderedTable, Table } from '../../../../src/core/table';
import type { AirdropOrder } from '../airdrops/airdrop_rows';
import type { ProfileChange } from '../profiles/profile_change';

/** A document that voters agreed on: where it is, and its SHA-256. */
export interface Document {
    readonly url: string;
    readonly hash: Uint8Array;
}

/** A call that a passed proposal makes; `args` are Candid. */
export interface RemoteCall {
    readonly canister: CanisterName;
    readonly method: string;
    readonly args: Uint8Array;
}

/** What a proposal pays, and to whom. */
export interface Payment {
    readonly to: Account;
    /** What leaves the purse; the payee bears the ledger's fee. */
    readonly amountE8s: bigint;
}

/** What a proposal does when it has passed (domain.md C.3). */
export type ProposalAction =
    | { readonly kind: 'text' }
    | ({ readonly kind: 'user_reward_rule' } & Document)
    | ({ readonly kind: 'poc_standard' } & Document)
    | ({ readonly kind: 'developer_grant' } & Payment)
    | ({ readonly kind: 'treasury_spend' } & Payment)
    | ({ readonly kind: 'profile_change' } & ProfileChange)
    | ({ readonly kind: 'airdrop' } & AirdropOrder)
    | { readonly kind: 'elect_committee'; readonly members: readonly Principal[] }
    | { readonly kind: 'set_peer'; readonly canister: CanisterName; readonly id: Principal }
    | ({ readonly kind: 'call' } & RemoteCall);

/** open → passed → executing → executed or failed; open → rejected; passed → rejected by the committee’s veto. */
export type ProposalState =
    | { readonly kind: 'open' }
    /** Executed from `executableNs` on. */
    | { readonly kind: 'passed'; readonly executableNs: bigint; readonly note: string }
    | { readonly kind: 'rejected'; readonly vetoed: boolean }
    /** Its call is under way. */
    | { readonly kind: 'executing'; readonly sinceNs: bigint }
    | { readonly kind: 'executed'; readonly atNs: bigint; readonly transferId?: bigint }
    | { readonly kind: 'failed'; readonly atNs: bigint; readonly reason: string };

/** A proposal, with what decides it: the tally, and all power just before its submission, in e8s. */
export interface ProposalRow {
    readonly proposer: Principal;
    readonly title: string;
    readonly summary: string;
    readonly action: ProposalAction;
    readonly submittedNs: bigint;
    readonly endsNs: bigint;
    /** Of all owners, just before the submission. */
    readonly totalPowerE8s: bigint;
    readonly tally: Tally;
    readonly votes: bigint;
    readonly state: ProposalState;
}

/** A ballot: never changed once cast. */
export interface VoteRow {
    readonly voter: Principal;
    readonly choice: Choice;
    readonly powerE8s: bigint;
    readonly atNs: bigint;
}

/** A voter has one ballot per proposal (R9). */
export interface VoteKey {
    readonly proposal: bigint;
    readonly voter: Principal;
}

/** When a proposal is to be looked at next, and which. */
export interface ProposalKey {
    readonly atNs: bigint;
    readonly id: bigint;
}

/** Who may veto, by which election; without a proposal it is the empty one of the start. */
export interface Committee {
    readonly members: readonly Principal[];
    readonly proposal?: bigint;
    readonly sinceNs: bigint;
}

/** A document in force, and the proposal that adopted it. */
export interface Adopted extends Document {
    readonly proposal: bigint;
    readonly atNs: bigint;
}

/** Tables of governance. Power is kept as a history of checkpoints, in e8s. */
export interface GovernanceTables {
    readonly powerOf: Lists<Principal, Checkpoint>;
    readonly totalPower: Log<Checkpoint>;
    readonly proposals: Log<ProposalRow>;
    readonly ballots: Table<VoteKey, VoteRow>;
    /** Voters of a proposal, in the order of their votes. */
    readonly voters: Lists<bigint, Principal>;
    /** Members of the committee that object to a passed proposal. */
    readonly vetoes: Table<bigint, readonly Principal[]>;
    /** Proposals whose vote ends, or whose execution is due. */
    readonly proposalsDue: OrderedTable<ProposalKey, null>;
    readonly openProposals: Cell<bigint>;
    readonly committee: Cell<Committee>;
    readonly pocStandard: Cell<Adopted | undefined>;
    readonly rewardRule: Cell<Adopted | undefined>;
}
