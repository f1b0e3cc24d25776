/** Executions that take longer than others should wait for: they are finished beside the rounds (README, "Long executions"). */
import type { ExecutionInput, Trap } from '../execution/types';
import type { Callback, Origin, ResponseMessage } from './message';

/** What an execution may see, as plain data; what is missing follows from the network and the canister. */
export type PlainInput = Omit<ExecutionInput, 'queueRoom' | 'costs'>;

/** What an execution is part of, and how to go on when it is over. */
export type Step = ContextStep | DeploymentStep;

/** Part of a call context. */
export type ContextStep = CallStep | CallbackStep | CleanupStep;

/** A call, or a task of the canister's own. */
export interface CallStep {
    readonly kind: 'call' | 'task';
    readonly contextId: number;
    /** Cycles withdrawn for the execution. */
    readonly prepaid: bigint;
}

/** The delivery of a response. */
export interface CallbackStep {
    readonly kind: 'callback';
    readonly contextId: number;
    readonly callback: Callback;
    readonly message: ResponseMessage;
}

/** What follows a callback that trapped. */
export interface CleanupStep {
    readonly kind: 'cleanup';
    readonly contextId: number;
    readonly callback: Callback;
    /** Of the callback. */
    readonly trap: Trap;
    readonly instructions: bigint;
}

/** The installation of code, by a management call. */
export interface DeploymentStep {
    readonly kind: 'deployment';
    readonly origin: Origin;
    /** Attached to the call; all of them go back. */
    readonly cycles: bigint;
    readonly mode: 'install' | 'reinstall' | 'upgrade';
    readonly skipsPreUpgrade: boolean;
    readonly keepsHeap: boolean;
    readonly wasm: Uint8Array;
    readonly senderVersion: bigint | undefined;
    /** Cycles withdrawn for compilation and execution. */
    readonly prepaid: bigint;
}

/** An execution whose first slice was not enough. Until it ends its canister stays as it was before, and takes nothing else on. */
export interface LongExecution {
    /** Never given twice; in the order of their beginnings. */
    readonly id: number;
    readonly input: PlainInput;
    readonly step: Step;
}
