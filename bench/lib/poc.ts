/** A node that answers challenges on the local network. */
import { commitChain } from '../../src/core/poc/chain';
import { drawSamples } from '../../src/core/poc/sampling';
import type { _SERVICE as StateMachine } from '../../src/declarations/state_machine';
import { openSamples } from '../../src/node/poc/open_samples';
import type { Prover } from '../../src/node/poc/prover';
import { ReferenceProver } from '../../src/node/poc/reference_prover';
import { accepted } from './answers';
import type { LocalActor } from './local_network';

type Node = LocalActor<StateMachine>;

/** Takes every step of a challenge, honestly; does so many rounds. */
export async function answerChallenge(node: Node, id: bigint, rounds = 2): Promise<void> {
    accepted(node.open_poc(id, await workOn(node, id, new ReferenceProver(), rounds)));
}

/** All steps up to the opening that the canister asks for. */
export async function workOn(node: Node, id: bigint, prover: Prover, rounds: number): Promise<Uint8Array> {
    const { dimension, rows, slot_seed: slotSeed, node_seed: seeds } = accepted(node.accept_poc(id, []));
    const slot = { shape: { dimension, rows }, slotSeed: Uint8Array.from(slotSeed) };
    const nodeSeed = Uint8Array.from(seeds[0] ?? []);
    await prover.load(slot);
    const roots = await prover.run(nodeSeed, () => true, rounds);
    const commitment = commitChain(nodeSeed, roots);
    const sampled = accepted(node.commit_poc({ id, commitment, rounds }));
    const randomness = Uint8Array.from(sampled.sample_randomness[0] ?? []);
    const samples = drawSamples(slot.shape, rounds, sampled.samples, commitment, randomness);
    return openSamples(prover, slot, nodeSeed, roots, samples);
}
