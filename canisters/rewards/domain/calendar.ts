/** The deployment's clock and token economy, as stored at install. */
import { invariant } from '../../../src/core/assert';
import type { ClockParams } from '../../../src/core/clock';
import { profileById } from '../../../src/core/tokenomics/profiles';
import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import type { ConfigRow, RewardsState } from './state';

export function configOf(state: RewardsState): ConfigRow {
    const config = state.config.get();
    invariant(config !== undefined, 'config', 'read before the install wrote it');
    return config;
}

export function clockOf(state: RewardsState): ClockParams {
    return configOf(state);
}

export function profileOf(state: RewardsState): TokenomicsProfile {
    const profile = profileById(configOf(state).profileId);
    invariant(profile !== undefined, 'config', 'the stored profile is not shipped');
    return profile;
}
