/**
 * The embedded network as a deterministic state machine: messages and rounds in, statuses and views out.
 * It knows the clock only as far as it is told, and nothing of HTTP, CBOR or signatures.
 */
import type {
    BlockMakers,
    CanisterRange,
    CanisterView,
    HttpOutcall,
    HttpOutcallAnswer,
    IngressMessage,
    IngressStatus,
    NetworkConfig,
    NetworkInput,
    QueryMessage,
    LongExecutionView,
    QueryResult,
    RequestView,
    SubnetMetrics,
    SubmitResult
} from './state/api';
import type { DetachedResult } from './execution';
import type { IcError } from './state/errors';
import type { CallResponse } from './state/message';
import type { NativeCanister } from './state/native';
import { mint } from './cycles/account';
import { nextCanisterId, ownsId } from './management/create';
import { answerOutcall, endOutcall, responseOf } from './management/http';
import { answerHere, answerWithin, evaluateCopy, QueryQuestion } from './query';
import type { Evaluation, Question, Sliced } from './query';
import { inspectionQuestion, isInspected } from './query/inspection';
import { detachExecution, type DetachedExecution } from './scheduler/detached_execution';
import { submitIngress } from './scheduler/ingress';
import { countIngress } from './scheduler/ingress_memory';
import { endNow, longRunning, noteEnd } from './scheduler/long_executions';
import { hasWork, nextDueNs, runRound } from './scheduler/rounds';
import { hasHeartbeat } from './scheduler/tasks';
import { restoreImage, takeImage, type NetworkImage } from './state/image';
import { findCanister, newNetwork, type Network } from './state/network';
import { idKey } from './state/principals';
import { replaceStable, stableBytes } from './state/stable';
import { subnetMetrics } from './state/subnet_metrics';
import { canisterView, nativeView, requestView } from './state/views';

export type * from './state/api';
export type { NetworkImage } from './state/image';
export type { ErrorName } from './state/errors';
export type * from './state/native';

/** Rounds after which `runUntilIdle` gives up: canisters can call themselves for ever. */
const defaultMaxRounds = 100;

/** A network without keys, threads or sockets. */
export class InternetComputer {
    private readonly network: Network;
    private recorder: ((input: NetworkInput) => void) | undefined;
    private room: (() => bigint | undefined) | undefined;

    /** With an image the network goes on where the image was taken. */
    constructor(config: NetworkConfig, natives: readonly NativeCanister[] = [], image?: NetworkImage) {
        this.network = newNetwork(config, natives);
        if (image === undefined) return;
        restoreImage(this.network, image);
        countIngress(this.network);
    }

    /** From now on every input is told before it takes effect. */
    recordInputs(recorder: (input: NetworkInput) => void): void {
        this.recorder = recorder;
    }

    /**
     * From now on each round asks how many bytes its canisters may grow by on this machine (undefined: as many as are left of the last
     * answer). As the clock it is an input of the round.
     */
    askForRoom(room: () => bigint | undefined): void {
        this.room = room;
    }

    /** Applies an input that was recorded. */
    replay(input: NetworkInput): void {
        switch (input.kind) {
            case 'ingress':
                // Its canister has taken it, and is not asked again.
                this.submitIngress(input.message, true);
                return;
            case 'round':
                this.setTime(input.clockNs);
                this.network.roomBytes = input.roomBytes;
                return this.runRound(input.isSliced, input.blockMakers);
            case 'execution_ended':
                return this.endExecution(input.canisterId, input.id);
            case 'certified_time':
                this.setCertifiedTime(input.nowNs);
                return;
            case 'outcall_answer':
                this.answerHttpOutcall(input.id, input.answer);
                return;
            case 'outcall_response':
                this.endHttpOutcall(input.id, input.response);
                return;
            case 'cycles':
                this.addCycles(input.canisterId, input.amount);
                return;
            case 'stable_memory':
                this.setStableMemory(input.canisterId, input.bytes);
                return;
        }
    }

    /** The whole state, between two rounds. It shares memories with the network: write it down before the next round. */
    image(): NetworkImage {
        return takeImage(this.network);
    }

    /**
     * Checks the message and queues it; the next round executes it. A known request id is never executed again. `isInspected` when the
     * canister's answer to `inspection` was that it takes the message.
     */
    submitIngress(message: IngressMessage, isInspected = false): SubmitResult {
        const result = submitIngress(this.network, message, isInspected);
        // Only now, because a refused message changes nothing; it takes effect in a later round.
        if (result.kind === 'accepted') this.recorder?.({ kind: 'ingress', message });
        return result;
    }

    /** `unknown` for ids never submitted, and again some minutes after their expiry. */
    ingressStatus(requestId: Uint8Array): IngressStatus {
        return this.network.requests.get(idKey(requestId))?.status ?? { kind: 'unknown' };
    }

