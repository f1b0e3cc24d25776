import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import { MAX_REPORTED_APPS, MAX_REPORTED_CHARACTERS } from '../../../src/core/compute/app_names';
import { DONE, err, ok, type Result } from '../../../src/core/result';
import { packAbout } from './about';
import { secondsUp, type StateMachineConfig } from './config';
import type { Refusal } from './errors';
import type { KnownNode, Presence } from './records';
import type { Registry } from './registry';
import { statusAfter, type NodeStatus } from './status';

const ABOUT_RULE = `apps: at most ${MAX_REPORTED_APPS} app ids of ${MAX_REPORTED_CHARACTERS} characters together; version: at most 64 of ASCII`;

/** What a node says of itself: jobs waiting, jobs at a time, the apps that it serves, its version. */
export interface StatusReport {
    readonly queueDepth: number;
    readonly capacity: number;
    readonly apps: readonly string[];
    readonly version: string;
}

/** Whether the node's last report is no older than the online window: at its end still, a second later no more (AS-33). */
export function isOnline(config: StateMachineConfig, presence: Presence, atNs: bigint): boolean {
    return presence.lastStatusNs > 0n && atNs - presence.lastStatusNs <= config.onlineWindowS * NS_PER_S;
}

/** The status as of an instant: a node that has fallen silent is not Active, although nothing has noted it yet. */
export function statusAt(config: StateMachineConfig, node: KnownNode, atNs: bigint): NodeStatus {
    const { nodeClass, status } = node.record;
    return isOnline(config, node.presence, atNs) ? status : statusAfter(nodeClass, status, 'went_silent');
}

/** Takes a node's report of its own state. Only canister time counts, and it never runs backwards (SM6). */
export function reportStatus(
    registry: Registry,
    config: StateMachineConfig,
    caller: Principal,
    report: StatusReport,
    nowNs: bigint
): Result<KnownNode, Refusal<'NotFound' | 'Removed' | 'RateLimited' | 'InvalidArgument'>> {
    const found = registry.findLiving(caller);
    if (!found.ok) return found;
    const { presence, record } = found.value;
    const spaced = checkSpacing(config, presence, nowNs);
    if (!spaced.ok) return spaced;
    const about = packAbout(report);
    if (about === undefined) return err({ kind: 'InvalidArgument', reason: ABOUT_RULE });
    const before = isOnline(config, presence, nowNs) ? record : registry.applyTo(caller, record, 'went_silent', nowNs);
    // Whose stake is used up or over does not come back by reporting.
    const comesBack = before.status !== 'Inactive' || registry.isStaked(caller);
    const after = comesBack ? registry.applyTo(caller, before, 'reported', nowNs) : before;
    if (after.status === 'Registered' && isFirstOfPeriod(config, presence, nowNs)) {
        registry.askForStake(caller, nowNs);
    }
    const { queueDepth, capacity } = report;
    // Being there is all that a router can show; the others show more by what they do.
    const lastConsensusNs = record.nodeClass === 'router' ? nowNs : presence.lastConsensusNs;
    const reported = { lastStatusNs: nowNs, lastConsensusNs, queueDepth, capacity, about };
    registry.setPresence(caller, reported);
    return ok({ id: caller, record: after, presence: reported });
}

/** Whether the node has not reported yet in this period of asking for stakes. */
function isFirstOfPeriod(config: StateMachineConfig, presence: Presence, nowNs: bigint): boolean {
    const periodNs = config.stakeSyncS * NS_PER_S;
    return presence.lastStatusNs / periodNs !== nowNs / periodNs;
}

function checkSpacing(
    config: StateMachineConfig,
    presence: Presence,
    nowNs: bigint
): Result<void, Refusal<'RateLimited'>> {
    const allowedAtNs = presence.lastStatusNs + config.statusSpacingS * NS_PER_S;
    if (presence.lastStatusNs === 0n || nowNs >= allowedAtNs) return DONE;
    return err({ kind: 'RateLimited', retryAfterS: secondsUp(allowedAtNs - nowNs) });
}
