/** Candid types of proposals and votes. */
import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { CandidAccount } from '../../../src/core/account';
import { PocPolicyView, PocSpecView } from '../../../src/azle/poc_candid';
import { AirdropClass, AirdropList } from './airdrops_idl';
import type * as airdrops from './airdrops_idl';
import { Account } from './idl';
import { Profile } from './profile_idl';

const Document = IDL.Record({ url: IDL.Text, hash: IDL.Vec(IDL.Nat8) });
interface Document {
    url: string;
    hash: Uint8Array;
}

/** What leaves the purse; the payee bears the ledger's fee. */
const Payment = IDL.Record({ to: Account, amount_e8s: IDL.Nat });
interface Payment {
    to: CandidAccount;
    amount_e8s: bigint;
}

const Call = IDL.Record({ canister: IDL.Text, method: IDL.Text, args: IDL.Vec(IDL.Nat8) });
interface Call {
    canister: string;
    method: string;
    args: Uint8Array;
}

const Role = IDL.Variant({
    /** Who another canister of the suite is, as far as this one is concerned. */
    Peer: IDL.Record({ canister: IDL.Text, id: IDL.Principal }),
    /** Who may submit jobs for the owners of API keys. */
    Gateway: IDL.Record({ who: IDL.Principal, granted: IDL.Bool }),
    /** Who governs a canister of the suite; `null`: this canister, by its proposals. */
    Governance: IDL.Record({ canister: IDL.Text, to: IDL.Opt(IDL.Principal) })
});
type Role =
    | { Peer: { canister: string; id: Principal } }
    | { Gateway: { who: Principal; granted: boolean } }
    | { Governance: { canister: string; to: [] | [Principal] } };

const ProfileChange = IDL.Record({ from_epoch: IDL.Nat64, profile: Profile });
const Airdrop = IDL.Record({
    class: AirdropClass,
    total_e8s: IDL.Nat,
    expires_ns: IDL.Nat64,
    list: AirdropList
});
interface Airdrop {
    class: airdrops.AirdropClass;
    total_e8s: bigint;
    expires_ns: bigint;
    list: airdrops.AirdropList;
}

export const ProposalKind = IDL.Variant({
    Text: IDL.Null,
    UserRewardRule: Document,
    PocStandard: Document,
    /** The next version of EMC-PoC-1, from a later epoch on. */
    PocSpec: PocSpecView,
    /** Who verifies proofs of computing, and how often nodes may be asked. */
    PocPolicy: PocPolicyView,
    DeveloperGrant: Payment,
    TreasurySpend: Payment,
    ProfileChange,
    Airdrop,
    ElectCommittee: IDL.Vec(IDL.Principal),
    OpenValidatorBatch: IDL.Null,
    AdmitValidators: IDL.Vec(IDL.Principal),
    SetRole: Role,
    Call
});
export type ProposalKind =
    | { Text: null }
    | { UserRewardRule: Document }
    | { PocStandard: Document }
    | { PocSpec: PocSpecView }
    | { PocPolicy: PocPolicyView }
    | { DeveloperGrant: Payment }
    | { TreasurySpend: Payment }
    | { ProfileChange: { from_epoch: bigint; profile: Profile } }
    | { Airdrop: Airdrop }
    | { ElectCommittee: Principal[] }
    | { OpenValidatorBatch: null }
    | { AdmitValidators: Principal[] }
    | { SetRole: Role }
    | { Call: Call };

export const SubmitProposalArgs = IDL.Record({ title: IDL.Text, summary: IDL.Text, kind: ProposalKind });
export interface SubmitProposalArgs {
    title: string;
    summary: string;
    kind: ProposalKind;
}

/** What an SNS shows to its voters, or why it lets nobody vote. */
export const Rendering = IDL.Variant({ Ok: IDL.Text, Err: IDL.Text });
export type Rendering = { Ok: string } | { Err: string };

export const Choice = IDL.Variant({ Yes: IDL.Null, No: IDL.Null, Abstain: IDL.Null });
export type Choice = { Yes: null } | { No: null } | { Abstain: null };

const ProposalState = IDL.Variant({
    Open: IDL.Null,
    /** `note`: why the last attempt did not run. */
    Passed: IDL.Record({ executable_ns: IDL.Nat64, note: IDL.Text }),
    Rejected: IDL.Record({ vetoed: IDL.Bool }),
    Executing: IDL.Null,
    Executed: IDL.Record({ at_ns: IDL.Nat64, transfer: IDL.Opt(IDL.Nat64) }),
    Failed: IDL.Record({ at_ns: IDL.Nat64, reason: IDL.Text })
});

export const ProposalView = IDL.Record({
    id: IDL.Nat64,
    proposer: IDL.Principal,
    title: IDL.Text,
    summary: IDL.Text,
    kind: ProposalKind,
    submitted_ns: IDL.Nat64,
    ends_ns: IDL.Nat64,
    total_power_e8s: IDL.Nat,
    yes_e8s: IDL.Nat,
    no_e8s: IDL.Nat,
    abstain_e8s: IDL.Nat,
    votes: IDL.Nat64,
    state: ProposalState
});
export interface ProposalView {
    id: bigint;
    proposer: Principal;
    title: string;
    summary: string;
    kind: ProposalKind;
    submitted_ns: bigint;
    ends_ns: bigint;
    total_power_e8s: bigint;
    yes_e8s: bigint;
    no_e8s: bigint;
    abstain_e8s: bigint;
    votes: bigint;
    state: object;
}

export const VoteView = IDL.Record({
    voter: IDL.Principal,
    choice: Choice,
    power_e8s: IDL.Nat,
    at_ns: IDL.Nat64
});
export interface VoteView {
    voter: Principal;
    choice: Choice;
    power_e8s: bigint;
    at_ns: bigint;
}

export const VotingPower = IDL.Record({ power_e8s: IDL.Nat, total_e8s: IDL.Nat });
export interface VotingPower {
    power_e8s: bigint;
    total_e8s: bigint;
}

export const Committee = IDL.Record({
    members: IDL.Vec(IDL.Principal),
    proposal: IDL.Opt(IDL.Nat64),
    since_ns: IDL.Nat64
});
export interface Committee {
    members: Principal[];
    proposal: [] | [bigint];
    since_ns: bigint;
}

export const Adopted = IDL.Record({
    url: IDL.Text,
    hash: IDL.Vec(IDL.Nat8),
    proposal: IDL.Nat64,
    at_ns: IDL.Nat64
});
export interface Adopted extends Document {
    proposal: bigint;
    at_ns: bigint;
}
