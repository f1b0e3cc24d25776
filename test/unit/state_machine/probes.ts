/** Challenges in a {@link World}, step by step. */
import type { Principal } from '@dfinity/principal';
import type { KnownChallenge } from '../../../canisters/state_machine/domain/poc/records';
import { ROUNDS } from '../../support/poc';
import { ProverInMemory, type Cheats } from '../core/poc/support/prover_in_memory';
import { bytes32, must, type World } from './world';

export interface ProbeOptions {
    /** Position of the one who asks. */
    readonly validator?: number;
    /** Seconds from the acceptance to the commitment. */
    readonly workS?: number;
    readonly cheats?: Cheats;
    /** Of the last draw: decides who checks in `hybrid`. */
    readonly lastByte?: number;
}

let drawn = 0;

/** Randomness unlike any before. */
export function draw(lastByte = 255): Uint8Array {
    const bytes = bytes32(`draw ${drawn++}`);
    bytes[31] = lastByte;
    return bytes;
}

export function request(world: World, node: Principal, validator = 0): KnownChallenge {
    const { course } = world.rules.challenges;
    const caller = world.validators.members()[validator] ?? node;
    return must(course.request(caller, node, draw(), world.now));
}

export function accept(world: World, { node, id }: KnownChallenge): KnownChallenge {
    return must(world.rules.challenges.course.accept(node, { id }, draw(), world.now));
}

export function proverOf({ slotSeed, work }: KnownChallenge, cheats: Cheats = {}): ProverInMemory {
    const task = { shape: { dimension: 64, rows: 64 }, slotSeed, nodeSeed: work!.nodeSeed };
    return new ProverInMemory(task, ROUNDS, cheats);
}

/** The node's part up to the opening, after so many seconds of work. */
export function open(world: World, accepted: KnownChallenge, workS = 15, cheats: Cheats = {}): KnownChallenge {
    const { course } = world.rules.challenges;
    const { node, id } = accepted;
    const prover = proverOf(accepted, cheats);
    const { commitment, rounds } = prover.claim();
    world.advance(workS);
    must(course.commit(node, id, commitment, rounds, world.now));
    const sampled = course.supply(id, 'Committed', draw(), world.now)!;
    const drawing = { count: sampled.samples, randomness: sampled.sampleRandomness! };
    return must(course.open(node, id, prover.open(prover.samples(drawing)), world.now));
}

/** A whole probe up to where the canister has decided who checks. */
export function probe(
    world: World,
    node: Principal,
    { validator = 0, workS = 15, cheats = {}, lastByte = 255 }: ProbeOptions = {}
): KnownChallenge {
    const opened = open(world, accept(world, request(world, node, validator)), workS, cheats);
    return world.rules.challenges.course.supply(opened.id, 'Opened', draw(lastByte), world.now)!;
}