    /** What to ask before the message is submitted; undefined when there is nothing to ask. */
    inspection(message: IngressMessage): Question<IcError | undefined> | undefined {
        const isKnown = this.network.requests.has(idKey(message.requestId));
        return isKnown || !isInspected(this.network, message.canisterId)
            ? undefined
            : inspectionQuestion(this.network, message);
    }

    /** Answers at the last round's time; also management queries, with `aaaaa-aa` as the canister id. */
    query(message: QueryMessage): QueryResult {
        return answerHere(this.network, this.question(message));
    }

    /** What `query` asks. */
    question(message: QueryMessage): Question<QueryResult> {
        return new QueryQuestion(this.network, message);
    }

    /** Answers in so many instructions of this thread, or not at all. */
    answerWithin<T>(question: Question<T>, slice: bigint): Sliced<T> {
        return answerWithin(this.network, question, slice);
    }

    /** Answers in this thread, however long it takes. */
    answerHere<T>(question: Question<T>): T {
        return answerHere(this.network, question);
    }

    /** What leads to the answer, executed on copies of the canisters as they are now. */
    evaluateCopy<T>(question: Question<T>): Evaluation<T> {
        return evaluateCopy(this.network, question);
    }

    /**
     * One round: advances the clock if it stands at the last round's time, then executes what is due. A sliced round leaves executions
     * that take long to `longExecutions`; any other finishes them. Its blocks are made by the first node of each subnet, or as told.
     */
    runRound(isSliced = false, blockMakers: readonly BlockMakers[] = []): void {
        const measured = this.room?.();
        if (measured !== undefined) this.network.roomBytes = measured;
        const { clockNs, roomBytes } = this.network;
        const named = blockMakers.length > 0 && { blockMakers };
        this.recorder?.({ kind: 'round', clockNs, isSliced, ...(roomBytes !== undefined && { roomBytes }), ...named });
        runRound(this.network, isSliced, blockMakers);
    }

    /** Executions that outlasted their slice and are not over yet, the oldest first. */
    longExecutions(): readonly LongExecutionView[] {
        return longRunning(this.network).map(({ id, longExecution }) => ({ canisterId: id, id: longExecution.id }));
    }

    /** What it takes to carry the canister's long execution through in another thread; undefined where a copy is not possible. */
    detachExecution(canisterId: Uint8Array): DetachedExecution | undefined {
        return detachExecution(this.network, canisterId);
    }

    /**
     * The long execution is over: the next round makes what it did part of the state. The result is a function of the state, so that
     * without one the round finds it out itself.
     */
    endExecution(canisterId: Uint8Array, id: number, result?: DetachedResult): void {
        this.recorder?.({ kind: 'execution_ended', canisterId, id });
        noteEnd(this.network, canisterId, id, result);
    }

    /** Rounds until nothing is left to do now; false when `maxRounds` was reached first. Timers in the future are no work. */
    runUntilIdle(maxRounds = defaultMaxRounds): boolean {
        const isBusy = (): boolean => this.hasWork() || this.longExecutions().length > 0;
        for (let rounds = 0; rounds < maxRounds && isBusy(); rounds += 1) this.runRound();
        return !isBusy();
    }

    /** Whether a round at the present clock would execute something (heartbeats excepted). */
    hasWork(): boolean {
        return hasWork(this.network);
    }

    /** The earliest clock at which a timer or deadline is due; undefined for never. */
    nextTimerNs(): bigint | undefined {
        return nextDueNs(this.network);
    }

    /** Some running canister exports a heartbeat: rounds should be run now and then. */
    hasHeartbeat(): boolean {
        return [...this.network.canisters.values()].some(hasHeartbeat);
    }

    /** The clock of the next round. */
    currentTimeNs(): bigint {
        return this.network.clockNs;
    }

    /** The last round's time: what queries and certificates see. */
    certifiedTimeNs(): bigint {
        return this.network.roundNs;
    }

    /** False (and nothing changes) when `nowNs` lies before the clock. */
    setTime(nowNs: bigint): boolean {
        if (nowNs < this.network.clockNs) return false;
        this.network.clockNs = nowNs;
        return true;
    }

    /** Sets the clock and the last round's time, without a round. */
    setCertifiedTime(nowNs: bigint): boolean {
        if (!this.setTime(nowNs)) return false;
        this.recorder?.({ kind: 'certified_time', nowNs });
        this.network.roundNs = nowNs;
        this.network.version += 1;
        return true;
    }

    subnetId(): Uint8Array {
        return this.network.subnetId;
    }

    nodeIds(): readonly Uint8Array[] {
        return this.network.config.nodeIds;
    }

    canisterRanges(): readonly CanisterRange[] {
        return this.network.ranges;
    }

    /** The id that the next created canister gets: certainly inside the ranges. */
    defaultEffectiveCanisterId(): Uint8Array {
        return nextCanisterId(this.network, this.network);
    }

