import { Principal } from '@dfinity/principal';
import { assemble } from '../../../canisters/state_machine/domain/assemble';
import { makeConfig, type StateMachineConfig } from '../../../canisters/state_machine/domain/config';
import { beginChallenges } from '../../../canisters/state_machine/domain/poc/begin';
import type { KnownChallenge } from '../../../canisters/state_machine/domain/poc/records';
import { reportStatus, statusAt } from '../../../canisters/state_machine/domain/presence';
import type { WeightRules } from '../../../canisters/state_machine/domain/snapshot';
import type { NodeStake } from '../../../canisters/state_machine/domain/stakes';
import type { StateTables } from '../../../canisters/state_machine/domain/records';
import { openTables } from '../../../canisters/state_machine/storage';
import { sha256 } from '../../../src/core/hash';
import type { Result } from '../../../src/core/result';
import { MemoryTables } from '../../../src/core/table';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import { DEFAULT_PROFILE } from '../../../src/core/tokenomics/profiles';
import { SMALL_SPEC } from '../../support/poc';
import { probe } from './probes';

/** A time well after the epoch, so that 0 stays free to mean "never". */
export const START_NS = 1_700_000_000_000_000_000n;
export const RULES = DEFAULT_PROFILE.nodeClasses;

export const seconds = (count: number): bigint => BigInt(count) * 1_000_000_000n;
export const bytes32 = (label: string): Uint8Array => sha256(new TextEncoder().encode(label));
/** Any bytes serve as a key: the domain only derives the principal from them. */
export const keyOf = (label: string): Uint8Array => new TextEncoder().encode(`key of ${label}`);
export const principalOf = (label: string): Principal => Principal.selfAuthenticating(keyOf(label));

export const fullStake = (nodeClass: NodeClass, change: Partial<NodeStake> = {}): NodeStake => ({
    nodeClass,
    remainingE8s: RULES[nodeClass].minimumE8s,
    termDays: RULES[nodeClass].minimumDays,
    endNs: START_NS + seconds(400 * 86_400),
    ...change
});

export class RefusedInTest extends Error {
    constructor(readonly refusal: unknown) {
        super(JSON.stringify(refusal, (_, value) => (typeof value === 'bigint' ? value.toString() : value)));
    }
}

/** The value of a success; fails the test otherwise. */
export function must<T, E>(result: Result<T, E>): T {
    if (!result.ok) throw new RefusedInTest(result.error);
    return result.value;
}

/** The kind of a refusal, `ok` for a success. */
export const kindOf = (result: Result<unknown, { kind: string }>): string => (result.ok ? 'ok' : result.error.kind);

/** The state machine over tables in memory, with a clock that only the test moves. */
export class World {
    now = START_NS;
    readonly tables: StateTables;
    readonly rules: ReturnType<typeof assemble>;

    constructor(
        private readonly given: Partial<StateMachineConfig> = {},
        private readonly memory = new MemoryTables()
    ) {
        this.tables = openTables(memory);
        this.rules = assemble(this.tables);
        this.tables.config.set(makeConfig(given));
        const { challenges } = this.rules;
        if (challenges.specs.newest(this.now) !== undefined) return;
        beginChallenges(this.tables, challenges.specs, { policy: { spacingS: 0n }, spec: SMALL_SPEC }, this.now);
    }

    /** New code over the same memory, at the same time: what an upgrade does. */
    upgraded(): World {
        const world = new World(this.given, this.memory.reopened());
        world.now = this.now;
        return world;
    }

    get registry() {
        return this.rules.registry;
    }

    get wallets() {
        return this.rules.wallets;
    }

    get validators() {
        return this.rules.validators;
    }

    get stakes() {
        return this.rules.stakeChecks;
    }

    get outbox() {
        return this.rules.outbox;
    }

    get config(): StateMachineConfig {
        return this.tables.config.get();
    }

    get weightRules(): WeightRules {
        return { config: this.config, suspension: this.rules.challenges.suspension };
    }

    advance(count: number): void {
        this.now += seconds(count);
    }

    register(label: string, nodeClass: NodeClass, bandwidthMbps = 100) {
        const application = { nodeClass, publicKey: keyOf(label), region: 'eu-west', bandwidthMbps };
        return this.registry.register(principalOf(label), application, this.now);
    }

    report(label: string) {
        const report = { queueDepth: 0, capacity: 4, apps: ['embed'], version: '0.1.0' };
        return reportStatus(this.registry, this.config, principalOf(label), report, this.now);
    }

    status(label: string): string {
        const node = this.registry.find(principalOf(label));
        return node === undefined ? 'unknown' : statusAt(this.config, node, this.now);
    }

    /** Registers and admits v1…vN; they report too. */
    withValidators(count: number): readonly Principal[] {
        const labels = Array.from({ length: count }, (_, i) => `v${i + 1}`);
        for (const label of labels) must(this.register(label, 'validator'));
        const batch = labels.map(principalOf);
        must(
            this.stakes.admit(
                batch,
                batch.map(() => fullStake('validator')),
                RULES.validator,
                this.now
            )
        );
        for (const label of labels) must(this.report(label));
        return batch;
    }

    /** A compute node that has just reported. */
    withComputeNode(label: string): Principal {
        must(this.register(label, 'compute', 10));
        must(this.report(label));
        return principalOf(label);
    }

    /** Makes a compute node active: three probes, by three validators, a second each; answers the last one. */
    prove(node: Principal): KnownChallenge {
        const [, , last] = [0, 1, 2].map((validator) => {
            this.now += 1n;
            return probe(this, node, { validator, workS: 1, lastByte: 0 });
        });
        return last!;
    }
}
