import type { Principal } from '@dfinity/principal';
import { toCandidAccount } from '../../../src/core/account';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { StateMachineConfig } from '../domain/config';
import { unpackAbout } from '../domain/about';
import { isOnline, statusAt, type StatusReport } from '../domain/presence';
import type { KnownNode, NodeProfile, Presence, WalletProposal } from '../domain/records';
import type { Application, Page } from '../domain/registry';
import type { NodeWeightFacts } from '../domain/snapshot';
import { NODE_CLASSES } from '../domain/status';
import type { ValidatorBatch } from '../domain/validator_batch';
import { isValidSetSize, nextBatchSize, type ValidatorSet } from '../domain/validators';
import { toTag } from './errors';
import type {
    BatchView,
    ConfigView,
    InitArgs,
    NodePage,
    NodeView,
    Opt,
    ProposalView,
    RegisterArgs,
    SnapshotPage,
    StatusReportArgs,
    Tag,
    ValidatorsView
} from './idl';

/** Candid's `opt` of a value that may be undefined. */
export function toOpt<T>(value: T | undefined): Opt<T> {
    return value === undefined ? [] : [value];
}

/** The node class of its Candid variant. */
export function fromClass(tag: Tag<NodeClass>): NodeClass {
    return NODE_CLASSES.find((name) => name in tag) ?? 'compute';
}

export function fromInitArgs(args: InitArgs | undefined): Partial<StateMachineConfig> {
    if (args === undefined) return {};
    return {
        onlineWindowS: args.online_window_s[0],
        statusSpacingS: args.status_spacing_s[0],
        verificationPeriodS: args.verification_period_s[0],
        roundTimeoutS: args.round_timeout_s[0],
        roundDoublings: args.round_doublings[0],
        validatorWindowS: args.validator_window_s[0],
        routerWindowS: args.router_window_s[0],
        computeWindowS: args.compute_window_s[0],
        impeachmentS: args.impeachment_s[0],
        keyLeakS: args.key_leak_s[0],
        stakeSyncS: args.stake_sync_s[0],
        profile: args.profile[0]
    };
}

export function toConfigView(config: StateMachineConfig): ConfigView {
    return {
        online_window_s: config.onlineWindowS,
        status_spacing_s: config.statusSpacingS,
        verification_period_s: config.verificationPeriodS,
        round_timeout_s: config.roundTimeoutS,
        round_doublings: config.roundDoublings,
        validator_window_s: config.validatorWindowS,
        router_window_s: config.routerWindowS,
        compute_window_s: config.computeWindowS,
        impeachment_s: config.impeachmentS,
        key_leak_s: config.keyLeakS,
        stake_sync_s: config.stakeSyncS,
        profile: config.profile
    };
}

export function fromRegisterArgs(args: RegisterArgs): Application {
    return {
        nodeClass: fromClass(args.class),
        publicKey: Uint8Array.from(args.public_key),
        region: args.region,
        bandwidthMbps: args.bandwidth_mbps
    };
}

export function fromStatusReport(args: StatusReportArgs): StatusReport {
    return { queueDepth: args.queue_depth, capacity: args.capacity, apps: args.apps, version: args.version };
}

/** A node as it stands at an instant. */
export function toNodeView(
    config: StateMachineConfig,
    profileOf: (node: Principal) => NodeProfile,
    nowNs: bigint
): (node: KnownNode) => NodeView {
    return ({ id, record, presence }) => ({
        ...toProfileFields(profileOf(id)),
        ...toAboutFields(presence),
        node: id,
        class: toTag(record.nodeClass),
        status: toTag(statusAt(config, { id, record, presence }, nowNs)),
        last_status_ns: presence.lastStatusNs,
        last_consensus_ns: presence.lastConsensusNs,
        last_poc_ns: record.lastPocNs,
        e_value_e8: record.eValueE8,
        online: isOnline(config, presence, nowNs),
        queue_depth: presence.queueDepth,
        capacity: presence.capacity
    });
}

function toProfileFields(
    profile: NodeProfile
): Pick<NodeView, 'wallet' | 'region' | 'bandwidth_mbps' | 'registered_at_ns'> {
    return {
        wallet: toOpt(profile.wallet && toCandidAccount(profile.wallet)),
        region: profile.region,
        bandwidth_mbps: profile.bandwidthMbps,
        registered_at_ns: profile.registeredAtNs
    };
}

function toAboutFields(presence: Presence): Pick<NodeView, 'apps' | 'version'> {
    const { apps, version } = unpackAbout(presence.about);
    return { apps: [...apps], version };
}

export function toNodePage(page: Page<KnownNode>, toView: (node: KnownNode) => NodeView): NodePage {
    return { nodes: page.items.map(toView), next: toOpt(page.next) };
}

export function toProposalView(proposal: WalletProposal): ProposalView {
    return { account: toCandidAccount(proposal.account), expires_at_ns: proposal.expiresAtNs };
}

export function toValidatorsView(set: ValidatorSet): ValidatorsView {
    const members = set.members();
    return {
        validators: [...members],
        quorum: BigInt(set.quorum()),
        set_size_valid: isValidSetSize(members.length),
        next_batch_size: BigInt(nextBatchSize(members.length))
    };
}

export function toBatchView(set: ValidatorSet): (batch: ValidatorBatch) => BatchView {
    return ({ openedNs, applicants }) => ({
        opened_at_ns: openedNs,
        slots: BigInt(nextBatchSize(set.members().length)),
        applicants: [...applicants]
    });
}

export function toSnapshotPage(page: Page<NodeWeightFacts>): SnapshotPage {
    const nodes = page.items.map(({ node, nodeClass, eValueE8, eligible }) => ({
        node,
        class: toTag(nodeClass),
        e_value_e8: eValueE8,
        eligible
    }));
    return { nodes, next: toOpt(page.next) };
}