    /** Whether the id lies in the ranges of any subnet. */
    ownsCanisterId(canisterId: Uint8Array): boolean {
        return ownsId(this.network, canisterId);
    }

    /** Native canisters included. */
    canister(canisterId: Uint8Array): CanisterView | undefined {
        const canister = findCanister(this.network, canisterId);
        if (canister !== undefined) return canisterView(canister);
        const native = this.network.natives.get(idKey(canisterId));
        return native && nativeView(this.network, native);
    }

    *canisters(): Iterable<CanisterView> {
        for (const native of this.network.natives.values()) yield nativeView(this.network, native);
        for (const canister of this.network.canisters.values()) yield canisterView(canister);
    }

    /** Ids of requests whose answers have been dropped since this was asked last. */
    takeDoneRequests(): readonly Uint8Array[] {
        return this.network.doneRequests.splice(0);
    }

    request(requestId: Uint8Array): RequestView | undefined {
        const request = this.network.requests.get(idKey(requestId));
        return request && requestView(request);
    }

    *requests(): Iterable<RequestView> {
        for (const request of this.network.requests.values()) yield requestView(request);
    }

    /** Of one subnet, as they are now. */
    subnetMetrics(subnetId: Uint8Array): SubnetMetrics {
        return subnetMetrics(this.network, subnetId);
    }

    /** Grows with every change of any view (canisters, requests, certified time). */
    stateVersion(): number {
        return this.network.version;
    }

    canisterExists(canisterId: Uint8Array): boolean {
        return this.canister(canisterId) !== undefined;
    }

    controllers(canisterId: Uint8Array): readonly Uint8Array[] | undefined {
        return this.canister(canisterId)?.controllers;
    }

    /** Balance; undefined for a missing canister. */
    cycles(canisterId: Uint8Array): bigint | undefined {
        return findCanister(this.network, canisterId)?.balance;
    }

    /** Mints cycles; returns the new balance, undefined for a missing canister. */
    addCycles(canisterId: Uint8Array, amount: bigint): bigint | undefined {
        const canister = findCanister(this.network, canisterId);
        if (canister === undefined) return undefined;
        this.recorder?.({ kind: 'cycles', canisterId, amount });
        mint(this.network, canister, amount);
        return canister.balance;
    }

    /** The whole stable memory; undefined for a missing or empty canister. */
    stableMemory(canisterId: Uint8Array): Uint8Array | undefined {
        const stable = findCanister(this.network, canisterId)?.module?.sandbox.stable;
        return stable && stableBytes(stable);
    }

    /** Replaces the stable memory. False for a missing or empty canister. */
    setStableMemory(canisterId: Uint8Array, bytes: Uint8Array): boolean {
        const canister = findCanister(this.network, canisterId);
        const stable = canister?.module?.sandbox.stable;
        if (canister === undefined || stable === undefined) return false;
        this.recorder?.({ kind: 'stable_memory', canisterId, bytes });
        endNow(this.network, canister);
        replaceStable(stable, bytes);
        return true;
    }

    pendingHttpOutcalls(): readonly HttpOutcall[] {
        return [...this.network.outcalls.values()].map(({ outcall }) => outcall);
    }

    /** Answers the outcall, once; its canister hears of it in the next round. False when no such outcall waits. */
    answerHttpOutcall(id: bigint, answer: HttpOutcallAnswer): boolean {
        if (!this.network.outcalls.has(id)) return false;
        this.recorder?.({ kind: 'outcall_answer', id, answer });
        return answerOutcall(this.network, id, answer);
    }

    /** What the answer means for its canister, or what to ask the canister for to know that; undefined when no such outcall waits. */
    outcallResponse(id: bigint, answer: HttpOutcallAnswer): CallResponse | Question<CallResponse> | undefined {
        return responseOf(this.network, id, answer);
    }

    /** Ends the outcall with a response that its canister has transformed. False when no such outcall waits. */
    endHttpOutcall(id: bigint, response: CallResponse): boolean {
        if (!this.network.outcalls.has(id)) return false;
        this.recorder?.({ kind: 'outcall_response', id, response });
        return endOutcall(this.network, id, response);
    }

    /** Instructions of all messages and queries so far. What one message costs is the difference around it. */
    instructionsExecuted(): bigint {
        return this.network.instructionsExecuted;
    }

    /** The same of one canister, since this process began. */
    instructionsOf(canisterId: Uint8Array): bigint {
        return this.network.instructionsOfCanisters.get(idKey(canisterId)) ?? 0n;
    }

    /** For audits: minted − consumed is what canisters, messages, contexts and reserves hold together. */
    cyclesInExistence(): { readonly minted: bigint; readonly consumed: bigint } {
        return { minted: this.network.cyclesMinted, consumed: this.network.cyclesConsumed };
    }
}
