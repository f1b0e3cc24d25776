/** The embedded network's state machine in this process: no HTTP, no signatures, no clock of its own, so every run is alike. */
import type { ActorMethod } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { sha256 } from '../../src/core/hash';
import { NetworkCore } from '../../src/replica/core';
import type { InternetComputer } from '../../src/replica/ic';
import type { IngressStatus, QueryResult } from '../../src/replica/state/api';

/** A canister's methods as plain functions: the answer is there when the call returns. */
export type LocalActor<Service> = {
    [Method in keyof Service]: Service[Method] extends ActorMethod<infer Args, infer Result>
        ? (...args: Args) => Result
        : never;
};

/** One message of a caller that nobody verifies. */
export interface LocalCall {
    readonly to: Principal;
    readonly method: string;
    readonly argument: Uint8Array;
    readonly from: Principal;
}

/** A call was not answered with a reply. */
export class NotReplied extends Error {
    constructor(
        readonly method: string,
        readonly status: IngressStatus | QueryResult
    ) {
        super(`${method}: ${status.kind === 'rejected' ? status.rejection.message : status.kind}`);
        this.name = 'NotReplied';
    }
}

/** What was to be measured message by message made no update call. */
export class NoUpdate extends Error {
    constructor() {
        super('the action made no update call');
        this.name = 'NoUpdate';
    }
}

/** Instructions of single messages: up to the answer of an update call, and after it. */
export interface Messages {
    readonly answering: readonly number[];
    readonly afterwards: readonly number[];
}

const MANAGEMENT = Principal.fromText('aaaaa-aa');
const GENESIS_NS = 1_767_225_600_000_000_000n; // 2026-01-01
const SECOND_NS = 1_000_000_000n;
const TTL_NS = 300n * SECOND_NS;
const CYCLES = 1_000_000_000_000_000n;
const MAX_ROUNDS = 10_000;

const Target = IDL.Record({ canister_id: IDL.Principal });
const Blob = IDL.Vec(IDL.Nat8);
const Creation = IDL.Record({ amount: IDL.Opt(IDL.Nat) });
const Installation = IDL.Record({
    mode: IDL.Variant({ install: IDL.Null, upgrade: IDL.Null }),
    canister_id: IDL.Principal,
    wasm_module: Blob,
    arg: Blob
});

/** A principal of its own for each name, the same in every run. */
export function principalNamed(name: string): Principal {
    return Principal.selfAuthenticating(sha256(new TextEncoder().encode(name)));
}

export class LocalNetwork {
    readonly deployer = principalNamed('deployer');
    private readonly ic: InternetComputer = new NetworkCore({ seed: new Uint8Array(32), genesisNs: GENESIS_NS }).ic;
    private sent = 0;
    /** The latest update call; its answer is in the network's books once it is given. */
    private latest = new Uint8Array(32);

    create(): Principal {
        const argument = new Uint8Array(IDL.encode([Creation], [{ amount: [CYCLES] }]));
        const method = 'provisional_create_canister_with_cycles';
        const target = Principal.fromUint8Array(this.ic.defaultEffectiveCanisterId());
        const reply = this.update({ to: MANAGEMENT, method, argument, from: this.deployer }, target);
        const [created] = IDL.decode([Target], reply);
        return (created as unknown as { canister_id: Principal }).canister_id;
    }

    install(canister: Principal, wasm: Uint8Array, arg: Uint8Array): void {
        this.installCode({ install: null }, canister, wasm, arg);
    }

    /** Other code over the same stable memory. */
    upgrade(canister: Principal, wasm: Uint8Array, arg: Uint8Array): void {
        this.installCode({ upgrade: null }, canister, wasm, arg);
    }

    private installCode(mode: object, canister: Principal, wasm: Uint8Array, arg: Uint8Array): void {
        const installation = { mode, canister_id: canister, wasm_module: wasm, arg };
        const argument = new Uint8Array(IDL.encode([Installation], [installation]));
        this.update({ to: MANAGEMENT, method: 'install_code', argument, from: this.deployer }, canister);
    }

    stableMemory(canister: Principal): Uint8Array {
        return this.ic.stableMemory(canister.toUint8Array()) ?? new Uint8Array();
    }

    setStableMemory(canister: Principal, bytes: Uint8Array): void {
        this.ic.setStableMemory(canister.toUint8Array(), bytes);
    }

    /** Runs an update call and all work that it leaves for now; the reply. @throws {@link NotReplied} */
    update(call: LocalCall, effective = call.to): Uint8Array {
        const requestId = this.submit(call, effective);
        this.ic.runUntilIdle(MAX_ROUNDS);
        return reply(call.method, this.ic.ingressStatus(requestId));
    }

