import { instructionLimitExceeded, HostTrap, contractViolation } from '../traps';
import { ByteBuffer } from './bytes';
import { LogCollector } from './logs';
import { heapLimitPages } from './memory_growth';
import type { StableMemory } from '../stable_memory';
import type { Closure, ExecutionInput, OutgoingCall, Response } from '../types';

/** What an execution needs of the instance that runs it. */
export interface Machine {
    /** The instructions that are left. */
    remaining: bigint;
    /** The heap as it is now; undefined for modules without a memory. Views die when the heap grows. */
    heap(): Uint8Array | undefined;
    /** Whoever writes to the heap says where. */
    markWritten(at: number, size: number): void;
    heapBytes(): number;
    /** Lets the heap grow up to so many pages (none for undefined); further growth traps. */
    limitMemory(pages: bigint | undefined): void;
    readonly stable: StableMemory;
    readonly pointerBytes: 4 | 8;
}

/** A call between `call_new` and `call_perform`. */
export interface PendingCall {
    readonly callee: Uint8Array;
    readonly method: string;
    readonly onReply: Closure;
    readonly onReject: Closure;
    onCleanup?: Closure;
    readonly argument: ByteBuffer;
    cycles: bigint;
    timeoutSeconds?: number;
}

/** The state of one execution, as the System API reads and changes it. */
export class Execution {
    response: Response | undefined;
    readonly replyData = new ByteBuffer();
    pendingCall: PendingCall | undefined;
    readonly calls: OutgoingCall[] = [];
    cyclesAccepted = 0n;
    cyclesBurned = 0n;
    cyclesMinted = 0n;
    /** Cycles attached to calls, and the fees of performed ones. */
    cyclesSpent = 0n;
    certifiedData: Uint8Array | undefined;
    globalTimerNs: bigint | undefined;
    accepted = false;
    readonly logs = new LogCollector();
    /** 4 KiB pages of stable memory that this execution wrote to, and those that it touched at all. */
    readonly dirtyPages = new Set<number>();
    readonly accessedPages = new Set<number>();

    /** As the execution found it. */
    readonly heapBytesBefore: bigint;
    private readonly stableBytesBefore: bigint;
    private readonly stableBytesHeld: number;
    private encodedRejectMessage: Uint8Array | undefined;

    constructor(
        readonly input: ExecutionInput,
        readonly machine: Machine
    ) {
        this.heapBytesBefore = BigInt(machine.heapBytes());
        this.stableBytesBefore = BigInt(machine.stable.bytes);
        this.stableBytesHeld = machine.stable.heldBytes;
    }

    /** Room that stable memory has taken since the execution began. */
    get stableBytesTaken(): bigint {
        return BigInt(this.machine.stable.heldBytes - this.stableBytesHeld);
    }

    /** The heap is held twice, once for rollbacks. */
    get roomTaken(): bigint {
        return 2n * (BigInt(this.machine.heapBytes()) - this.heapBytesBefore) + this.stableBytesTaken;
    }

    /** Everything that the canister pays rent for, at this point of the execution. */
    get usedBytes(): bigint {
        const { heapBytesBefore, stableBytesBefore, machine } = this;
        const grown = BigInt(machine.heapBytes() + machine.stable.bytes) - heapBytesBefore - stableBytesBefore;
        return (this.input.memoryUse?.bytes ?? 0n) + grown;
    }

    /** Encoded once, because a canister may ask for it byte by byte. */
    get rejectMessage(): Uint8Array {
        this.encodedRejectMessage ??= new TextEncoder().encode(this.input.rejectMessage);
        return this.encodedRejectMessage;
    }

    /** Takes instructions from the limit; traps when there are not enough. */
    charge(instructions: bigint): void {
        const left = this.machine.remaining - instructions;
        this.machine.remaining = left < 0n ? -1n : left;
        if (left < 0n) throw new HostTrap(instructionLimitExceeded(this.input.instructionLimit));
    }

    /** Balance or stable memory have changed, and with them what the heap may grow to. */
    limitHeap(): void {
        this.machine.limitMemory(heapLimitPages(this));
    }

    get instructionsUsed(): bigint {
        return this.input.instructionLimit - this.machine.remaining;
    }

    /** The canister's cycles at this point of the execution. */
    get balance(): bigint {
        const { cyclesAccepted, cyclesMinted, cyclesBurned, cyclesSpent } = this;
        return this.input.balance + cyclesAccepted + cyclesMinted - cyclesBurned - cyclesSpent;
    }

    /** What calls and burning may use: the balance above the freezing limit. */
    get liquidBalance(): bigint {
        const liquid = this.balance - this.input.freezingLimit;
        return liquid > 0n ? liquid : 0n;
    }

    get hasResponded(): boolean {
        return this.input.responded || this.response !== undefined;
    }

    /** Part of a composite query: its calls cost no cycles. */
    get isComposite(): boolean {
        return ['CQ', 'CRy', 'CRt', 'CC'].includes(this.input.context);
    }

    /** Callbacks of composite queries and the other contexts whose effects are dropped. */
    get isQuery(): boolean {
        return this.isComposite || ['NRQ', 'TQ', 'RQ', 'F'].includes(this.input.context);
    }

    heap(): Uint8Array {
        const heap = this.machine.heap();
        if (heap === undefined) throw contractViolation('WebAssembly module must define memory');
        return heap;
    }

    /** A range of the heap that is about to be written; it must lie within. */
    writableHeap(at: number, size: number): Uint8Array {
        this.machine.markWritten(at, size);
        return this.heap().subarray(at, at + size);
    }
}
