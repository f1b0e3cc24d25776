/** A whole verification by the state machine itself, as a newcomer's probe gets it. */
import { accepted } from '../lib/answers';
import type { Benchmark } from '../lib/benchmark';
import { workOn } from '../lib/poc';
import { ValidatorBench } from '../lib/validators';
import { WasmProver } from '../../src/node/poc/wasm_prover';

const NODE = 'compute node';
const ROUNDS = 64;
const RUNS = 3;

/** The canister did not find a true proof true. */
class WrongVerdict extends Error {
    constructor(readonly state: object) {
        super(`a true proof ended ${JSON.stringify(state)}`);
        this.name = 'WrongVerdict';
    }
}

async function openings(): Promise<readonly number[]> {
    const bench = await ValidatorBench.deploy({ pocSpacingS: 0n });
    bench.register(NODE, { compute: null });
    const node = bench.stateMachine(NODE);
    accepted(node.report_status({ queue_depth: 0, capacity: 1, apps: [], version: '0' }));
    const prover = new WasmProver();
    const costs: number[] = [];
    for (let run = 0; run < RUNS; run++) {
        const id = bench.challenge(NODE);
        const opening = await workOn(node, id, prover, ROUNDS);
        const { instructions, value } = bench.suite.network.measure(() => accepted(node.open_poc(id, opening)));
        if (!('Passed' in value.state)) throw new WrongVerdict(value.state);
        costs.push(instructions);
        bench.suite.network.advance(1);
    }
    await prover.close();
    return costs;
}

export const openPocBenchmark: Benchmark = {
    name: 'open_poc',
    unit: 'instructions',
    description: `state_machine.open_poc of a newcomer: 32 rows of class XS in ${ROUNDS} rounds are stored and, after the draw, verified on chain.`,
    runs: openings
};
