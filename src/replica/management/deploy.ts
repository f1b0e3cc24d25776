/** Installing, reinstalling and upgrading: all of it or nothing (replica.md b.3). */
import type { ExecutionInput, ExecutionOutput } from '../execution/types';
import { memoryBytes, type Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import type { DeploymentStep } from '../state/long_execution';
import type { Network } from '../state/network';
import { installed, type InstalledSandbox } from '../state/module';
import { reject, reply } from '../state/message';
import {
    adoptDeployment,
    deployCode,
    keepDeployment,
    loadModule,
    undoDeployment,
    type Deployed,
    type DeploymentOutput,
    type DeploymentRequest,
    type DetachedResult,
    type LoadedModule
} from '../execution';
import { applyEffects, applyLogs } from '../scheduler/apply';
import { isCutOff, sendAway, takeRoom } from '../scheduler/execution';
import { executionInput } from '../scheduler/input';
import { watchMemory } from '../scheduler/low_memory';
import { respond } from '../scheduler/respond';
import { encodedNothing } from '../candid/codecs';
import { outOfCycles, outOfCyclesTrap, trapped } from '../state/failures';
import { productionLimits, sliceLimits } from '../state/limits';
import { touchCanister } from '../state/network';
import { hasId } from '../state/principals';
import { settle, unpayableGrowth, withdraw } from '../cycles/account';
import type { Prices } from '../cycles/prices';
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

/** Installs the module as the mode says, or changes nothing but logs and cycles. */
export function deploy(deployment: Deployment): Outcome<undefined> {
    const { call, canister, mode, wasm, argument } = deployment;
    const { network } = call;
    const { limits } = subnetOf(network, canister.id);
    const loaded = loadModule(wasm);
    if (!loaded.ok) return failed(trapped(canister, loaded.error));
    const code = loaded.module;
    const refusal = modeRefusal(canister, mode, code);
    if (refusal !== undefined) return failed(refusal);
    const prices = pricesOfCode(network, canister, code);
    const prepaid = prices.execution(productionLimits.install) + compilation(prices, code);
    const short = withdraw(network, canister, prepaid);
    if (short !== undefined) return failed(cannotPay(deployment, short.missing));
    const step = stepOf(deployment, prepaid);
    const limit = limits.install;
    const instructionLimit = network.isSliced && sliceLimits.install < limit ? sliceLimits.install : limit;
    const input = executionInput(network, canister, {
        context: 'I',
        entry: { export: 'canister_init' },
        instructionLimit,
        // The new code sees the version that it will have.
        canisterVersion: canister.version + 1n,
        caller: call.caller,
        argument
    });
    const request = requestOf(canister, code, step, input);
    const deployed = deployCode(request);
    if (instructionLimit < limit && isCutOff(deployed.output)) {
        network.usedByDeployment = instructionLimit;
        sendAway(network, canister, { ...input, instructionLimit: limit }, step);
        return { kind: 'waiting' };
    }
    network.usedByDeployment = deployed.output.instructions;
    const failure = conclude({ network, canister, code, step, input, request }, deployed);
    return failure === undefined ? done(undefined) : failed(failure);
}

/** The new code decides, also about what the old code does before it goes. */
function pricesOfCode(network: Network, canister: Canister, { layout }: LoadedModule): Prices {
    return subnetOf(network, canister.id).prices.forPointers(layout.pointerBytes);
}

function compilation(prices: Prices, code: LoadedModule): bigint {
    return prices.compilation(BigInt(code.layout.instructionCount));
}

function cannotPay({ call, canister }: Deployment, missing: bigint): IcError {
    const cause = outOfCycles(canister, missing, hasId(canister.settings.controllers, call.caller));
    return { code: cause.code, message: `Canister installation failed with \`${cause.message}\`.` };
}

function stepOf({ call, mode, wasm, senderVersion }: Deployment, prepaid: bigint): DeploymentStep {
    const options = mode.kind === 'upgrade' ? mode.value : undefined;
    return {
        kind: 'deployment',
        origin: call.origin,
        cycles: call.cycles,
        mode: mode.kind,
        skipsPreUpgrade: options?.skip_pre_upgrade ?? false,
        keepsHeap: options?.wasm_memory_persistence?.kind === 'keep',
        wasm,
        senderVersion,
        prepaid
    };
}

function requestOf(
    { module }: Canister,
    code: LoadedModule,
    { mode, skipsPreUpgrade, keepsHeap }: DeploymentStep,
    input: ExecutionInput
): DeploymentRequest {
    const old = mode === 'upgrade' ? module?.sandbox : undefined;
    return { code, input, ...(old && { upgrade: { old, skipsPreUpgrade, keepsHeap } }) };
}

/** The canister's long execution was a deployment: makes it part of the state, and answers who called. */
export function endDeployment(
    network: Network,
    canister: Canister,
    step: DeploymentStep,
    input: ExecutionInput,
    result: DetachedResult | undefined
): void {
    const loaded = loadModule(step.wasm);
    // It was loaded when the deployment began.
    if (!loaded.ok) return;
    const request = requestOf(canister, loaded.module, step, input);
    const found = result?.kind === 'deployment' ? adoptDeployment(request, result) : undefined;
    const begun = { network, canister, code: loaded.module, step, input, request };
    const failure = conclude(begun, found ?? deployCode(request));
    respond(network, step.origin, failure === undefined ? reply(encodedNothing) : reject(failure), step.cycles);
}

/** What a deployment began with. */
interface Begun {
    readonly network: Network;
    readonly canister: Canister;
    readonly code: LoadedModule;
    readonly step: DeploymentStep;
    readonly input: ExecutionInput;
    readonly request: DeploymentRequest;
}

/** Makes what the deployment did part of the state, or tells why nothing of it stays. */
function conclude(begun: Begun, { output, sandbox }: Deployed): IcError | undefined {
    const { network, canister, code, step, input, request } = begun;
    const prices = pricesOfCode(network, canister, code);
    const price = prices.execution(output.instructions) + compilation(prices, code);
    settle(network, canister, step.prepaid, price, 'instructions');
    const outputs = [...output.before, ...output.after];
    for (const failed of outputs) if (failed.trap !== undefined) applyLogs(network, canister, failed, input.timeNs);
    if (sandbox === undefined) return output.trap && trapped(canister, output.trap);
    const burned = outputs.reduce((sum, { cyclesBurned }) => sum + cyclesBurned, 0n);
    const refusal = burned > canister.balance ? trapped(canister, outOfCyclesTrap(canister)) : tooLarge(begun, sandbox);
    if (refusal !== undefined) {
        undoDeployment(sandbox, request.upgrade);
        return refusal;
    }
    keepDeployment(sandbox, request.upgrade);
    if (request.upgrade === undefined) {
        canister.module?.sandbox.dispose();
        canister.certifiedData = new Uint8Array(0);
    }
    canister.module = installed(code, sandbox);
    finish(begun, output);
    return undefined;
}

/** IC0532: the entry points of a deployment may grow as they like, and what they leave must be paid for. */
function tooLarge({ network, canister, code, input }: Begun, sandbox: InstalledSandbox): IcError | undefined {
    const after = memoryBytes({ ...canister, module: installed(code, sandbox) });
    return unpayableGrowth(network, canister, after - memoryBytes(canister), input.caller);
}

/** Effects of both codes in their order; the timer does not survive the change of code. */
function finish({ network, canister, code, step, input }: Begun, { before, after }: DeploymentOutput): void {
    const apply = (output: ExecutionOutput): void => {
        takeRoom(network, output);
        applyEffects(network, canister, output);
        applyLogs(network, canister, output, input.timeNs);
    };
    if (step.mode === 'reinstall') canister.log.clear();
    before.forEach(apply);
    canister.globalTimerNs = 0n;
    canister.version += 1n;
    after.forEach(apply);
    canister.installedAtNs = network.roundNs;
    canister.lowMemoryHook = 'quiet';
    watchMemory(canister);
    const { origin, cycles, senderVersion } = step;
    canister.history.add({
        timestampNs: network.roundNs,
        canisterVersion: canister.version,
        origin: changeOrigin({ network, origin, caller: input.caller, cycles }, senderVersion),
        details: { kind: 'code_deployment', mode: step.mode, moduleHash: code.hash }
    });
    touchCanister(network, canister);
}
