import type { Principal } from '@dfinity/principal';
import { openChallengeTables } from '../../../canisters/state_machine/codecs/challenges';
import { assembleChallenges } from '../../../canisters/state_machine/domain/poc/assemble';
import type { ChallengePolicy, KnownChallenge } from '../../../canisters/state_machine/domain/poc/records';
import { SPEC_V1, type PocSpec } from '../../../src/core/poc/spec';
import { MemoryTables } from '../../../src/core/table';
import { ProverInMemory, type Cheats } from '../core/poc/support/prover_in_memory';
import { bytes32, must, principalOf, World } from './world';

/** Version 1 with products that a test can do. */
export const SMALL_SPEC: PocSpec = {
    ...SPEC_V1,
    activationEpoch: 0n,
    dimension: 64,
    rows: { XS: 64, S: 128, L: 256, XL: 512 },
    samples: 4,
    newcomerSamples: 6,
    standardWork: 1n << 20n,
    vectorsHash: bytes32('vectors')
};

export const ROUNDS = 4;

/** EMC-PoC-1 over tables in memory, beside the registry of a {@link World}. */
export class ChallengeWorld {
    readonly world = new World();
    readonly members = this.world.withValidators(4);
    readonly tables = {
        ...openChallengeTables(new MemoryTables(), 0),
        config: this.world.tables.config
    };
    readonly rules = assembleChallenges(this.tables, this.world.registry, this.world.validators);
    private drawn = 0;

    constructor(policy: Partial<ChallengePolicy> = {}) {
        const { challengePolicy } = this.tables;
        challengePolicy.set({ ...challengePolicy.get(), spacingS: 0n, ...policy });
        must(this.rules.specs.add(SMALL_SPEC, this.world.now));
    }

    get now(): bigint {
        return this.world.now;
    }

    /** Randomness unlike any before; its last byte decides who checks in `hybrid`. */
    draw(lastByte = 255): Uint8Array {
        const bytes = bytes32(`draw ${this.drawn++}`);
        bytes[31] = lastByte;
        return bytes;
    }

    node(label: string): Principal {
        return this.world.withComputeNode(label);
    }

    request(node: Principal, validator = 0): KnownChallenge {
        return must(this.rules.course.request(this.members[validator]!, node, 'XS', this.draw(), this.now));
    }

    accept(challenge: KnownChallenge): KnownChallenge {
        return must(this.rules.course.accept(challenge.node, challenge.id, this.draw(), this.now));
    }

    prover(challenge: KnownChallenge, cheats: Cheats = {}): ProverInMemory {
        const { slotSeed, work } = challenge;
        const task = { shape: { dimension: 64, rows: 64 }, slotSeed, nodeSeed: work!.nodeSeed };
        return new ProverInMemory(task, ROUNDS, cheats);
    }

    /** The node's part up to the opening, after so many seconds of work. */
    open(accepted: KnownChallenge, workS = 15, cheats: Cheats = {}): KnownChallenge {
        const { course } = this.rules;
        const { node, id } = accepted;
        const prover = this.prover(accepted, cheats);
        const { commitment, rounds } = prover.claim();
        this.world.advance(workS);
        must(course.commit(node, id, commitment, rounds, this.now));
        const sampled = course.supply(id, 'Committed', this.draw(), this.now)!;
        const drawing = { count: sampled.samples, randomness: sampled.sampleRandomness! };
        return must(course.open(node, id, prover.open(prover.samples(drawing)), this.now));
    }

    /** A whole probe up to where the canister has decided who checks. */
    probe(
        node: Principal,
        { validator = 0, workS = 15, cheats = {}, lastByte = 255 }: ProbeOptions = {}
    ): KnownChallenge {
        const opened = this.open(this.accept(this.request(node, validator)), workS, cheats);
        return this.rules.course.supply(opened.id, 'Opened', this.draw(lastByte), this.now)!;
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

export interface ProbeOptions {
    readonly validator?: number;
    readonly workS?: number;
    readonly cheats?: Cheats;
    readonly lastByte?: number;
}

export const stranger = principalOf('stranger');
