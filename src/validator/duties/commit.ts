import { equalBytes } from '../../core/bytes';
import { rootOf } from '../../core/consensus/merkle';
import { rangeLevels, type CommittedRange } from '../../core/consensus/state_hash';
import type { AgreementPort, CommitmentInfo, ProposalInfo } from '../agreement/ports';
import type { ValidatorConfig } from '../config';
import { jitteredMs, type Duty } from '../duty';
import type { AgreementContext } from '../ports';

type CommitConfig = Pick<ValidatorConfig, 'commitMs' | 'commitStates' | 'commitAgeMs'>;

const PAGE = 100n;

/**
 * Packs final states into commitments and confirms those of others, after it has computed the root again and verified the
 * network's certificate.
 */
export function commitDuty(context: AgreementContext, config: CommitConfig): Duty {
    const { agreement, state, clock } = context;
    return {
        name: 'commit',
        async run(signal) {
            if (!(await state.isValidator())) return;
            const recent = await agreement.recentCommitments();
            for (const commitment of recent.commitments) {
                if (signal.aborted) return;
                if (commitment.isOpen && !commitment.hasMyVerdict) await confirm(context, commitment);
            }
            await submitDue(context, config, recent.nextFrom);
        },
        nextMs: () => jitteredMs(clock, config.commitMs)
    };
}

/** Submits what is due. The validators take turns by the first height; the others only step in when it takes too long. */
async function submitDue({ agreement, metrics, clock, log }: AgreementContext, config: CommitConfig, from: bigint) {
    const states = await allStates(agreement, from, BigInt(config.commitStates));
    const [first] = states;
    const last = states.at(-1);
    if (first === undefined || last === undefined) return;
    const place = await agreement.place();
    if (place === undefined) return;
    const ageMs = clock.nowMs() - (first.finalMs ?? clock.nowMs());
    const isFull = states.length >= config.commitStates;
    const isMine = from % BigInt(place.members) === BigInt(place.position);
    const isOverdue = ageMs >= 2 * config.commitAgeMs;
    if (!(isMine ? isFull || ageMs >= config.commitAgeMs : isOverdue)) return;
    const range = { from, to: last.height, root: rootOf(rangeLevels(states.map((state) => state.hash))) };
    const refused = await agreement.submit(range);
    metrics.countCommitment(refused?.code);
    const facts = { from: range.from.toString(), to: range.to.toString(), code: refused?.code };
    if (refused === undefined) log.info(facts, 'commitment submitted');
    else log.debug(facts, 'commitment refused');
}

async function confirm({ agreement, metrics, log }: AgreementContext, commitment: CommitmentInfo): Promise<void> {
    const verdict = await verdictOn(agreement, commitment);
    const facts = { commitment: commitment.index.toString(), verdict };
    if (verdict === 'unknown') return log.debug(facts, 'commitment cannot be verified yet');
    const refused = await agreement.attestCommitment(commitment.index, verdict === 'good');
    metrics.countAttestation(verdict, refused?.code);
    if (verdict === 'good') log.info({ ...facts, code: refused?.code }, 'commitment confirmed');
    else log.warn({ ...facts, code: refused?.code }, 'commitment rejected');
}

/** Whether the root is that of the chained states, and the network certifies its last one. */
async function verdictOn(agreement: AgreementPort, range: CommittedRange): Promise<'good' | 'bad' | 'unknown'> {
    const states = await allStates(agreement, range.from, range.to - range.from + 1n);
    const last = states.at(-1);
    if (last?.height !== range.to) return 'unknown';
    if (!isChained(states)) return 'bad';
    if (!equalBytes(rootOf(rangeLevels(states.map((state) => state.hash))), range.root)) return 'bad';
    const verified = await agreement.verifyState(range.to);
    if (verified.kind === 'unknown') return 'unknown';
    return verified.kind === 'proven' && equalBytes(verified.stateHash, last.hash) ? 'good' : 'bad';
}

function isChained(states: readonly ProposalInfo[]): boolean {
    return states.every((state, i) => {
        const parent = states[i - 1];
        return parent === undefined || equalBytes(state.parentHash, parent.hash);
    });
}

async function allStates(agreement: AgreementPort, from: bigint, count: bigint): Promise<readonly ProposalInfo[]> {
    const states: ProposalInfo[] = [];
    while (BigInt(states.length) < count) {
        const missing = count - BigInt(states.length);
        const page = await agreement.states(from + BigInt(states.length), missing < PAGE ? missing : PAGE);
        if (page.length === 0) return states;
        states.push(...page);
    }
    return states;
}
