/** Installing, reinstalling and upgrading: all of it or nothing (replica.md b.3). */
import type { Context, ExecutionInput, ExecutionOutput, Trap } from '../execution/types';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import { installed, type InstalledSandbox } from '../state/module';
import { installModule, loadModule, type LoadedModule } from '../execution';
import { applyEffects, applyLogs } from '../scheduler/apply';
import { executionInput } from '../scheduler/input';
import { watchMemory } from '../scheduler/low_memory';
import { outOfCycles, trapped } from '../state/failures';
import { productionLimits } from '../state/limits';
import { touchCanister } from '../state/network';
import { hasId } from '../state/principals';
import { settle, withdraw } from '../cycles/account';
import { changeOrigin, done, failed, type ManagementCall, type Outcome } from './call';
import { modeRefusal } from './install_mode';
import type { InstallMode } from './types';
import { subnetOf } from '../state/subnet';

/** What to install where, and for whom. */
export interface Deployment {
    readonly call: ManagementCall;
    readonly canister: Canister;
    readonly mode: InstallMode;
    readonly wasm: Uint8Array;
    readonly argument: Uint8Array;
    readonly senderVersion: bigint | undefined;
}

/** A deployment under way: what it used, and what it will change if all goes well. */
interface Run extends Deployment {
    readonly code: LoadedModule;
    instructionsLeft: bigint;
    cyclesBurned: bigint;
    /** Outputs of pre_upgrade, then those of the new code. */
    readonly before: ExecutionOutput[];
    readonly after: ExecutionOutput[];
}

/** Installs the module as the mode says, or changes nothing but logs and cycles. */
export function deploy(deployment: Deployment): Outcome<undefined> {
    const { call, canister, mode, wasm } = deployment;
    const { network } = call;
    const { prices, limits } = subnetOf(network, canister.id);
    const loaded = loadModule(wasm);
    if (!loaded.ok) return failed(trapped(canister, loaded.error));
    const refusal = modeRefusal(canister, mode, loaded.module);
    if (refusal !== undefined) return failed(refusal);
    const compilation = prices.compilation(BigInt(loaded.module.layout.instructionCount));
    const prepaid = prices.execution(productionLimits.install) + compilation;
    const short = withdraw(network, canister, prepaid);
    if (short !== undefined) return failed(cannotPay(deployment, short.missing));
    const limit = limits.install;
    const run: Run = {
        ...deployment,
        code: loaded.module,
        instructionsLeft: limit,
        cyclesBurned: 0n,
        before: [],
        after: []
    };
    const trap = mode.kind === 'upgrade' ? upgrade(run) : install(run);
    settle(network, canister, prepaid, prices.execution(limit - run.instructionsLeft) + compilation, 'instructions');
    if (trap !== undefined) return failed(trapped(canister, trap));
    finish(run);
    return done(undefined);
}

function cannotPay({ call, canister }: Deployment, missing: bigint): IcError {
    const cause = outOfCycles(canister, missing, hasId(canister.settings.controllers, call.caller));
    return { code: cause.code, message: `Canister installation failed with \`${cause.message}\`.` };
}

/** Fresh memories, start function, canister_init. */
function install(run: Run): Trap | undefined {
    const { canister } = run;
    const installation = startNewCode(run, undefined);
    if ('trap' in installation) return installation.trap;
    const { sandbox } = installation;
    const trap = step(run, sandbox, 'I', 'canister_init', run.after);
    if (trap !== undefined) {
        sandbox.dispose();
        return trap;
    }
    sandbox.commit();
    canister.module?.sandbox.dispose();
    canister.certifiedData = new Uint8Array(0);
    adopt(run, sandbox);
    return undefined;
}

/** pre_upgrade on the old code, fresh or kept heap, start function, post_upgrade; stable memory stays. */
function upgrade(run: Run): Trap | undefined {
    const old = run.canister.module?.sandbox;
    if (old === undefined) return undefined;
    old.begin();
    const trap = upgradeFrom(run, old);
    if (trap !== undefined) old.rollback();
    return trap;
}

