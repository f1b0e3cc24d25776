import { Agreement } from './agreement';
import { Cases } from './cases';
import { Commitments } from './commitments';
import { Departures } from './departures';
import { Duties } from './duties';
import { FactsOutbox } from './facts_outbox';
import { Finality } from './finality';
import { Newcomers } from './newcomers';
import { assembleChallenges } from './poc/assemble';
import { Suspension } from './poc/suspension';
import { Pools } from './pools';
import { Proofs } from './proofs';
import type { StateTables } from './records';
import { Registry } from './registry';
import { Slashes } from './slashes';
import { StakeHolds } from './stake_holds';
import { StakeBook } from './stake_book';
import { StakeRounds } from './stake_rounds';
import { StakeChecks } from './stakes';
import { ValidatorSet } from './validators';
import { Wallets } from './wallets';

/** All rules of this canister over one set of tables, each knowing those that it needs. */
export function assemble(tables: StateTables) {
    const outbox = new FactsOutbox(tables);
    const newcomers = new Newcomers(tables);
    const registry = new Registry(tables, outbox, newcomers);
    const suspension = new Suspension(tables);
    const validators = new ValidatorSet(tables, registry, suspension);
    const slashes = new Slashes(tables);
    const duties = new Duties({ tables, registry, validators, finality: new Finality(tables), slashes, suspension });
    const holds = new StakeHolds(tables);
    const stakeBook = new StakeBook(tables, duties, newcomers);
    const pools = new Pools(tables, registry);
    const departures = new Departures(registry, validators, stakeBook, slashes, pools);
    const agreement = new Agreement(tables, registry, validators);
    const commitments = new Commitments(tables, registry, validators, agreement);
    return {
        agreement,
        cases: new Cases(tables, registry, validators, departures, holds),
        challenges: assembleChallenges(tables, registry, validators, suspension, duties),
        commitments,
        departures,
        duties,
        holds,
        newcomers,
        outbox,
        pools,
        proofs: new Proofs(tables, agreement, commitments),
        registry,
        slashes,
        stakeBook,
        stakeChecks: new StakeChecks(tables, registry, validators, stakeBook, duties, departures, newcomers),
        stakeRounds: new StakeRounds(tables, registry),
        validators,
        wallets: new Wallets(tables, registry)
    };
}
