/** Composition root: the only state at module level. */
import { GovernanceSeat } from '../../src/azle/governance';
import { PauseSwitch } from '../../src/azle/pause';
import { PeerDirectory } from '../../src/azle/peers';
import { StableTables } from '../../src/azle/stable_tables';
import { DEFAULT_PROFILE, profileById } from '../../src/core/tokenomics/profiles';
import type { TokenomicsProfile } from '../../src/core/tokenomics/profile';
import { assemble } from './domain/assemble';
import { openTables } from './storage';

export const factory = new StableTables();
export const tables = openTables(factory);
export const peers = new PeerDirectory(factory);
export const governance = new GovernanceSeat(factory, () => peers.get('rewards'));
export const pause = new PauseSwitch(factory);
export const {
    agreement,
    cases,
    challenges,
    commitments,
    departures,
    duties,
    holds,
    newcomers,
    outbox,
    pools,
    proofs,
    registry,
    slashes,
    stakeChecks,
    stakeRounds,
    validators,
    wallets
} = assemble(tables);

/** The tokenomics that this deployment was configured with. */
export function profile(): TokenomicsProfile {
    return profileById(tables.config.get().profile) ?? DEFAULT_PROFILE;
}
