import type { ActorMethod } from '@dfinity/agent';
import { sha256 } from '../../src/core/hash';
import { roundWork, type Shape } from '../../src/core/poc/shape';
import { NoGpu } from '../../src/node/poc/gpu/errors';
import { GpuProver } from '../../src/node/poc/gpu_prover';
import type { Prover } from '../../src/node/poc/prover';
import { ReferenceProver } from '../../src/node/poc/reference_prover';
import { WasmProver } from '../../src/node/poc/wasm_prover';
import { once, type Benchmark } from '../lib/benchmark';
import { NO_ARGUMENTS } from '../lib/empty_canister';
import { LocalNetwork } from '../lib/local_network';
import { repeat } from '../lib/repeat';
import { deepProof } from './deep_proof';
import { openPocBenchmark } from './open_poc';
import { verifierCanister, verifierInterface } from './verifier_canister';

/** A proof as one of the fastest devices would send it (compute.md §4.7). */
const SHAPE: Shape = { dimension: 1024, rows: 65_536 };
const ROUNDS = 20_000;
const SAMPLES = 32;
const RUNS = 5;

/** The verdict is not the one that the fixture was made for. */
class WrongVerdict extends Error {
    constructor(readonly verdict: string) {
        super(`a true proof was answered with ${verdict}`);
        this.name = 'WrongVerdict';
    }
}

interface Verifier {
    make_vectors: ActorMethod<[Uint8Array, number, Uint8Array], null>;
    verify_samples: ActorMethod<[object, object, Uint8Array], string>;
    verify: ActorMethod<[object, object, Uint8Array, Uint8Array], string>;
}

const seedOf = (label: string): Uint8Array => sha256(new TextEncoder().encode(label));

const installed = once(async () => {
    const network = new LocalNetwork();
    const canister = network.create();
    network.install(canister, await verifierCanister(), NO_ARGUMENTS);
    const verifier = network.actor<Verifier>(verifierInterface, canister, network.deployer);
    const { claim, samples, opening } = deepProof(SHAPE, ROUNDS, SAMPLES);
    const { slotSeed, nodeSeed, rounds, commitment } = claim;
    const argument = { ...SHAPE, slot_seed: slotSeed, node_seed: nodeSeed, rounds, commitment };
    const makeVectors = (run: number): null =>
        verifier.make_vectors(slotSeed, SHAPE.dimension, seedOf(`vectors ${run}`));
    // The first call to a new canister costs more than all others.
    makeVectors(0);
    return { network, verifier, makeVectors, argument, samples, opening };
});

/** Instructions of a call that must find the proof true. */
async function verifying(call: (fixture: Awaited<ReturnType<typeof installed>>, run: number) => string) {
    const fixture = await installed();
    return repeat((run) => {
        const { instructions, value } = fixture.network.measure(() => call(fixture, run));
        if (value !== 'ok') throw new WrongVerdict(value);
        return instructions;
    }, RUNS);
}

const verifyBenchmarks: readonly Benchmark[] = [
    {
        name: 'poc_verify_v',
        unit: 'instructions',
        description: 'r and v = B·r at D = 1024, the generation of B included: once per slot or per proof.',
        runs: async () => {
            const { network, makeVectors } = await installed();
            return repeat((run) => network.instructionsOf(() => makeVectors(run)), RUNS);
        }
    },
    {
        name: 'poc_verify_samples',
        unit: 'instructions',
        description:
            '32 samples of 20 000 rounds of class L (trees of 10 and 15 levels) with v at hand: decoding of the 174 080-byte opening, ranges, folds, paths, products.',
        runs: () =>
            verifying(({ verifier, argument, samples, opening }) => verifier.verify_samples(argument, samples, opening))
    },
    {
        name: 'poc_verify',
        unit: 'instructions',
        description: 'The same with its own r and v, in one update call: a whole verification on chain.',
        runs: () =>
            verifying(({ verifier, argument, samples, opening }, run) =>
                verifier.verify(argument, samples, opening, seedOf(`whole ${run}`))
            )
    }
];

/** 10^9 multiply-accumulates per second of a prover's chained rounds, everything included. */
async function proving(prover: Prover, shape: Shape, ms: number): Promise<readonly number[]> {
    await prover.load({ shape, slotSeed: seedOf('bench slot') });
    await prover.run(seedOf('warm-up'), () => true, 2);
    const rates: number[] = [];
    for (let run = 0; run < RUNS; run++) {
        const startedAt = performance.now();
        const roots = await prover.run(seedOf(`bench node ${run}`), () => performance.now() - startedAt < ms);
        rates.push((roots.length * roundWork(shape)) / (performance.now() - startedAt) / 1e6);
    }
    await prover.close();
    return rates;
}

const gpu = once(() =>
    GpuProver.open().catch((failure: unknown) => {
        if (failure instanceof NoGpu) return failure;
        throw failure;
    })
);

const XS: Shape = { dimension: 1024, rows: 1024 };

const proveBenchmarks: readonly Benchmark[] = [
    {
        name: 'poc_prove_reference',
        unit: 'GMAC/s',
        description: 'Rounds of class XS by the reference prover: plain TypeScript, one thread.',
        runs: () => proving(new ReferenceProver(), XS, 1)
    },
    {
        name: 'poc_prove_cpu_one',
        unit: 'GMAC/s',
        description: 'Rounds of class XS by the WebAssembly prover on one thread.',
        runs: () => proving(new WasmProver(1), XS, 2_000)
    },
    {
        name: 'poc_prove_cpu',
        unit: 'GMAC/s',
        description: 'The same on all cores.',
        runs: () => proving(new WasmProver(), XS, 2_000)
    },
    {
        name: 'poc_prove_gpu',
        unit: 'GMAC/s',
        description: 'Rounds of class L by the WebGPU prover; measured only where there is a GPU.',
        missing: async () => {
            const prover = await gpu();
            return prover instanceof NoGpu ? prover.message : undefined;
        },
        runs: async () => {
            const prover = await gpu();
            if (prover instanceof NoGpu) throw prover;
            return proving(prover, SHAPE, 2_000);
        }
    }
];

export const pocBenchmarks: readonly Benchmark[] = [...verifyBenchmarks, openPocBenchmark, ...proveBenchmarks];
