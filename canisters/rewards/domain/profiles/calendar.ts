/**
 * The deployment's clock, and the token economy that is in force in an epoch (R8). Both are read in every message and change
 * almost never, so what was decoded is kept beside the tables; a trap rolls both back together.
 */
import { invariant } from '../../../../src/core/assert';
import { epochOfRound, roundAt, type ClockParams } from '../../../../src/core/clock';
import type { TokenomicsProfile } from '../../../../src/core/tokenomics/profile';
import type { ProfileVersionRow } from './profile_rows';
import type { ConfigRow, RewardsState } from '../state';

interface Decoded {
    config?: ConfigRow;
    versions?: readonly ProfileVersionRow[];
}

const decoded = new WeakMap<RewardsState, Decoded>();

function decodedOf(state: RewardsState): Decoded {
    const known = decoded.get(state);
    if (known !== undefined) return known;
    const fresh: Decoded = {};
    decoded.set(state, fresh);
    return fresh;
}

/** What the install fixed; throws before the install has. */
export function configOf(state: RewardsState): ConfigRow {
    const cache = decodedOf(state);
    cache.config ??= state.config.get();
    invariant(cache.config !== undefined, 'config', 'read before the install wrote it');
    return cache.config;
}

/** The clock of rounds and epochs, fixed at the install. */
export function clockOf(state: RewardsState): ClockParams {
    return configOf(state);
}

/** Epoch that contains an instant. */
export function epochAt(state: RewardsState, atNs: bigint): bigint {
    const clock = clockOf(state);
    return epochOfRound(clock, roundAt(clock, atNs));
}

/** All versions, oldest first. */
export function versionsOf(state: RewardsState): readonly ProfileVersionRow[] {
    const cache = decodedOf(state);
    cache.versions ??= readVersions(state);
    return cache.versions;
}

function readVersions(state: RewardsState): readonly ProfileVersionRow[] {
    const versions: ProfileVersionRow[] = [];
    for (let index = 0n; index < state.profiles.length(); index++) {
        const row = state.profiles.get(index);
        if (row !== undefined) versions.push(row);
    }
    return versions;
}

/** Appends a version; the caller has checked it (profile_change.ts). */
export function addVersion(state: RewardsState, row: ProfileVersionRow): void {
    state.profiles.append(row);
    decodedOf(state).versions = undefined;
}

/** The token economy of an epoch. */
export function profileInEpoch(state: RewardsState, epoch: bigint): TokenomicsProfile {
    return versionInEpoch(state, epoch).profile;
}

/** The version that is in force in an epoch. */
export function versionInEpoch(state: RewardsState, epoch: bigint): ProfileVersionRow {
    const versions = versionsOf(state);
    let index = versions.length - 1;
    while (index > 0 && (versions[index]?.fromEpoch ?? 0n) > epoch) index--;
    const row = versions[index];
    invariant(row !== undefined, 'config', 'no profile was installed');
    return row;
}

/** The token economy at an instant. */
export function profileAt(state: RewardsState, atNs: bigint): TokenomicsProfile {
    return profileInEpoch(state, epochAt(state, atNs));
}

/** The token economy of the next round to be settled. */
export function profileOf(state: RewardsState): TokenomicsProfile {
    if (versionsOf(state).length === 1) return profileInEpoch(state, 0n);
    return profileInEpoch(state, epochOfRound(clockOf(state), state.settlements.length()));
}
