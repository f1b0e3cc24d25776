import { randomBytes } from 'node:crypto';
import { acceptedAnswer, cborAnswer, overloadedAnswer, refusalAnswer, textAnswer, type Answer } from '../answer';
import { isTerminal } from '../certification/request_tree';
import type { ReadScope } from '../certification/read_access';
import { NetworkCore } from '../core';
import { StateStore } from '../persistence/state_store';
import type { Question } from '../query';
import type {
    BlockMakers,
    HttpOutcall,
    HttpOutcallAnswer,
    IngressMessage,
    IngressStatus,
    QueryMessage,
    QueryResult,
    Rejection,
    SubmitResult
} from '../state/api';
import type { IcError } from '../state/errors';
import { toRejection } from '../state/rejection';
import type { AuthenticRequest } from '../wire/authenticate';
import { equalBytes } from '../wire/bytes';
import { cborRecord } from '../wire/cbor';
import type { CanisterRequest, ReadStateRequest } from '../wire/envelope';
import type { CallMode, NetworkApi, NetworkIdentity, SessionOptions, SubmitOutcome, UnsignedCall } from './api';
import { wallClockNs } from './clock';
import { printLog } from './canister_output';
import { Executors } from './executors';
import { performOutcall } from './http_outcalls';
import { LiveDriver } from './live_driver';
import { MemoryRoom } from './memory_room';
import { Questions, type Answered } from './questions';
import { Waiters } from './waiters';

/** How long a synchronous call waits before it is answered with 202 (interface specification, "Request: Call"). */
const syncCallWaitMs = 10_000;

/** Rounds that a synchronous call may use up when the network is driven by hand. */
const manualCallRounds = 100;

/** Answers outside of rounds are given on a clock that is at most this old. */
const maxClockAgeNs = 500_000_000n;

/** Replaying more than this would make a start slow: a few seconds. */
const longReplayInstructions = 20_000_000_000n;

/** Unsigned calls live this long, as the real server gives them. */
const unsignedTtlNs = 300_000_000_000n;

/** One network with its driver: everything that runs in the worker thread, callable without one in tests. */
export class Session implements NetworkApi {
    readonly core: NetworkCore;
    /** Told when the identity has changed, before whoever has asked for the change is answered. */
    onSubnetAdded: (() => void) | undefined;
    readonly #waiters = new Waiters();
    readonly #store: StateStore | undefined;
    /** Instructions executed when the last checkpoint was made. */
    #checkpointInstructions = 0n;
    #driver: LiveDriver | undefined;
    readonly #room: MemoryRoom;
    readonly #executors: Executors;
    readonly #questions: Questions;