    /**
     * Calls that share a round: their replies, the instructions of the round, which executes them, and those of all that they
     * leave for later rounds. Timers never run in the round that sets them.
     */
    updateTogether(calls: readonly LocalCall[]): {
        readonly replies: readonly Uint8Array[];
        readonly instructions: number;
        readonly deferred: number;
    } {
        const submitted = calls.map((call) => ({ method: call.method, requestId: this.submit(call) }));
        const instructions = this.instructionsOf(() => this.ic.runRound());
        const replies = submitted.map(({ method, requestId }) => reply(method, this.ic.ingressStatus(requestId)));
        const deferred = this.instructionsOf(() => this.ic.runUntilIdle(MAX_ROUNDS));
        return { replies, instructions, deferred };
    }

    private submit({ to, method, argument, from }: LocalCall, effective = to): Uint8Array {
        const requestId = new Uint8Array(32);
        new DataView(requestId.buffer).setUint32(0, ++this.sent);
        this.latest = requestId;
        const submitted = this.ic.submitIngress({
            requestId,
            sender: from.toUint8Array(),
            canisterId: to.toUint8Array(),
            effectiveCanisterId: effective.toUint8Array(),
            methodName: method,
            argument,
            ingressExpiryNs: this.ic.currentTimeNs() + TTL_NS
        });
        if (submitted.kind === 'rejected') throw new NotReplied(method, submitted);
        return requestId;
    }

    /** @throws {@link NotReplied} */
    query({ to, method, argument, from }: LocalCall): Uint8Array {
        const message = { sender: from.toUint8Array(), canisterId: to.toUint8Array(), methodName: method, argument };
        return reply(method, this.ic.query(message));
    }

    /** Typed functions: queries ask as queries, all others as updates. */
    actor<Service>(factory: IDL.InterfaceFactory, canister: Principal, from: Principal): LocalActor<Service> {
        const methods = factory({ IDL })._fields.map(([method, type]) => {
            const isQuery = type.annotations.includes('query') || type.annotations.includes('composite_query');
            const call = (...args: unknown[]): unknown => {
                const argument = new Uint8Array(IDL.encode(type.argTypes, args));
                const message = { to: canister, method, argument, from };
                return IDL.decode(type.retTypes, isQuery ? this.query(message) : this.update(message))[0];
            };
            return [method, call];
        });
        return Object.fromEntries(methods) as LocalActor<Service>;
    }

    nowNs(): bigint {
        return this.ic.currentTimeNs();
    }

    /** Moves the clock and does what has become due. */
    advance(seconds: number): void {
        this.ic.setTime(this.ic.currentTimeNs() + BigInt(Math.round(seconds * 1_000)) * 1_000_000n);
        this.ic.runUntilIdle(MAX_ROUNDS);
    }

    /** {@link LocalNetwork.measure} without the action's value. */
    instructionsOf(action: () => unknown): number {
        return this.measure(action).instructions;
    }

    /** Instructions of an action in one canister, and the cycles of all canisters; see {@link measure}. */
    measureIn<T>(
        canister: Principal,
        action: () => T
    ): { readonly own: number; readonly cycles: number; readonly value: T } {
        const id = canister.toUint8Array();
        const before = { own: this.ic.instructionsOf(id), cycles: this.ic.cyclesInExistence().consumed };
        const value = action();
        const own = Number(this.ic.instructionsOf(id) - before.own);
        return { own, cycles: Number(this.ic.cyclesInExistence().consumed - before.cycles), value };
    }

    /**
     * Instructions of an action, in all canisters that it reaches and with the work that it leaves for now
     * (timers of zero delay). The clock stands still meanwhile, so no other timer becomes due.
     */
    measure<T>(action: () => T): { readonly instructions: number; readonly value: T } {
        const before = this.ic.instructionsExecuted();
        const value = action();
        return { instructions: Number(this.ic.instructionsExecuted() - before), value };
    }

    /**
     * Instructions of every message of an action that makes one update call, in their order: those that ran before the call
     * was answered, and those that it left for timers.
     */
    messagesOf(action: () => unknown): Messages {
        const answering: number[] = [];
        const afterwards: number[] = [];
        const stop = this.watchMessages((instructions) => {
            (this.isAnswered() ? afterwards : answering).push(instructions);
        });
        const before = this.latest;
        try {
            action();
        } finally {
            stop();
        }
        if (this.latest === before) throw new NoUpdate();
        return { answering, afterwards };
    }

    /** Tells of every message as it ends; the returned function ends that. */
    watchMessages(tell: (instructions: number) => void): () => void {
        const { network } = this.ic as unknown as { readonly network: { instructionsExecuted: bigint } };
        let executed = network.instructionsExecuted;
        const common = { configurable: true, enumerable: true };
        Object.defineProperty(network, 'instructionsExecuted', {
            ...common,
            get: () => executed,
            set(value: bigint) {
                tell(Number(value - executed));
                executed = value;
            }
        });
        return () =>
            Object.defineProperty(network, 'instructionsExecuted', { ...common, writable: true, value: executed });
    }

    private isAnswered(): boolean {
        const { kind } = this.ic.ingressStatus(this.latest);
        return kind === 'replied' || kind === 'rejected';
    }
}

function reply(method: string, status: IngressStatus | QueryResult): Uint8Array {
    if (status.kind !== 'replied') throw new NotReplied(method, status);
    return status.data;
}
