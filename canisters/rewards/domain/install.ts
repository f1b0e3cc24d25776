import { NS_PER_S } from '../../../src/core/clock';
import { DEFAULT_PROFILE, profileById } from '../../../src/core/tokenomics/profiles';
import { addVersion } from './profiles/calendar';
import { bookGenesis } from './treasury/purses';
import type { RewardsState } from './state';

/** An init argument that no deployment can have; thrown during the install, which then fails as a whole. */
export class InvalidInstall extends Error {
    constructor(
        readonly argument: string,
        readonly value: string
    ) {
        super(`${argument} cannot be ${value}`);
        this.name = 'InvalidInstall';
    }
}

/** What an install fixes; by default the first shipped profile, rounds of 7 200 s and 12 rounds per epoch. */
export interface InstallOptions {
    readonly profileId?: string;
    readonly genesisNs: bigint;
    readonly roundS?: bigint;
    readonly roundsPerEpoch?: bigint;
}

/** Fixes profile and clock for good, and books the genesis allocations. */
export function install(state: RewardsState, options: InstallOptions): void {
    const { profileId = DEFAULT_PROFILE.id, genesisNs, roundS = 7_200n, roundsPerEpoch = 12n } = options;
    const profile = profileById(profileId);
    if (profile === undefined) throw new InvalidInstall('profile', profileId);
    if (roundS === 0n) throw new InvalidInstall('round_s', '0');
    if (roundsPerEpoch === 0n) throw new InvalidInstall('rounds_per_epoch', '0');
    addVersion(state, { fromEpoch: 0n, profile });
    state.config.set({ profileId, genesisNs, roundNs: roundS * NS_PER_S, roundsPerEpoch });
    bookGenesis(state, profile);
}
