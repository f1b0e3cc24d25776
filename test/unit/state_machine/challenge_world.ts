import type { Principal } from '@dfinity/principal';
import type { KnownChallenge } from '../../../canisters/state_machine/domain/poc/records';
import type { ChallengePolicy } from '../../../src/core/poc/policy';
import type { ProverInMemory, Cheats } from '../core/poc/support/prover_in_memory';
import * as probes from './probes';
import { principalOf, World } from './world';

export { ROUNDS, SMALL_SPEC } from '../../support/poc';

/** A {@link World} with four validators, for tests of EMC-PoC-1. */
export class ChallengeWorld {
    readonly world = new World();
    readonly members = this.world.withValidators(4);
    readonly tables = this.world.tables;
    readonly rules = this.world.rules.challenges;
    readonly draw = probes.draw;
    readonly prover: (challenge: KnownChallenge, cheats?: Cheats) => ProverInMemory = probes.proverOf;

    constructor(policy: Partial<ChallengePolicy> = {}) {
        this.setPolicy(policy);
    }

    setPolicy(policy: Partial<ChallengePolicy>): void {
        const { challengePolicy } = this.tables;
        challengePolicy.set({ ...challengePolicy.get(), ...policy });
    }

    get now(): bigint {
        return this.world.now;
    }

    node(label: string): Principal {
        return this.world.withComputeNode(label);
    }

    request(node: Principal, validator = 0): KnownChallenge {
        return probes.request(this.world, node, validator);
    }

    /** A request by the first validator, which may be refused. */
    ask(label: string, node = principalOf(label)) {
        return this.rules.course.request(this.members[0]!, node, this.draw(), this.now);
    }

    accept(challenge: KnownChallenge): KnownChallenge {
        return probes.accept(this.world, challenge);
    }

    open(accepted: KnownChallenge, workS?: number, cheats?: Cheats): KnownChallenge {
        return probes.open(this.world, accepted, workS, cheats);
    }

    probe(node: Principal, options?: probes.ProbeOptions): KnownChallenge {
        return probes.probe(this.world, node, options);
    }

    /** Makes a node one that is no newcomer any more. */
    proven(label: string): Principal {
        const node = this.node(label);
        for (const validator of [0, 1, 2]) this.probe(node, { validator });
        return node;
    }

    vote(challenge: KnownChallenge, validator: number, isTrue: boolean) {
        return this.rules.verdicts.attest(this.members[validator]!, challenge.id, isTrue, this.now);
    }

    eOf(node: Principal): bigint {
        return this.world.registry.find(node)!.record.eValueE8;
    }
}

export const stranger = principalOf('stranger');
