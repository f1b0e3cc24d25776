import { sha256 } from '../../../src/core/hash';
import { computeProduct, type PocTask } from '../../../src/core/poc/product';
import { prometheusMetrics } from '../../../src/validator/metrics/metrics';
import type { AgreementPort, RecordsPort } from '../../../src/validator/agreement/ports';
import type { JournalStore } from '../../../src/validator/journal/journal';
import type {
    AgentContext,
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
    outcome: ProbeOutcome = { kind: 'served', dimensions: 3, requestId: 7n };

    async embed(text: string): Promise<ProbeOutcome> {
        this.texts.push(text);
        return this.outcome;
    }
}

export function context(clock: Clock) {
    const parts = { state: new FakeState(), api: new FakeApi(), log: memoryLog(), metrics: prometheusMetrics(), clock };
    return parts satisfies Context;
}

/** A journal in memory; a crash leaves what was appended. */
export class MemoryJournal implements JournalStore {
    lines: string[] = [];
    failure: Error | undefined;

    read = async () => [...this.lines];

    append = async (line: string) => {
        if (this.failure !== undefined) throw this.failure;
        this.lines.push(line);
    };

    replace = async (lines: readonly string[]) => {
        this.lines = [...lines];
    };
}

/** Other canisters of which nothing can be seen. */
export const noRecords: RecordsPort = {
    windowCounts: async () => undefined,
    currentWindow: async () => undefined,
    tradesSettled: async () => undefined
};

/** An agreement that has no turns. */
export const idleAgreement: AgreementPort = {
    verifiedHead: async () => undefined,
    turn: async () => undefined,
    items: async () => [],
    states: async () => [],
    pocOutcomes: async () => [],
    propose: async () => undefined,
    vote: async () => undefined,
    place: async () => undefined,
    recentCommitments: async () => ({ commitments: [], nextFrom: 1n }),
    submit: async () => undefined,
    verifyState: async () => ({ kind: 'unknown', code: 'NotFound' }),
    attestCommitment: async () => undefined
};

export function agentContext(clock: Clock) {
    const parts = { ...context(clock), agreement: idleAgreement, records: noRecords, journal: new MemoryJournal() };
    return { ...parts, plan: undefined } satisfies AgentContext;
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
