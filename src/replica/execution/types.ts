/**
 * The boundary between the scheduler (which owns canisters, queues, call contexts and cycles)
 * and the sandbox (which owns one WebAssembly instance and its stable memory).
 * The sandbox knows nothing of other canisters: what an execution may see comes in as
 * `ExecutionInput`, what it wants comes out as `ExecutionOutput`.
 */

/**
 * Contexts of the System API, by the letters of the interface specification's table:
 * I init and post_upgrade, G pre_upgrade, U update, RQ/NRQ replicated and non-replicated query, TQ transform,
 * CQ composite query, Ry/Rt reply and reject callback, CRy/CRt the same in composite queries,
 * C/CC cleanup, F inspect_message, T heartbeat, timer and low-memory hook, s start function.
 */
export type Context =
    'I' | 'G' | 'U' | 'RQ' | 'NRQ' | 'TQ' | 'CQ' | 'Ry' | 'Rt' | 'CRy' | 'CRt' | 'C' | 'CC' | 'F' | 'T' | 's';

/** A callback stored by `ic0.call_new` or `ic0.call_on_cleanup`: an index into the table and its closure argument. */
export interface Closure {
    readonly table: number;
    readonly env: bigint;
}

/** What to run: an exported entry point (`canister_update greet`), or a callback. */
export type EntryPoint = { readonly export: string } | { readonly closure: Closure };

/** 1 running, 2 stopping, 3 stopped: the values of `ic0.canister_status`. */
export type StatusCode = 1 | 2 | 3;

/** A message, and what its execution may know of the canister and the network. */
export interface ExecutionInput {
    readonly context: Context;
    readonly entry: EntryPoint;
    /** Instructions that this execution may use before it traps. */
    readonly instructionLimit: bigint;
    /** Instructions already used in this call context, for `performance_counter(1)`. */
    readonly contextInstructions: bigint;
    /** Constant during the execution. */
    readonly timeNs: bigint;
    readonly self: Uint8Array;
    readonly subnet: Uint8Array;
    /** DER-encoded. */
    readonly rootKey: Uint8Array;
    readonly caller: Uint8Array;
    readonly controllers: readonly Uint8Array[];
    readonly canisterVersion: bigint;
    readonly status: StatusCode;
    /** Argument of the call, or data of the reply in a reply callback. */
    readonly argument: Uint8Array;
    /** 0 outside reject callbacks. */
    readonly rejectCode: number;
    readonly rejectMessage: string;
    /** Name of the called method, for inspect_message. */
    readonly methodName: string;
    /** Deadline of a best-effort call, 0 when there is none. */
    readonly deadlineNs: bigint;
    /** The call context was answered by an earlier execution. */
    readonly responded: boolean;
    readonly cyclesAvailable: bigint;
    readonly cyclesRefunded: bigint;
    readonly balance: bigint;
    /** Cycles that outgoing calls may not touch. */
    readonly freezingLimit: bigint;
    readonly replicated: boolean;
    /** The canister has the id of the minting canister, whose cycles come from nowhere. */
    readonly mayMint?: boolean;
    /** The global timer as it is set now, for the result of `global_timer_set`; 0 (or absent) when it is not. */
    readonly globalTimerNs?: bigint;
    /** Attributes of a sender that signs through a canister (`msg_caller_info_*`); absent for other senders. */
    readonly callerInfo?: { readonly data: Uint8Array; readonly signer: Uint8Array };
    /** CBOR of the data certificate; absent where none may be read. */
    readonly dataCertificate?: Uint8Array;
    readonly environmentVariables: readonly (readonly [name: string, value: string])[];
    /** Free places in the output queue to a canister (500 when empty). */
    readonly queueRoom: (callee: Uint8Array) => number;
    /** Ids of the canister's own subnet: less fits into a call to another one. */
    readonly subnetRanges: readonly { readonly start: Uint8Array; readonly end: Uint8Array }[];
    /** Heap limit set by `wasm_memory_limit`, in bytes; 0 for none. */
    readonly wasmMemoryLimit: bigint;
    /** What decides how far the memories may grow (IC0532); absent where nothing does. */
    readonly memoryUse?: MemoryUse;
    /** Bytes that the machine has left for growing memories; absent for no bound. */
    readonly roomBytes?: bigint;
    /** Prices that `cost_*` functions report and `call_perform` withdraws. */
    readonly costs: CostTable;
}