    constructor(sessionOptions: SessionOptions) {
        const {
            live,
            artificialDelayMs = 0,
            stateFolder,
            durable = false,
            printsLogs = false,
            memoryLimitBytes,
            ...options
        } = sessionOptions;
        const onHttpOutcall = (outcall: HttpOutcall): void => this.#outcallStarted(outcall);
        this.#store = stateFolder === undefined ? undefined : new StateStore(stateFolder, durable);
        const genesisNs = (): bigint => this.#store?.genesisNs(wallClockNs) ?? wallClockNs();
        const genesis = live ? { genesisNs: genesisNs() } : {};
        const onSubnetAdded = (): void => this.onSubnetAdded?.();
        const hooks = { onHttpOutcall, onSubnetAdded, ...(printsLogs ? { onCanisterLog: printLog } : {}) };
        this.core = new NetworkCore({ ...genesis, ...options, ...hooks }, this.#store?.load());
        this.#room = new MemoryRoom(memoryLimitBytes);
        this.#executors = new Executors(this.core.ic, () => this.#driver?.poke());
        this.#questions = new Questions(this.core.ic);
        if (this.#store !== undefined) {
            this.#resume(this.#store);
        }
        this.core.ic.askForRoom(() => this.#room.measured());
        if (live) {
            void this.startLive(artificialDelayMs);
        }
    }

    /** Ends the driver; calls that still wait are answered as accepted. */
    close(): void {
        this.#driver?.stop();
        this.#executors.close();
        this.#questions.close();
        this.#waiters.releaseAll();
    }

    async call(
        request: AuthenticRequest<CanisterRequest>,
        effectiveCanisterId: Uint8Array,
        mode: CallMode
    ): Promise<Answer> {
        this.#driver?.syncClock();
        const refusal = this.core.refusal(request, effectiveCanisterId);
        if (refusal !== undefined) return refusalAnswer(refusal);
        const { requestId, sender, canisterId, methodName, argument, ingressExpiryNs } = request.content;
        const message = { requestId, sender, canisterId, effectiveCanisterId, methodName, argument, ingressExpiryNs };
        const submitted = await this.#submit({ ...message, ...callerInfoOf(request.content) });
        if (submitted.kind === 'overloaded') return overloadedAnswer;
        if (submitted.kind === 'rejected') return submissionRefused(submitted.rejection);
        if (mode === 'async') {
            return acceptedAnswer;
        }
        await this.#ended(requestId, manualCallRounds, syncCallWaitMs);
        return isTerminal(this.core.ic.ingressStatus(requestId))
            ? cborAnswer(
                  cborRecord({
                      status: 'replied',
                      certificate: this.core.certifyRequest(requestId, effectiveCanisterId)
                  })
              )
            : acceptedAnswer;
    }

    async query(request: AuthenticRequest<CanisterRequest>, effectiveCanisterId: Uint8Array): Promise<Answer> {
        this.#driver?.syncClock();
        this.#driver?.refresh(maxClockAgeNs);
        const refusal = this.core.refusal(request, effectiveCanisterId);
        if (refusal !== undefined) return refusalAnswer(refusal);
        const { sender, canisterId, methodName, argument, requestId } = request.content;
        const message = { sender, canisterId, effectiveCanisterId, methodName, argument };
        const question = this.core.ic.question({ ...message, ...callerInfoOf(request.content) });
        const { kind, answer } = await this.#ask(question);
        if (kind === 'overloaded') return overloadedAnswer;
        return cborAnswer(this.core.signQueryAnswer(answer, requestId, effectiveCanisterId));
    }

    async readState(request: AuthenticRequest<ReadStateRequest>, scope: ReadScope): Promise<Answer> {
        this.#driver?.syncClock();
        this.#driver?.refresh(maxClockAgeNs);
        const result = this.core.readState(request, scope);
        return result.ok ? cborAnswer(cborRecord({ certificate: result.value })) : refusalAnswer(result.error);
    }

    async identity(): Promise<NetworkIdentity> {
        return this.identityNow();
    }

    identityNow(): NetworkIdentity {
        const { ic, subnets } = this.core;
        return {
            rootKeyDer: subnets.root.identity.publicKeyDer,
            subnetId: subnets.home.identity.subnetId,
            nodeIds: ic.nodeIds(),
            canisterRanges: ic.canisterRanges(),
            defaultEffectiveCanisterId: subnets.home.identity.anyCanisterId,
            subnets: subnets.identities,
            skipsValidation: this.core.skipsValidation
        };
    }

    async tick(blockMakers: readonly BlockMakers[] = []): Promise<void> {
        this.core.ic.runRound(false, blockMakers);
        this.#settle();
    }

    async time(): Promise<bigint> {
        this.#driver?.syncClock();
        return this.core.ic.currentTimeNs();
    }

    async setTime(nowNs: bigint): Promise<boolean> {
        return this.core.ic.setTime(nowNs);
    }

    async setCertifiedTime(nowNs: bigint): Promise<boolean> {
        return this.core.ic.setCertifiedTime(nowNs);
    }

    async submitUnsigned(call: UnsignedCall): Promise<SubmitOutcome> {
        const { ic } = this.core;
        this.#driver?.syncClock();
        const { sender, canisterId, methodName, argument, callerInfo } = call;
        // Equal calls are different messages here: nobody gave them a nonce.
        const requestId = new Uint8Array(randomBytes(32));
        const subject = canisterId.length > 0 ? canisterId : ic.defaultEffectiveCanisterId();
        const result = await this.#submit({
            requestId,
            sender,
            canisterId,
            effectiveCanisterId: call.effectiveCanisterId ?? subject,
            methodName,
            argument,
            ingressExpiryNs: ic.currentTimeNs() + unsignedTtlNs,
            ...(callerInfo && { callerInfo })
        });
        if (result.kind === 'overloaded') return { kind: 'rejected', rejection: toRejection(result.error) };
        return result.kind === 'rejected' ? result : { kind: 'accepted', requestId };
    }

