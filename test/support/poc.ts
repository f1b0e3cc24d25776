/** EMC-PoC-1 with products that a test can do, and nodes that answer its challenges, honestly or not. */
import type { Principal } from '@dfinity/principal';
import { specV1 } from '../../src/core/poc/spec';
import type { _SERVICE } from '../../src/declarations/state_machine';
import { ProverInMemory, type Cheats } from '../unit/core/poc/support/prover_in_memory';
import type { PicActor } from './pic_actor';
import { refusalText } from './refusal';

/** Version 1, small: {@link ROUNDS} rounds of class XS within the window are worth E = 1. */
export const SMALL_SPEC = specV1({
    dimension: 64,
    rows: { XS: 64, S: 128, L: 256, XL: 512 },
    samples: 4,
    newcomerSamples: 6,
    standardWork: 1n << 20n
});

export const ROUNDS = 4;
export const E_OF_A_PROBE = 100_000_000n;

/** In a policy: the quota of checks and the least E stay as they are. */
export const SAME_LIMITS = { checks_per_hour: [] as [], min_e_value_e8: [] as [] };

type StateMachine = PicActor<_SERVICE>;
export type PocView = NonNullable<Awaited<ReturnType<StateMachine['get_poc']>>[0]>;

/** A step that an honest node takes was refused. */
export class StepRefused extends Error {
    constructor(readonly answer: unknown) {
        super(refusalText(answer));
    }
}

function granted<T>(answer: { Ok: T } | { Err: object }): T {
    if ('Err' in answer) throw new StepRefused(answer.Err);
    return answer.Ok;
}

/** Everybody who takes part in a challenge. */
export interface Challenged {
    readonly node: Principal;
    readonly asNode: StateMachine;
    readonly asValidator: StateMachine;
}

/** Requested by the validator, accepted by the node. */
export async function acceptedChallenge({ node, asNode, asValidator }: Challenged): Promise<PocView> {
    const { id } = granted(await asValidator.request_poc(node));
    return granted(await asNode.accept_poc(id, []));
}

/** A prover for an accepted challenge. */
export function proverFor(poc: PocView, cheats: Cheats = {}, rounds = ROUNDS): ProverInMemory {
    const shape = { dimension: poc.dimension, rows: poc.rows };
    const [nodeSeed = []] = poc.node_seed;
    const task = { shape, slotSeed: Uint8Array.from(poc.slot_seed), nodeSeed: Uint8Array.from(nodeSeed) };
    return new ProverInMemory(task, rounds, cheats);
}

/** Commits to the rounds of a prover; the challenge with the rows to open. */
export async function commitWork(asNode: StateMachine, id: bigint, prover: ProverInMemory): Promise<PocView> {
    const { commitment, rounds } = prover.claim();
    return granted(await asNode.commit_poc({ id, commitment, rounds }));
}

/** The opening that the canister asks for. */
export function openingFor(poc: PocView, prover: ProverInMemory): Uint8Array {
    const randomness = Uint8Array.from(poc.sample_randomness[0] ?? []);
    return prover.open(prover.samples({ count: poc.samples, randomness }));
}

/** A whole probe, up to what follows from the opening. */
export async function probe(parties: Challenged, cheats: Cheats = {}, rounds = ROUNDS): Promise<PocView> {
    const accepted = await acceptedChallenge(parties);
    const prover = proverFor(accepted, cheats, rounds);
    const sampled = await commitWork(parties.asNode, accepted.id, prover);
    return granted(await parties.asNode.open_poc(accepted.id, openingFor(sampled, prover)));
}

/** Makes a newcomer active: three probes, by three validators; the last one's id. */
export async function proveComputing(
    node: Principal,
    asNode: StateMachine,
    validators: readonly StateMachine[]
): Promise<bigint> {
    let last = -1n;
    for (const asValidator of validators.slice(0, 3)) {
        const { id, state } = await probe({ node, asNode, asValidator });
        if (!('Passed' in state)) throw new StepRefused(state);
        last = id;
    }
    return last;
}
