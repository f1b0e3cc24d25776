import { once, type Benchmark } from '../lib/benchmark';
import { repeat } from '../lib/repeat';
import { ValidatorBench } from '../lib/validators';

const ITEMS = 64;
/** 782 states of 128 items. */
const STATE_BITS = 100_096;
const FULL_STATE = 128;
const RANGE = 400;

const states = once(async () => {
    const bench = await ValidatorBench.deploy();
    return repeat(() => bench.state(ITEMS));
});

/** Proofs of state bits all over a long log. */
async function proofs(): Promise<readonly number[]> {
    const bench = await ValidatorBench.deploy();
    for (let bits = 0; bits < STATE_BITS; bits += FULL_STATE) bench.state(FULL_STATE);
    bench.commit(RANGE);
    return repeat((run) => bench.proofCost(BigInt((run * 6_661) % STATE_BITS)));
}

const unit = 'instructions';

export const agreementBenchmarks: readonly Benchmark[] = [
    {
        name: 'propose_state',
        unit,
        description: `state_machine.propose_state of ${ITEMS} items: each is hashed, and their tree.`,
        runs: async () => (await states()).map(({ proposal }) => proposal)
    },
    {
        name: 'vote_state',
        unit,
        description: 'state_machine.vote_state that does not decide yet.',
        runs: async () => (await states()).map(({ votes }) => votes.at(-2) ?? 0)
    },
    {
        name: 'vote_state_final',
        unit,
        description: 'The vote that makes the state final: the log grows, the head is certified anew.',
        runs: async () => (await states()).map(({ votes }) => votes.at(-1) ?? 0)
    },
    {
        name: 'get_proof',
        unit,
        description: `state_machine.get_proof of an item as a query, among ${STATE_BITS} state bits.`,
        runs: proofs
    }
];