    async awaitIngress(requestId: Uint8Array, maxRounds: number): Promise<IngressStatus> {
        await this.#ended(requestId, maxRounds, Number.POSITIVE_INFINITY);
        return this.core.ic.ingressStatus(requestId);
    }

    async ingressStatus(requestId: Uint8Array, caller?: Uint8Array): Promise<IngressStatus | undefined> {
        const view = this.core.ic.request(requestId);
        if (view !== undefined && caller !== undefined && !equalBytes(view.sender, caller)) {
            return undefined;
        }
        return this.core.ic.ingressStatus(requestId);
    }

    async queryUnsigned(message: QueryMessage): Promise<QueryResult> {
        this.#driver?.refresh(maxClockAgeNs);
        return (await this.#ask(this.core.ic.question(message))).answer;
    }

    async controllers(canisterId: Uint8Array): Promise<readonly Uint8Array[] | undefined> {
        return this.core.ic.controllers(canisterId);
    }

    async place(canisterId: Uint8Array): Promise<{ readonly subnetId: Uint8Array; readonly exists: boolean }> {
        const { ic, subnets } = this.core;
        return { subnetId: subnets.of(canisterId).identity.subnetId, exists: ic.canisterExists(canisterId) };
    }

    async publicMetadata(canisterId: Uint8Array, name: string): Promise<Uint8Array | undefined> {
        const sections = this.core.ic.canister(canisterId)?.metadata ?? [];
        return sections.find((section) => section.name === name && section.visibility === 'public')?.content;
    }

    async cycles(canisterId: Uint8Array): Promise<bigint | undefined> {
        return this.core.ic.cycles(canisterId);
    }

    async addCycles(canisterId: Uint8Array, amount: bigint): Promise<bigint | undefined> {
        return this.core.ic.addCycles(canisterId, amount);
    }

    async stableMemory(canisterId: Uint8Array): Promise<Uint8Array | undefined> {
        return this.core.ic.stableMemory(canisterId);
    }

    async setStableMemory(canisterId: Uint8Array, bytes: Uint8Array): Promise<boolean> {
        return this.core.ic.setStableMemory(canisterId, bytes);
    }

    async httpOutcalls(): Promise<readonly HttpOutcall[]> {
        return this.core.ic.pendingHttpOutcalls();
    }

    async answerHttpOutcall(id: bigint, answer: HttpOutcallAnswer): Promise<boolean> {
        const { ic } = this.core;
        const response = this.#driver && ic.outcallResponse(id, answer);
        const isKnown =
            response !== undefined && 'evaluate' in response
                ? ic.endHttpOutcall(id, (await this.#questions.ask(response, true)).answer)
                : ic.answerHttpOutcall(id, answer);
        this.#driver?.poke();
        return isKnown;
    }

    async startLive(artificialDelayMs = 0): Promise<boolean> {
        if (this.#driver !== undefined) return false;
        this.#drive(artificialDelayMs);
        this.core.ic.pendingHttpOutcalls().forEach((outcall) => this.#outcallStarted(outcall));
        return true;
    }

    async stopLive(): Promise<void> {
        this.#driver?.stop();
        this.#driver = undefined;
    }

    async isLive(): Promise<boolean> {
        return this.#driver !== undefined;
    }

    async persist(): Promise<void> {
        this.#checkpoint();
    }

    /** Goes on where the last process was, and writes down what happens from now on. */
    #resume(store: StateStore): void {
        const { ic } = this.core;
        this.#checkpointInstructions = ic.instructionsExecuted();
        store.resume((input) => ic.replay(input));
        this.core.trackAll();
        ic.recordInputs((input) => store.record(input));
    }

    /** In a network that follows the clock nobody waits for long questions; otherwise everybody does. */
    #ask<T>(question: Question<T>): Answered<T> | Promise<Answered<T>> {
        return this.#driver === undefined
            ? { kind: 'answered', answer: this.core.ic.answerHere(question) }
            : this.#questions.ask(question);
    }

    /** Takes the message in, if its canister takes it. */
    async #submit(message: IngressMessage): Promise<SubmitResult | { kind: 'overloaded'; error: IcError }> {
        const crowded = this.#room.refusal(message);
        if (crowded !== undefined) return { kind: 'rejected', rejection: toRejection(crowded) };
        const inspection = this.#driver && this.core.ic.inspection(message);
        if (inspection !== undefined) {
            const { kind, answer: error } = await this.#ask(inspection);
            if (error !== undefined)
                return kind === 'overloaded' ? { kind, error } : { kind: 'rejected', rejection: toRejection(error) };
        }
        const result = this.core.submit(message, inspection !== undefined);
        this.#driver?.poke();
        return result;
    }

    #checkpoint(): void {
        this.#store?.checkpoint(() => this.core.image());
        this.#checkpointInstructions = this.core.ic.instructionsExecuted();
    }

    /** Between two rounds, when nobody waits for the next one. */
    #checkpointIfDue(): void {
        const { ic } = this.core;
        if (this.#store === undefined || ic.hasWork()) {
            return;
        }
        const executed = ic.instructionsExecuted() - this.#checkpointInstructions;
        if (this.#store.isLong || executed > longReplayInstructions) {
            this.#checkpoint();
        }
    }

