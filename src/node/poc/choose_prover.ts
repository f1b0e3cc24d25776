import { errorText } from '../../client/error_text';
import { sha256 } from '../../core/hash';
import type { Log } from '../ports';
import type { GpuChoice } from './gpu/dawn';
import { GpuProver } from './gpu_prover';
import type { Prover, ProverName } from './prover';
import { ReferenceProver } from './reference_prover';
import { WasmProver } from './wasm_prover';

/** What an operator may say about the prover. */
export interface ProverChoice {
    /** Only this one; without it the fastest that works. */
    readonly only?: ProverName;
    readonly gpu?: GpuChoice;
    /** Threads of the WebAssembly prover; all cores without it. */
    readonly threads?: number;
}

/** None of the provers that were allowed works here. */
export class NoProver extends Error {
    constructor(readonly tried: readonly ProverName[]) {
        super(`no prover works: ${tried.join(', ')}`);
        this.name = 'NoProver';
    }
}

/** Its results are not those of the specification: a driver or a processor that computes wrong. */
export class WrongProver extends Error {
    constructor(readonly prover: ProverName) {
        super(`the ${prover} prover computes other rounds than the specification`);
        this.name = 'WrongProver';
    }
}

/** Fastest first. */
const ORDER: readonly ProverName[] = ['webgpu', 'wasm', 'typescript'];

/**
 * The fastest prover that works here: one that cannot be had, or that fails a short comparison with the reference, is passed
 * over with a line in the log. The caller closes it. @throws {@link NoProver}
 */
export async function chooseProver(log: Log, choice: ProverChoice = {}): Promise<Prover> {
    const names = choice.only === undefined ? ORDER : [choice.only];
    for (const name of names) {
        try {
            const prover = await openProver(name, choice);
            await assertAgrees(prover);
            log.info({ prover: name, device: prover.device }, 'poc_prover_chosen');
            return prover;
        } catch (failure) {
            log.info({ prover: name, reason: errorText(failure) }, 'poc_prover_passed_over');
        }
    }
    throw new NoProver(names);
}

async function openProver(name: ProverName, { gpu, threads }: ProverChoice): Promise<Prover> {
    if (name === 'webgpu') return GpuProver.open(gpu);
    return name === 'wasm' ? new WasmProver(threads) : new ReferenceProver();
}

const CHECK_SEED = sha256(new TextEncoder().encode('EMC-PoC-1 self-check'));
const CHECK_SLOT = { shape: { dimension: 128, rows: 128 }, slotSeed: CHECK_SEED };
/** Enough for a key that two peaks enter. */
const CHECK_ROUNDS = 4;

/** Compares a few rounds with the reference's; closes a prover that computes others. @throws {@link WrongProver} */
export async function assertAgrees(prover: Prover): Promise<void> {
    const [claimed, expected] = [await checkRounds(prover), await checkRounds(new ReferenceProver())];
    if (claimed === expected) return;
    await prover.close();
    throw new WrongProver(prover.name);
}

async function checkRounds(prover: Prover): Promise<string> {
    await prover.load(CHECK_SLOT);
    return JSON.stringify(await prover.run(CHECK_SEED, () => true, CHECK_ROUNDS));
}
