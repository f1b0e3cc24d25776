/** Composition root: the only state at module level. */
import { PeerDirectory } from '../../src/azle/peers';
import { StableTables } from '../../src/azle/stable_tables';
import { DEFAULT_PROFILE, profileById } from '../../src/core/tokenomics/profiles';
import type { TokenomicsProfile } from '../../src/core/tokenomics/profile';
import { Attesting } from './domain/attest';
import { FactsOutbox } from './domain/facts_outbox';
import { PocBook } from './domain/pocs';
import { Proving } from './domain/prove';
import { Registry } from './domain/registry';
import { StakeChecks } from './domain/stakes';
import { ValidatorSet } from './domain/validators';
import { Wallets } from './domain/wallets';
import { openTables } from './storage';

export const factory = new StableTables();
export const tables = openTables(factory);
export const peers = new PeerDirectory(factory);
export const outbox = new FactsOutbox(tables);
export const registry = new Registry(tables, outbox);
export const wallets = new Wallets(tables, registry);
export const validators = new ValidatorSet(tables, registry);
export const stakeChecks = new StakeChecks(tables, registry, validators);
export const pocs = new PocBook(tables);
export const proving = new Proving(tables, registry, validators, pocs);
export const attesting = new Attesting(registry, validators, pocs, proving);

/** The tokenomics that this deployment was configured with. */
export function profile(): TokenomicsProfile {
    return profileById(tables.config.get().profile) ?? DEFAULT_PROFILE;
}