    #drive(delayMs: number): void {
        this.#driver = new LiveDriver(this.core.ic, wallClockNs, () => this.#afterRound(), delayMs);
    }

    /** A live network performs outcalls itself; otherwise they wait for an answer from outside. */
    #outcallStarted(outcall: HttpOutcall): void {
        if (this.#driver !== undefined) {
            void performOutcall(outcall).then((answer) => this.answerHttpOutcall(outcall.id, answer));
        }
    }

    #afterRound(): void {
        this.#settle();
        this.#executors.serve();
        this.#checkpointIfDue();
    }

    /** Wakes the calls that have ended. They are certified after all of them are awake, under one signature. */
    #settle(): void {
        for (const requestId of this.core.takeEnded()) {
            this.#waiters.release(requestId);
        }
    }

    async #ended(requestId: Uint8Array, maxRounds: number, waitMs: number): Promise<void> {
        const { ic } = this.core;
        if (this.#driver === undefined) {
            for (let round = 0; round < maxRounds && isOpen(ic.ingressStatus(requestId)); round += 1) {
                await this.tick();
            }
        } else if (isOpen(ic.ingressStatus(requestId))) {
            await this.#waiters.wait(requestId, waitMs);
        }
    }
}

function callerInfoOf({ senderInfo }: CanisterRequest): Pick<QueryMessage, 'callerInfo'> {
    return senderInfo === undefined ? {} : { callerInfo: { data: senderInfo.info, signer: senderInfo.signer } };
}

function isOpen(status: IngressStatus): boolean {
    return status.kind !== 'unknown' && !isTerminal(status);
}

/** The ingress pool, or the machine, is full: load shedding, as the replica's. */
function submissionRefused(rejection: Rejection): Answer {
    return rejection.errorName === 'IngressHistoryFull' || rejection.errorName === 'SubnetOversubscribed'
        ? textAnswer(503, rejection.message)
        : rejectionAnswer(rejection);
}

/** A call that was refused before it was taken in. */
function rejectionAnswer({ rejectCode, message, errorCode }: Rejection): Answer {
    return cborAnswer(
        cborRecord({
            status: 'non_replicated_rejection',
            reject_code: BigInt(rejectCode),
            reject_message: message,
            error_code: errorCode
        })
    );
}