/** What the freezing limit depends on, beside the prices. */
export interface Keeping {
    /** Bytes that are paid for, used or not. */
    readonly allocation: bigint;
    /** Percent. */
    readonly computeAllocation: bigint;
    /** Seconds. */
    readonly freezingThreshold: bigint;
}

/** What a canister keeps when an execution begins. */
export interface MemoryUse extends Keeping {
    /** Everything that rent is paid for: memories, module, snapshots and the rest. */
    readonly bytes: bigint;
}

/** Cycle prices, asked by the sandbox, answered by the scheduler's price table. */
export interface CostTable {
    /** The callback's reserve depends on the size of the caller's pointers. */
    call(methodNameBytes: bigint, payloadBytes: bigint, pointerBytes: 4 | 8): bigint;
    createCanister(): bigint;
    /** Cycles that a canister of this size needs in order not to be frozen. */
    freezingLimit(bytes: bigint, keeping: Keeping): bigint;
    /** The largest size that leaves the balance above the freezing limit; undefined for any. */
    affordableBytes(balance: bigint, keeping: Keeping): bigint | undefined;
    httpRequest(requestBytes: bigint, maxResponseBytes: bigint): bigint;
    httpRequestV2(usage: OutcallUsage): bigint;
    /** Undefined for an unknown curve or key: the caller gets 1 or 2. */
    sign(
        scheme: 'ecdsa' | 'schnorr' | 'vetkd',
        keyName: string,
        curve: number
    ): bigint | 'unknown-curve' | 'unknown-key';
}

/** What an HTTPS outcall is expected to use, for the price by usage. */
export interface OutcallUsage {
    readonly requestBytes: bigint;
    readonly roundtripMs: bigint;
    readonly rawResponseBytes: bigint;
    readonly transformedResponseBytes: bigint;
    readonly transformInstructions: bigint;
}

/** A call that the execution performed; sent only if the execution is committed. */
export interface OutgoingCall {
    readonly callee: Uint8Array;
    readonly method: string;
    readonly argument: Uint8Array;
    readonly cycles: bigint;
    /** Fee withdrawn from the balance at `call_perform`, by `CostTable.call`. */
    readonly fee: bigint;
    readonly onReply: Closure;
    readonly onReject: Closure;
    readonly onCleanup?: Closure;
    /** Set by `call_with_best_effort_response`, in seconds. */
    readonly timeoutSeconds?: number;
}

/** Why an execution ended early: the error code's name (replica.md a.6) and the text behind "Error from Canister <id>: ". */
export interface Trap {
    readonly code: string;
    /** With the replica's help text, where there is one. */
    readonly message: string;
    /** Record for the canister log, such as `[TRAP]: heap out of bounds`; the replica logs traps of these kinds only. */
    readonly log?: string;
}

/** What a message was answered. */
export type Response =
    { readonly kind: 'reply'; readonly data: Uint8Array } | { readonly kind: 'reject'; readonly message: string };

/** What an execution did. Nothing of it has taken effect on the network yet. */
export interface ExecutionOutput {
    readonly trap?: Trap;
    /** Instructions used, host calls included. */
    readonly instructions: bigint;
    readonly response?: Response;
    readonly calls: readonly OutgoingCall[];
    readonly cyclesAccepted: bigint;
    readonly cyclesBurned: bigint;
    readonly cyclesMinted?: bigint;
    readonly certifiedData?: Uint8Array;
    /** New global timer in nanoseconds, 0 to disarm. */
    readonly globalTimerNs?: bigint;
    /** inspect_message called `accept_message`. */
    readonly accepted: boolean;
    /** What the memories have grown by, where the machine's room is bounded: bytes, those of the heap twice. */
    readonly roomTaken?: bigint;
    /** debug_print texts, in order; kept when the execution traps. */
    readonly logs: readonly Uint8Array[];
}

/**
 * One installed canister module with its memories.
 * The scheduler brackets each execution: `begin`, one or more `execute`, then `commit` or `rollback`.
 * `rollback` restores heap, mutable globals, table and stable memory to what they were at `begin`, whatever the module did
 * (grow included). Brackets do not nest.
 */
export interface Sandbox {
    readonly exportedMethods: ReadonlySet<string>;
    begin(): void;
    /** Never throws for what the canister does: traps are in the output. After a trap only `rollback` is allowed. */
    execute(input: ExecutionInput): ExecutionOutput;
    commit(): void;
    rollback(): void;
    heapBytes(): number;
    stableBytes(): number;
    dispose(): void;
}
