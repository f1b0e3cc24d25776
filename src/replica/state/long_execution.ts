/** Executions that take longer than others should wait for: they are finished beside the rounds (README, "Long executions"). */
import type { ExecutionInput, Trap } from '../execution/types';
import type { Callback, Message, ResponseMessage } from './message';

/** What an execution may see, as plain data; what is missing follows from the network and the canister. */
export type PlainInput = Omit<ExecutionInput, 'queueRoom' | 'costs'>;

/** What an execution is part of, and how to go on when it is over. */
export type Step = CallStep | CallbackStep | CleanupStep;

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

/** An execution whose first slice was not enough. Until it ends its canister stays as it was before, and takes nothing else on. */
export interface LongExecution {
    /** Never given twice; in the order of their beginnings. */
    readonly id: number;
    readonly input: PlainInput;
    readonly step: Step;
    /** What came for the canister since, oldest first. */
    readonly waiting: Message[];
}
