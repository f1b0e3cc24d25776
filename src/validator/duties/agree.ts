import { toHex } from '../../core/bytes';
import { headerOver, stateHash } from '../../core/consensus/state_hash';
import { checkProposal } from '../agreement/check';
import { collectItems } from '../agreement/collect';
import type { Draft, ProposalInfo, TurnInfo } from '../agreement/ports';
import type { ValidatorConfig } from '../config';
import { jitteredMs, type Duty } from '../duty';
import { Journal } from '../journal/journal';
import type { AgreementContext } from '../ports';

type AgreeConfig = Pick<ValidatorConfig, 'agreeMs' | 'heartbeatMs'>;

/** Another round has begun meanwhile, or another process of this validator was faster: nothing to do about it. */
const EXPECTED_REFUSALS: readonly string[] = ['WrongHeight', 'WrongRound', 'AlreadyVoted', 'NotProposer'];

/**
 * Takes part in the agreement: proposes in its turn, verifies the proposals of others and votes. What it says is in the
 * journal before it is sent, so that it never contradicts itself, whenever it crashed.
 */
export function agreeDuty(context: AgreementContext, config: AgreeConfig): Duty {
    const { clock } = context;
    let member: Member | undefined;
    return {
        name: 'agree',
        async run() {
            if (!(await context.state.isValidator())) return;
            member ??= await openMember(context, config);
            await member?.takePart();
        },
        nextMs: () => jitteredMs(clock, config.agreeMs)
    };
}

/** Reads the journal of the log that the network itself certifies; without a valid certificate nothing is said. */
async function openMember(context: AgreementContext, config: AgreeConfig): Promise<Member | undefined> {
    const head = await context.agreement.verifiedHead();
    if (head === undefined) {
        context.log.warn('the certificate of the head cannot be verified');
        return undefined;
    }
    return new Member(context, config, await Journal.open(context.journal, toHex(head.chainId)));
}

class Member {
    constructor(
        private readonly context: AgreementContext,
        private readonly config: AgreeConfig,
        private readonly journal: Journal
    ) {}

    async takePart(): Promise<void> {
        const { agreement, metrics } = this.context;
        const turn = await agreement.turn();
        if (turn === undefined) return;
        metrics.setHeight(turn.height - 1n);
        await this.voteOnLast(turn);
        if (turn.proposal !== undefined) await this.voteOn(turn.proposal);
        else if (turn.isMine) await this.propose(turn);
    }

    /** A vote that comes after the quorum shows at least that this validator is there. */
    private async voteOnLast(turn: TurnInfo): Promise<void> {
        if (turn.height <= 1n) return;
        const [last] = await this.context.agreement.states(turn.height - 1n, 1n);
        if (last !== undefined) await this.voteOn(last);
    }

    private async voteOn(proposal: ProposalInfo): Promise<void> {
        const { agreement, records, metrics, log } = this.context;
        if (proposal.hasMyVote) return;
        const verdict = await checkProposal(proposal, agreement, records);
        const facts = { height: proposal.height.toString(), round: proposal.round, verdict };
        if (verdict === 'unknown') return log.debug(facts, 'proposal cannot be verified yet');
        const yes = verdict === 'good';
        if (!(await this.mayVote(proposal, yes))) return log.error(facts, 'another vote stands in the journal');
        const refused = await agreement.vote(proposal, yes);
        metrics.countVote(yes, refused?.code);
        if (refused === undefined && yes) log.info(facts, 'voted for a state');
        else if (refused === undefined) log.warn(facts, 'voted against a state');
        else this.logRefusal('vote refused', refused.code);
    }

    private mayVote({ height, round, hash }: ProposalInfo, yes: boolean): Promise<boolean> {
        return this.journal.allow({ kind: 'vote', height, round, hash: toHex(hash), yes });
    }

    private async propose(turn: TurnInfo): Promise<void> {
        const { agreement, records, metrics, log } = this.context;
        const items = await collectItems(turn, agreement, records);
        if (items.length === 0 && !this.isHeartbeatDue(turn)) return;
        const { height, round, parentHash } = turn;
        const draft = { height, round, parentHash, items };
        const facts = { height: height.toString(), round, items: items.length };
        if (!(await this.mayPropose(draft))) return log.error(facts, 'another proposal stands in the journal');
        const refused = await agreement.propose(draft);
        metrics.countProposal(refused?.code);
        if (refused === undefined) log.info(facts, 'state proposed');
        else this.logRefusal('proposal refused', refused.code);
    }

    private mayPropose({ height, round, parentHash, items }: Draft): Promise<boolean> {
        const hash = toHex(stateHash(headerOver(height, parentHash, items)));
        return this.journal.allow({ kind: 'propose', height, round, hash, yes: true });
    }

    /** With nothing to record a state shows that the validators are there, or deductions could not tell who is not. */
    private isHeartbeatDue({ lastFinalMs }: TurnInfo): boolean {
        return lastFinalMs === undefined || this.context.clock.nowMs() - lastFinalMs >= this.config.heartbeatMs;
    }

    private logRefusal(message: string, code: string): void {
        if (EXPECTED_REFUSALS.includes(code)) this.context.log.debug({ code }, message);
        else this.context.log.warn({ code }, message);
    }
}
