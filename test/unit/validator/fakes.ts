import { sha256 } from '../../../src/core/hash';
import { ProverInMemory, SMALL, taskOf, type Cheats } from '../core/poc/support/prover_in_memory';
import { prometheusMetrics } from '../../../src/validator/metrics/metrics';
import type { AgreementPort, RecordsPort } from '../../../src/validator/agreement/ports';
import { inventedTexts } from '../../../src/validator/duties/text_source';
import type { JournalStore } from '../../../src/validator/journal/journal';
import type {
    AgentContext,
    ApiCall,
    ApiModel,
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
    validators = 4;
    readonly mine = new Set<string>();
    readonly failures = new Map<string, number>();
    readonly apps = new Map<string, readonly string[]>();
    readonly openings = new Map<bigint, Uint8Array>();
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
    validatorCount = async () => this.validators;
    appsOf = async (node: string) => this.apps.get(node) ?? [];
    standings = async (nodes: readonly string[]) =>
        new Map(
            nodes.map(
                (node) => [node, { failures: this.failures.get(node) ?? 0, isMine: this.mine.has(node) }] as const
            )
        );
    opening = async (id: bigint) => this.openings.get(id);
    register = async (region: string, bandwidth: number) => this.answer(`register ${region} ${bandwidth}`);
    report = async () => this.answer('report');
    requestProof = async (node: string) => this.answer(`request ${node}`);
    attest = async (id: bigint, ok: boolean) => this.answer(`attest ${id} ${ok}`);
}

export class FakeApi implements ApiPort {
    readonly calls: ApiCall[] = [];
    offered: readonly ApiModel[] = [];
    outcome: ProbeOutcome = { kind: 'served', requestId: 7n };

    models = async () => this.offered;

    async send(call: ApiCall): Promise<ProbeOutcome> {
        this.calls.push(call);
        return this.outcome;
    }
}

export function context(clock: Clock) {
    const parts = { state: new FakeState(), api: new FakeApi(), log: memoryLog(), metrics: prometheusMetrics(), clock };
    return { ...parts, texts: inventedTexts } satisfies Context;
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

const ROUNDS = 3;
const drawing = { count: 4, randomness: sha256(Uint8Array.of(3)) };

/** A node's work on a challenge, honest unless it is told otherwise. */
function workOf(cheats: Cheats = {}) {
    const prover = new ProverInMemory(taskOf(SMALL), ROUNDS, cheats);
    return { claim: prover.claim(), opening: prover.open(prover.samples(drawing)) };
}

const honest = workOf();
/** The same node, had it made every entry larger by one, and built the right trees over that. */
const altered = workOf({ entries: (_, __, row) => row().map((entry) => entry + 1) });

export const rightOpening = (): Uint8Array => honest.opening.slice();
export const wrongProof = { claim: altered.claim, opening: altered.opening };

export const proof = (id: bigint, change: Partial<PendingProof> = {}): PendingProof => ({
    id,
    node: 'node',
    claim: honest.claim,
    drawing,
    hasMyVote: false,
    ...change
});
