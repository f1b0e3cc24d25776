import type { Principal } from '@dfinity/principal';
import type { TradesSettled, WindowCounts } from '../../../src/core/consensus/state_item';
import { checkProposal } from '../../../src/validator/agreement/check';
import type { AgreementPort, RecordsPort } from '../../../src/validator/agreement/ports';
import { agreeDuty } from '../../../src/validator/duties/agree';
import { commitDuty } from '../../../src/validator/duties/commit';
import { bytes32, must, World } from '../state_machine/world';
import { agentContext, MemoryJournal, noRecords } from './fakes';
import { worldAgreement } from './world_agreement';

const running = new AbortController().signal;
const config = {
    agreeMs: 4_000,
    heartbeatMs: 240_000,
    commitMs: 30_000,
    commitStates: 100,
    commitAgeMs: 600_000
};

/** Four validators with an agent each, on one canister. */
class Crew {
    readonly members: readonly Principal[];
    readonly journals: readonly MemoryJournal[];
    records: RecordsPort = noRecords;

    constructor(public world = new World()) {
        world.rules.agreement.begin(bytes32('this log'));
        this.members = world.withValidators(4);
        this.journals = this.members.map(() => new MemoryJournal());
    }

    agreement(member: number): AgreementPort {
        return worldAgreement(() => this.world, this.members[member]!);
    }

    context(member: number, change: { agreement?: AgreementPort } = {}) {
        const clock = {
            nowMs: () => Number(this.world.now / 1_000_000n),
            sleep: async () => undefined,
            random: () => 0.5
        };
        const journal = this.journals[member]!;
        return {
            ...agentContext(clock),
            agreement: this.agreement(member),
            records: this.records,
            journal,
            ...change
        };
    }

    /** One look of each of these agents, as after a restart. */
    async look(...members: readonly number[]): Promise<void> {
        for (const member of members) await agreeDuty(this.context(member), config).run(running);
    }

    get height(): bigint {
        return this.world.rules.agreement.length();
    }
}

async function withPoc(crew: Crew): Promise<void> {
    crew.world.prove(crew.world.withComputeNode('c'));
}

test('agents agree on a decided proof: the one in turn proposes, the others verify and vote', async () => {
    const crew = new Crew();
    await withPoc(crew);
    await crew.look(0, 1, 2, 3);
    // The proposer itself votes at its next look; the others made a quorum.
    expect(crew.height).toBe(1n);
    expect(crew.world.rules.agreement.stateAt(1n)?.itemCount).toBe(3);
    await crew.look(0);
    expect(crew.world.rules.agreement.stateAt(1n)?.yes).toEqual(Uint8Array.of(15));
    expect(crew.world.rules.agreement.evidence.count()).toBe(0n);
});

test('with nothing to record a state comes once in four minutes', async () => {
    const crew = new Crew();
    await crew.look(0, 1, 2, 3);
    expect(crew.height).toBe(1n);
    for (let i = 0; i < 59; i++) {
        crew.world.advance(4);
        await crew.look(0, 1, 2, 3);
    }
    expect(crew.height).toBe(1n);
    for (let i = 0; i < 30 && crew.height < 2n; i++) {
        crew.world.advance(4);
        await crew.look(0, 1, 2, 3);
    }
    expect(crew.height).toBe(2n);
});

test('agents go on without a crashed one, and come through its turns', async () => {
    const crew = new Crew();
    for (let i = 0; i < 1_000 && crew.height < 8n; i++) {
        crew.world.advance(4);
        await crew.look(1, 2, 3);
    }
    expect(crew.height).toBe(8n);
});

test('a forged item is voted against, and the round ends', async () => {
    const crew = new Crew();
    await withPoc(crew);
    const { agreement } = crew.world.rules;
    const forged = { kind: 'PocResult' as const, ref: 0n, digest: bytes32('better E') };
    const draft = { height: 1n, round: 0, parentHash: agreement.tip().parentHash, items: [forged] };
    must(agreement.propose(crew.members[0]!, draft, crew.world.now));
    await crew.look(1, 2);
    expect(agreement.find({ height: 1n, round: 0 }, crew.world.now)?.status).toBe('Rejected');
    await crew.look(1, 2, 3, 1, 2, 3);
    expect(crew.height).toBe(1n);
    expect(agreement.stateAt(1n)?.round).toBe(1);
});

test('a restarted agent repeats what it said, and refuses to say anything else', async () => {
    const crew = new Crew();
    await withPoc(crew);
    let lost = 0;
    const deaf: AgreementPort = {
        ...crew.agreement(0),
        propose: async () => {
            lost += 1;
            return { code: 'NetworkDown' };
        }
    };
    await agreeDuty(crew.context(0, { agreement: deaf }), config).run(running);
    expect([lost, crew.journals[0]!.lines.length]).toEqual([1, 1]);
    // Another proof was decided meanwhile: the proposal would be another one now.
    crew.world.prove(crew.world.withComputeNode('d'));
    const ctx = crew.context(0);
    await agreeDuty(ctx, config).run(running);
    expect(ctx.log.entries).toMatchObject([{ level: 'error', message: 'another proposal stands in the journal' }]);
    expect(crew.world.rules.agreement.turnAt(crew.world.now)?.position.proposedNs).toBeUndefined();
    expect(crew.world.rules.agreement.evidence.count()).toBe(0n);
});

