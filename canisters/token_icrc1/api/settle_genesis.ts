import type { Result } from '../../../src/core/result';
import { InstallationRefused, type InstallationProblem } from '../domain/installation';
import { hashLater } from '../jobs/hash_blocks';
import { books, env, genesis, peers } from '../wiring';

/** Mints the supply if it is still to be minted and the rewards canister is known. */
export function settleGenesis(): void {
    must(genesis.settle(peers.get('rewards'), books.token.settings().mintingAccount, env.nowNs()));
    hashLater();
}

/** The value, or a trap that undoes the installation. */
export function must<T>(result: Result<T, InstallationProblem>): T {
    if (!result.ok) throw new InstallationRefused(result.error);
    return result.value;
}
