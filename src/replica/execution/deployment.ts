import type { ModuleCode } from '../wasm';
import type { DeploymentResult } from './detached_state';
import { installModule, instantiationTrap } from './install';
import { createSandbox, type WasmSandbox } from './sandbox';
import type { ExecutionInput, ExecutionOutput, Trap } from './types';

/** New code for a canister, and what it may see. */
export interface DeploymentRequest {
    readonly code: ModuleCode;
    /** What an upgrade replaces: its stable memory is carried on. Absent for install and reinstall. */
    readonly upgrade?: Upgrade;
    /** For all steps: its limit is what they may use together, its version what the new code sees. */
    readonly input: Omit<ExecutionInput, 'entry' | 'context'>;
}

/** How an upgrade treats the old code. */
export interface Upgrade {
    readonly old: WasmSandbox;
    readonly skipsPreUpgrade: boolean;
    /** `wasm_memory_persistence = keep`: the heap is carried on as well. */
    readonly keepsHeap: boolean;
}

/** What a deployment did; nothing of it has taken effect on the network yet. */
export interface DeploymentOutput {
    readonly trap?: Trap;
    readonly instructions: bigint;
    /** Of the old code. */
    readonly before: readonly ExecutionOutput[];
    /** Of the new code. */
    readonly after: readonly ExecutionOutput[];
}

/** With a sandbox if it did not trap; brackets are open until `keepDeployment`. */
export interface Deployed {
    readonly output: DeploymentOutput;
    readonly sandbox?: WasmSandbox;
}

/** The steps of one deployment, on a common budget. */
class Deployment {
    readonly before: ExecutionOutput[] = [];
    readonly after: ExecutionOutput[] = [];
    instructions = 0n;
    /** Minted less burned. */
    private cyclesGained = 0n;

    constructor(private readonly request: DeploymentRequest) {}

    /** The old code sees the version that it has. */
    leaveOldCode({ old, skipsPreUpgrade }: Upgrade): Trap | undefined {
        if (skipsPreUpgrade) return undefined;
        const canisterVersion = this.request.input.canisterVersion - 1n;
        return this.step(old, 'canister_pre_upgrade', { context: 'G', canisterVersion }, this.before);
    }

    /** A sandbox behind its first entry point, or why there is none. The new code finds no timer set. */
    enterNewCode(): WasmSandbox | Trap {
        const { code, upgrade } = this.request;
        const { old: upgradeOf, keepsHeap = false } = upgrade ?? {};
        const start = { ...this.inputNow(), globalTimerNs: 0n };
        const made = installModule({ module: code, ...(upgradeOf && { upgradeOf }), keepsHeap, start });
        if (!made.ok) {
            this.instructions += made.instructions;
            return made.trap;
        }
        if (made.start !== undefined) this.record(made.start, this.after);
        const entry = upgrade === undefined ? 'canister_init' : 'canister_post_upgrade';
        const trap = this.step(made.sandbox, entry, { context: 'I', globalTimerNs: timerOf(made.start) }, this.after);
        if (trap !== undefined) made.sandbox.dispose();
        return trap ?? made.sandbox;
    }

    private step(
        sandbox: WasmSandbox,
        name: string,
        seen: Pick<ExecutionInput, 'context'> & Partial<ExecutionInput>,
        outputs: ExecutionOutput[]
    ): Trap | undefined {
        if (!sandbox.exportedMethods.has(name)) return undefined;
        const output = sandbox.execute({ ...this.inputNow(), entry: { export: name }, ...seen });
        this.record(output, outputs);
        return output.trap;
    }

    private inputNow(): DeploymentRequest['input'] {
        const { input } = this.request;
        return {
            ...input,
            instructionLimit: input.instructionLimit - this.instructions,
            contextInstructions: this.instructions,
            balance: input.balance + this.cyclesGained
        };
    }

    private record(output: ExecutionOutput, outputs: ExecutionOutput[]): void {
        this.instructions += output.instructions;
        this.cyclesGained += (output.cyclesMinted ?? 0n) - output.cyclesBurned;
        outputs.push(output);
    }
}

/** What the start function has set the timer to. */
function timerOf(start: ExecutionOutput | undefined): bigint {
    return start?.globalTimerNs ?? 0n;
}

/**
 * Carries a deployment through by the upgrade protocol of `installModule`: `canister_pre_upgrade` in the old code, the start function of
 * the new, then `canister_init` or `canister_post_upgrade`. After a trap everything is as it was before.
 */
export function deployCode(request: DeploymentRequest): Deployed {
    const { upgrade } = request;
    const deployment = new Deployment(request);
    upgrade?.old.begin();
    const made = (upgrade && deployment.leaveOldCode(upgrade)) ?? deployment.enterNewCode();
    const { before, after, instructions } = deployment;
    if (!('code' in made)) return { output: { before, after, instructions }, sandbox: made };
    upgrade?.old.rollback();
    return { output: { before, after, instructions, trap: made } };
}

/** Closes the brackets of a deployment that did not trap: there is no way back. */
export function keepDeployment(sandbox: WasmSandbox, upgrade: Upgrade | undefined): void {
    sandbox.commit();
    upgrade?.old.commit();
    upgrade?.old.dispose();
}

/** Closes the brackets of a deployment that did not trap, and leaves everything as it was before. */
export function undoDeployment(sandbox: WasmSandbox, upgrade: Upgrade | undefined): void {
    sandbox.dispose();
    upgrade?.old.rollback();
}

/** Takes over what a deployment of the same request on a copy has done; undefined when there is no room for it. */
export function adoptDeployment(
    { code, upgrade }: DeploymentRequest,
    { output, changes }: DeploymentResult
): Deployed | undefined {
    if (changes === undefined) return { output };
    upgrade?.old.begin();
    const sandbox = tryCreate(code, upgrade);
    if (sandbox?.adopt(changes)) return { output, sandbox };
    sandbox?.dispose();
    upgrade?.old.rollback();
    return undefined;
}

function tryCreate(code: ModuleCode, upgrade: Upgrade | undefined): WasmSandbox | undefined {
    try {
        const sandbox = createSandbox(code, upgrade?.old.stable);
        sandbox.begin();
        return sandbox;
    } catch (error) {
        instantiationTrap(error);
        return undefined;
    }
}
