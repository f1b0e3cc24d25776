import { sha256 } from '../../../src/core/hash';
import { computeProduct, type PocTask } from '../../../src/core/poc/product';
import type {
    ApiPort,
    Clock,
    ComputeNode,
    Context,
    Log,
    PendingProof,
    ProbeOutcome,
    Refused,
    StateMachinePort
} from '../../../src/validator/ports';

export interface Entry {
    readonly level: string;
    readonly message: string;
    readonly facts: Record<string, unknown>;
}

/** A log that remembers. */
export function memoryLog(): Log & { readonly entries: Entry[] } {
    const entries: Entry[] = [];
    const at =
        (level: string) =>
        (facts: unknown, message?: string): void => {
            const hasFacts = typeof facts === 'object' && facts !== null;
            entries.push({
                level,
                message: hasFacts ? (message ?? '') : String(facts),
                facts: hasFacts ? { ...facts } : {}
            });
        };
    return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A clock that jumps over every sleep and stops the agent after so many of them. */
export function fakeClock(stop: AbortController, sleeps: number, random: () => number = () => 0.5) {
    const slept: number[] = [];
    let now = 1_700_000_000_000;
    const clock: Clock = {
        nowMs: () => now,
        async sleep(ms, signal) {
            if (signal.aborted) return;
            slept.push(ms);
            now += ms;
            if (slept.length >= sleeps) stop.abort();
        },
        random
    };
    return { clock, slept };
}

/** A state machine that answers what the test says and records what is asked. */
export class FakeState implements StateMachinePort {
    registered = true;
    validator = true;
    nodes: readonly ComputeNode[] = [];
    proofs: readonly PendingProof[] = [];
    refusal: Refused | undefined;
    failure: Error | undefined;
    readonly products = new Map<bigint, Uint8Array>();
    readonly calls: string[] = [];

    private answer(call: string): Refused | undefined {
        this.calls.push(call);
        if (this.failure !== undefined) throw this.failure;
        return this.refusal;
    }

    isRegistered = async () => this.registered;
    isValidator = async () => this.validator;
    proofSpacingMs = async () => 600_000;
    onlineComputeNodes = async () => this.nodes;
    pendingProofs = async () => this.proofs;
    product = async (id: bigint) => this.products.get(id);
    register = async (region: string, bandwidth: number) => this.answer(`register ${region} ${bandwidth}`);
    report = async () => this.answer('report');
    requestProof = async (node: string) => this.answer(`request ${node}`);
    attest = async (id: bigint, verdict: { ok: boolean; elapsedMs: bigint }) =>
        this.answer(`attest ${id} ${verdict.ok} ${verdict.elapsedMs}`);
}

export class FakeApi implements ApiPort {
    readonly texts: string[] = [];
    outcome: ProbeOutcome = { kind: 'served', dimensions: 3 };

    async embed(text: string): Promise<ProbeOutcome> {
        this.texts.push(text);
        return this.outcome;
    }
}

export function context(clock: Clock) {
    const parts = { state: new FakeState(), api: new FakeApi(), log: memoryLog(), clock };
    return parts satisfies Context;
}

export const task: PocTask = {
    dimension: 8,
    seed: sha256(Uint8Array.of(1)),
    nodeSeed: sha256(Uint8Array.of(2))
};
export const rightProduct = (): Uint8Array => computeProduct(task);

export const proof = (id: bigint, change: Partial<PendingProof> = {}): PendingProof => ({
    id,
    node: 'node',
    task,
    elapsedMs: 1_234n,
    hasMyVote: false,
    ...change
});
