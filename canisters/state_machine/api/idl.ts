import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { CandidAccount } from '../../../src/core/account';
import { CandidPeers } from '../../../src/azle/peers';
import { NODE_CLASSES, NODE_STATUSES, type NodeStatus } from '../domain/status';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import { PocInit } from './poc_idl';
import { tags, type Opt, type Tag } from './tags';

export { tags, type Opt, type Tag } from './tags';

export const CandidAccountType = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });
export const CandidClass = tags(NODE_CLASSES);

export const InitArgs = IDL.Record({
    online_window_s: IDL.Opt(IDL.Nat64),
    status_spacing_s: IDL.Opt(IDL.Nat64),
    verification_period_s: IDL.Opt(IDL.Nat64),
    poc: IDL.Opt(PocInit),
    round_timeout_s: IDL.Opt(IDL.Nat64),
    round_doublings: IDL.Opt(IDL.Nat32),
    validator_window_s: IDL.Opt(IDL.Nat64),
    router_window_s: IDL.Opt(IDL.Nat64),
    compute_window_s: IDL.Opt(IDL.Nat64),
    impeachment_s: IDL.Opt(IDL.Nat64),
    key_leak_s: IDL.Opt(IDL.Nat64),
    stake_sync_s: IDL.Opt(IDL.Nat64),
    profile: IDL.Opt(IDL.Text),
    peers: IDL.Opt(CandidPeers),
    /** Who governs; default: the rewards canister. Counts at installation. */
    governance: IDL.Opt(IDL.Principal)
});

export interface InitArgs {
    online_window_s: Opt<bigint>;
    status_spacing_s: Opt<bigint>;
    verification_period_s: Opt<bigint>;
    poc: Opt<PocInit>;
    round_timeout_s: Opt<bigint>;
    round_doublings: Opt<number>;
    validator_window_s: Opt<bigint>;
    router_window_s: Opt<bigint>;
    compute_window_s: Opt<bigint>;
    impeachment_s: Opt<bigint>;
    key_leak_s: Opt<bigint>;
    stake_sync_s: Opt<bigint>;
    profile: Opt<string>;
    peers: Opt<CandidPeers>;
    governance: Opt<Principal>;
}

export const ConfigView = IDL.Record({
    online_window_s: IDL.Nat64,
    status_spacing_s: IDL.Nat64,
    verification_period_s: IDL.Nat64,
    round_timeout_s: IDL.Nat64,
    round_doublings: IDL.Nat32,
    validator_window_s: IDL.Nat64,
    router_window_s: IDL.Nat64,
    compute_window_s: IDL.Nat64,
    impeachment_s: IDL.Nat64,
    key_leak_s: IDL.Nat64,
    stake_sync_s: IDL.Nat64,
    profile: IDL.Text
});

export interface ConfigView {
    online_window_s: bigint;
    status_spacing_s: bigint;
    verification_period_s: bigint;
    round_timeout_s: bigint;
    round_doublings: number;
    validator_window_s: bigint;
    router_window_s: bigint;
    compute_window_s: bigint;
    impeachment_s: bigint;
    key_leak_s: bigint;
    stake_sync_s: bigint;
    profile: string;
}

export const NodeView = IDL.Record({
    node: IDL.Principal,
    class: CandidClass,
    status: tags(NODE_STATUSES),
    wallet: IDL.Opt(CandidAccountType),
    region: IDL.Text,
    bandwidth_mbps: IDL.Nat32,
    registered_at_ns: IDL.Nat64,
    last_status_ns: IDL.Nat64,
    last_consensus_ns: IDL.Nat64,
    last_poc_ns: IDL.Nat64,
    e_value_e8: IDL.Nat,
    online: IDL.Bool,
    queue_depth: IDL.Nat32,
    capacity: IDL.Nat32,
    apps: IDL.Vec(IDL.Text),
    version: IDL.Text
});

export interface NodeView {
    node: Principal;
    class: Tag<NodeClass>;
    status: Tag<NodeStatus>;
    wallet: Opt<CandidAccount>;
    region: string;
    bandwidth_mbps: number;
    registered_at_ns: bigint;
    last_status_ns: bigint;
    last_consensus_ns: bigint;
    last_poc_ns: bigint;
    e_value_e8: bigint;
    online: boolean;
    queue_depth: number;
    capacity: number;
    apps: string[];
    version: string;
}

export const NodePage = IDL.Record({ nodes: IDL.Vec(NodeView), next: IDL.Opt(IDL.Nat64) });
export interface NodePage {
    nodes: NodeView[];
    next: Opt<bigint>;
}

export const RegisterArgs = IDL.Record({
    class: CandidClass,
    public_key: IDL.Vec(IDL.Nat8),
    region: IDL.Text,
    bandwidth_mbps: IDL.Nat32
});
export interface RegisterArgs {
    class: Tag<NodeClass>;
    public_key: Uint8Array;
    region: string;
    bandwidth_mbps: number;
}

export const StatusReportArgs = IDL.Record({
    queue_depth: IDL.Nat32,
    capacity: IDL.Nat32,
    apps: IDL.Vec(IDL.Text),
    version: IDL.Text
});
export interface StatusReportArgs {
    queue_depth: number;
    capacity: number;
    apps: string[];
    version: string;
}

export const ProposalView = IDL.Record({ account: CandidAccountType, expires_at_ns: IDL.Nat64 });
export interface ProposalView {
    account: CandidAccount;
    expires_at_ns: bigint;
}

export const RebindArgs = IDL.Record({ node: IDL.Principal, account: CandidAccountType });
export interface RebindArgs {
    node: Principal;
    account: CandidAccount;
}

export const ValidatorsView = IDL.Record({
    validators: IDL.Vec(IDL.Principal),
    quorum: IDL.Nat64,
    set_size_valid: IDL.Bool,
    next_batch_size: IDL.Nat64
});
export interface ValidatorsView {
    validators: Principal[];
    quorum: bigint;
    set_size_valid: boolean;
    next_batch_size: bigint;
}

export const BatchView = IDL.Record({
    opened_at_ns: IDL.Nat64,
    slots: IDL.Nat64,
    applicants: IDL.Vec(IDL.Principal)
});
export interface BatchView {
    opened_at_ns: bigint;
    /** Places that complete the set to 3F+1 as it stands now. */
    slots: bigint;
    applicants: Principal[];
}

export const SnapshotArgs = IDL.Record({ at_ns: IDL.Nat64, start: IDL.Nat64, take: IDL.Nat64 });
export interface SnapshotArgs {
    at_ns: bigint;
    start: bigint;
    take: bigint;
}

export const SnapshotPage = IDL.Record({
    nodes: IDL.Vec(IDL.Record({ node: IDL.Principal, class: CandidClass, e_value_e8: IDL.Nat, eligible: IDL.Bool })),
    next: IDL.Opt(IDL.Nat64)
});
export interface SnapshotPage {
    nodes: { node: Principal; class: Tag<NodeClass>; e_value_e8: bigint; eligible: boolean }[];
    next: Opt<bigint>;
}
