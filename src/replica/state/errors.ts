/** Error codes of the replica (interface specification, "Error codes"; replica.md a.6). */

/** Number behind `IC`: its first digit is the reject code. */
const numbers = {
    SubnetOversubscribed: 101,
    MaxNumberOfCanistersReached: 102,
    CanisterQueueFull: 201,
    IngressMessageTimeout: 202,
    CanisterQueueNotEmpty: 203,
    IngressHistoryFull: 204,
    CanisterIdAlreadyExists: 205,
    StopCanisterRequestTimeout: 206,
    CanisterOutOfCycles: 207,
    CertifiedStateUnavailable: 208,
    CanisterInstallCodeRateLimited: 209,
    CanisterHeapDeltaRateLimited: 210,
    CanisterNotFound: 301,
    CanisterSnapshotNotFound: 305,
    InsufficientMemoryAllocation: 402,
    InsufficientCyclesForCreateCanister: 403,
    SubnetNotFound: 404,
    CanisterNotHostedBySubnet: 405,
    CanisterRejectedMessage: 406,
    UnknownManagementMessage: 407,
    InvalidManagementPayload: 408,
    CanisterSnapshotImmutable: 409,
    CanisterTrapped: 502,
    CanisterCalledTrap: 503,
    CanisterContractViolation: 504,
    CanisterInvalidWasm: 505,
    CanisterDidNotReply: 506,
    CanisterOutOfMemory: 507,
    CanisterStopped: 508,
    CanisterStopping: 509,
    CanisterNotStopped: 510,
    CanisterStoppingCancelled: 511,
    CanisterInvalidController: 512,
    CanisterFunctionNotFound: 513,
    CanisterNonEmpty: 514,
    QueryCallGraphLoopDetected: 517,
    InsufficientCyclesInCall: 520,
    CanisterWasmEngineError: 521,
    CanisterInstructionLimitExceeded: 522,
    CanisterMemoryAccessLimitExceeded: 524,
    QueryCallGraphTooDeep: 525,
    QueryCallGraphTotalInstructionLimitExceeded: 526,
    CompositeQueryCalledInReplicatedMode: 527,
    QueryTimeLimitExceeded: 528,
    QueryCallGraphInternal: 529,
    InsufficientCyclesInComputeAllocation: 530,
    InsufficientCyclesInMemoryAllocation: 531,
    InsufficientCyclesInMemoryGrow: 532,
    ReservedCyclesLimitExceededInMemoryAllocation: 533,
    ReservedCyclesLimitExceededInMemoryGrow: 534,
    InsufficientCyclesInMessageMemoryGrow: 535,
    CanisterMethodNotFound: 536,
    CanisterWasmModuleNotFound: 537,
    CanisterAlreadyInstalled: 538,
    CanisterWasmMemoryLimitExceeded: 539,
    ReservedCyclesLimitIsTooLow: 540,
    DeadlineExpired: 601,
    ResponseDropped: 602
} as const;

/** The codes by name, as PocketIC spells them. */
export type ErrorName = keyof typeof numbers;

/** An expected failure inside the state machine: the code's name and the text that clients see. */
export interface IcError {
    readonly code: ErrorName;
    readonly message: string;
}

/** Whether `name` is one of the codes above (the sandbox names its traps by plain text). */
export function isErrorName(name: string): name is ErrorName {
    return name in numbers;
}

/** 1 … 6 */
export function rejectCodeOf(code: ErrorName): number {
    return Math.floor(numbers[code] / 100);
}

/** `IC0301` */
export function errorCodeText(code: ErrorName): string {
    return `IC${String(numbers[code]).padStart(4, '0')}`;
}

/** The name of `IC0301`; undefined for a code that is none of these. */
export function errorNameOf(text: string): ErrorName | undefined {
    const number = Number(text.replace(/^IC/, ''));
    return Object.keys(numbers)
        .filter(isErrorName)
        .find((name) => numbers[name] === number);
}
