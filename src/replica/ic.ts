import type {
    CanisterView,
    HttpOutcall,
    HttpOutcallAnswer,
    IngressMessage,
    IngressStatus,
    NetworkConfig,
    CanisterRange,
    QueryMessage,
    QueryResult,
    RequestView,
    SubmitResult
} from './state/api';

export type * from './state/api';

/** Signatures first; the bodies follow. */
export declare class InternetComputer {
    constructor(config: NetworkConfig);

    submitIngress(message: IngressMessage): SubmitResult;
    ingressStatus(requestId: Uint8Array): IngressStatus;
    query(message: QueryMessage): QueryResult;

    /** One round: advances the clock if it stands at the last round's time, then executes what is due. */
    runRound(): void;
    /** Rounds until nothing is left to do now; false when `maxRounds` was reached first. Timers in the future do not count as work. */
    runUntilIdle(maxRounds?: number): boolean;
    /** Whether a round would execute something at the present clock (heartbeats excepted). */
    hasWork(): boolean;
    /** The earliest clock at which a timer, deadline or expiry is due; undefined for never. */
    nextTimerNs(): bigint | undefined;
    /** Some running canister exports a heartbeat: rounds should be run now and then. */
    hasHeartbeat(): boolean;

    /** The clock of the next round. */
    currentTimeNs(): bigint;
    /** The last round's time: what queries and certificates see. */
    certifiedTimeNs(): bigint;
    /** False (and nothing changes) when `nowNs` lies before the clock. */
    setTime(nowNs: bigint): boolean;
    /** Sets the clock and the last round's time without a round. */
    setCertifiedTime(nowNs: bigint): boolean;

    subnetId(): Uint8Array;
    nodeIds(): readonly Uint8Array[];
    canisterRanges(): readonly CanisterRange[];
    defaultEffectiveCanisterId(): Uint8Array;
    /** Whether the id lies in the subnet's ranges. */
    ownsCanisterId(canisterId: Uint8Array): boolean;

    canister(canisterId: Uint8Array): CanisterView | undefined;
    canisters(): Iterable<CanisterView>;
    request(requestId: Uint8Array): RequestView | undefined;
    requests(): Iterable<RequestView>;
    /** Grows with every change of any view (canisters, requests, certified time). */
    stateVersion(): number;

    canisterExists(canisterId: Uint8Array): boolean;
    controllers(canisterId: Uint8Array): readonly Uint8Array[] | undefined;
    cycles(canisterId: Uint8Array): bigint | undefined;
    /** New balance; undefined for a missing canister. */
    addCycles(canisterId: Uint8Array, amount: bigint): bigint | undefined;
    stableMemory(canisterId: Uint8Array): Uint8Array | undefined;
    /** False for a missing or empty canister. */
    setStableMemory(canisterId: Uint8Array, bytes: Uint8Array): boolean;

    pendingHttpOutcalls(): readonly HttpOutcall[];
    /** False when no outcall with this id waits. */
    answerHttpOutcall(id: bigint, answer: HttpOutcallAnswer): boolean;
}