function upgradeFrom(run: Run, old: InstalledSandbox): Trap | undefined {
    const options = run.mode.kind === 'upgrade' ? run.mode.value : undefined;
    const failure = options?.skip_pre_upgrade ? undefined : step(run, old, 'G', 'canister_pre_upgrade', run.before);
    if (failure !== undefined) return failure;
    const keepsHeap = options?.wasm_memory_persistence?.kind === 'keep';
    const installation = startNewCode(run, { upgradeOf: old, keepsHeap });
    if ('trap' in installation) return installation.trap;
    const { sandbox } = installation;
    const trap = step(run, sandbox, 'I', 'canister_post_upgrade', run.after);
    if (trap !== undefined) {
        sandbox.dispose();
        return trap;
    }
    sandbox.commit();
    old.commit();
    old.dispose();
    adopt(run, sandbox);
    return undefined;
}

interface Predecessor {
    readonly upgradeOf: InstalledSandbox;
    readonly keepsHeap: boolean;
}

function startNewCode(
    run: Run,
    from: Predecessor | undefined
): { readonly sandbox: InstalledSandbox } | { readonly trap: Trap } {
    const input = stepInput(run, run.canister.version + 1n);
    const start = executionInput(run.call.network, run.canister, { ...input, context: 's', entry: { export: '' } });
    const installation = installModule({ module: run.code, ...from, start });
    if (!installation.ok) {
        run.instructionsLeft -= installation.instructions;
        return installation;
    }
    if (installation.start !== undefined) record(run, installation.start, run.after);
    return installation;
}

/** Runs an entry point in the sandbox's open bracket if the code has it. */
function step(
    run: Run,
    sandbox: InstalledSandbox,
    mode: Context,
    name: string,
    outputs: ExecutionOutput[]
): Trap | undefined {
    if (!sandbox.exportedMethods.has(name)) return undefined;
    // The new code sees the version that it will have.
    const version = mode === 'I' ? run.canister.version + 1n : run.canister.version;
    const input = { ...stepInput(run, version), context: mode, entry: { export: name } };
    const output = sandbox.execute(executionInput(run.call.network, run.canister, input));
    record(run, output, outputs);
    return output.trap;
}

function stepInput(run: Run, version: bigint): Partial<ExecutionInput> & { readonly instructionLimit: bigint } {
    return {
        instructionLimit: run.instructionsLeft,
        contextInstructions: subnetOf(run.call.network, run.canister.id).limits.install - run.instructionsLeft,
        canisterVersion: version,
        caller: run.call.caller,
        argument: run.argument,
        balance: run.canister.balance - run.cyclesBurned
    };
}

function record(run: Run, output: ExecutionOutput, outputs: ExecutionOutput[]): void {
    run.instructionsLeft -= output.instructions;
    run.cyclesBurned += output.cyclesBurned;
    outputs.push(output);
    if (output.trap !== undefined) applyLogs(run.canister, output, run.call.network.roundNs);
}

function adopt(run: Run, sandbox: InstalledSandbox): void {
    run.canister.module = installed(run.code, sandbox);
}

/** Effects of both codes in their order; the timer does not survive the change of code. */
function finish(run: Run): void {
    const { call, canister, mode } = run;
    const { network } = call;
    if (mode.kind === 'reinstall') canister.log.clear();
    for (const output of run.before) applySuccess(run, output);
    canister.globalTimerNs = 0n;
    canister.version += 1n;
    for (const output of run.after) applySuccess(run, output);
    canister.installedAtNs = network.roundNs;
    canister.lowMemoryHook = 'quiet';
    watchMemory(canister);
    canister.history.add({
        timestampNs: network.roundNs,
        canisterVersion: canister.version,
        origin: changeOrigin(call, run.senderVersion),
        details: { kind: 'code_deployment', mode: mode.kind, moduleHash: run.code.hash }
    });
    touchCanister(network, canister);
}

function applySuccess({ call, canister }: Run, output: ExecutionOutput): void {
    applyEffects(call.network, canister, output);
    applyLogs(canister, output, call.network.roundNs);
}