test('nothing is said before the head is certified', async () => {
    const crew = new Crew();
    await withPoc(crew);
    const agreement = { ...crew.agreement(0), verifiedHead: async () => undefined };
    const ctx = crew.context(0, { agreement });
    await agreeDuty(ctx, config).run(running);
    expect(crew.journals[0]!.lines).toEqual([]);
    expect(ctx.log.entries[0]?.level).toBe('warn');
});

test('windows and trades are recorded from the canisters that own them, once, without the empty ones', async () => {
    const crew = new Crew();
    const counts = (window: bigint): WindowCounts => ({ window, records: window % 2n, successes: 1n, credits: 40n });
    const trades = (round: bigint): TradesSettled => ({
        round,
        volumeE8s: round === 1n ? 5n : 0n,
        sourceHash: bytes32('settled')
    });
    crew.records = {
        currentWindow: async () => 4n,
        windowCounts: async (window) => (window < 3n ? counts(window) : undefined),
        tradesSettled: async (round) => (round < 3n ? trades(round) : undefined)
    };
    await crew.look(0, 1, 2, 3);
    const items = await crew.agreement(0).items(1n);
    expect(items.map(({ kind, ref }) => [kind, ref])).toEqual([
        ['TaskDigest', 1n],
        ['Trade', 1n]
    ]);
    // A voter that cannot see the sources says nothing; one that sees something else says no.
    const [state] = await crew.agreement(3).states(1n, 1n);
    expect(await checkProposal(state!, crew.agreement(3), noRecords)).toBe('unknown');
    const lying = { ...crew.records, windowCounts: async (window: bigint) => ({ ...counts(window), credits: 41n }) };
    expect(await checkProposal(state!, crew.agreement(3), lying)).toBe('false_item');
    expect(await checkProposal({ ...state!, hash: bytes32('no') }, crew.agreement(3), crew.records)).toBe('false_hash');
});

/** So many states, each by one look of all. */
async function grow(crew: Crew, states: bigint): Promise<void> {
    for (let i = 0; i < 2_000 && crew.height < states; i++) {
        crew.world.advance(61);
        await crew.look(0, 1, 2, 3);
    }
}

test('states are committed by the validator whose turn it is, and confirmed by the others after they verified them', async () => {
    const crew = new Crew();
    await grow(crew, 4n);
    const commit = { ...config, commitStates: 4 };
    for (const member of [0, 1, 2, 3]) await commitDuty(crew.context(member), commit).run(running);
    const { commitments } = crew.world.rules;
    expect(commitments.find(0n)).toMatchObject({ from: 1n, to: 4n, submittedBy: crew.members[1] });
    for (const member of [0, 1, 2]) await commitDuty(crew.context(member), commit).run(running);
    expect(commitments.find(0n)?.status).toBe('Confirmed');
    expect(commitments.count()).toBe(1n);
});

test('fewer states are committed when the first has waited long, by anybody when it has waited twice as long', async () => {
    const crew = new Crew();
    await grow(crew, 2n);
    const { commitments } = crew.world.rules;
    const look = (member: number) => commitDuty(crew.context(member), config).run(running);
    await look(1);
    expect(commitments.count()).toBe(0n);
    crew.world.advance(600);
    await look(3);
    expect(commitments.count()).toBe(0n);
    await look(1);
    expect(commitments.find(0n)).toMatchObject({ from: 1n, to: 2n });
    await grow(crew, 3n);
    crew.world.advance(1_200);
    await look(0);
    expect(commitments.find(1n)).toMatchObject({ from: 3n, to: 3n });
});

test('a commitment is rejected when its states are not chained, or are not those of its root', async () => {
    const crew = new Crew();
    await grow(crew, 4n);
    const commit = { ...config, commitStates: 4 };
    await commitDuty(crew.context(1), commit).run(running);
    const honest = crew.agreement(2);
    const unchained = {
        ...honest,
        states: async (from: bigint, take: bigint) =>
            (await honest.states(from, take)).map((state) =>
                state.height === 3n ? { ...state, parentHash: bytes32('elsewhere') } : state
            )
    };
    await commitDuty(crew.context(2, { agreement: unchained }), commit).run(running);
    const others = {
        ...crew.agreement(3),
        states: async (from: bigint, take: bigint) =>
            (await honest.states(from, take)).map((state) =>
                state.height === 4n ? { ...state, hash: bytes32('elsewhere') } : state
            )
    };
    await commitDuty(crew.context(3, { agreement: others }), commit).run(running);
    expect(crew.world.rules.commitments.find(0n)).toMatchObject({
        rejectedBy: [crew.members[2], crew.members[3]],
        status: 'Rejected'
    });
});

test('a commitment whose proof does not hold is rejected, one that cannot be asked for is left open', async () => {
    const crew = new Crew();
    await grow(crew, 4n);
    const commit = { ...config, commitStates: 4 };
    await commitDuty(crew.context(1), commit).run(running);
    const unsure = { ...crew.agreement(2), verifyState: async () => ({ kind: 'unknown', code: 'Stale' }) as const };
    await commitDuty(crew.context(2, { agreement: unsure }), commit).run(running);
    expect(crew.world.rules.commitments.find(0n)).toMatchObject({ confirmedBy: [], rejectedBy: [] });
    const doubtful = {
        ...crew.agreement(3),
        verifyState: async () => ({ kind: 'disproved', code: 'BadSignature' }) as const
    };
    await commitDuty(crew.context(3, { agreement: doubtful }), commit).run(running);
    expect(crew.world.rules.commitments.find(0n)?.rejectedBy).toEqual([crew.members[3]]);
});
