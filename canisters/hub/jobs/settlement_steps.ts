import { DONE, err, mapOk, ok, type Result } from '../../../src/core/result';
import { epochOfRound } from '../../../src/core/clock';
import {
    beginAttempt,
    intentMemo,
    openIntent,
    settleAttempt,
    type LedgerTransfer,
    type TransferIntent
} from '../../../src/core/transfer_intents';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { isHistory } from '../../../src/core/lost_transfers';
import { windowEndNs, type HubClock } from '../domain/calendar';
import type { SnapshotNode } from '../domain/node_weights';
import type { Settlement, Step, WindowRules } from '../domain/settlement';
import { STEP_NODES, type Settlements, type TransferOf } from '../domain/settlements';
import { ReportSteps } from './report_steps';
import type { Obstacle, SettlementPeers } from './settlement_peers';

type StepResult = Promise<Result<void, Obstacle>>;
type AskRules = () => Promise<Result<WindowRules, Obstacle>>;
type At<Kind extends Step['kind']> = Settlement & { readonly step: Extract<Step, { kind: Kind }> };

const MEMO_TAG = 'hub.win';

export interface StepDeps {
    readonly settlements: Settlements;
    readonly peers: SettlementPeers;
    readonly creditPriceE8s: () => bigint;
    readonly nowNs: () => bigint;
}

/**
 * One step of a settlement each: read the stored state, ask a peer, hand the answer and the revision that it belongs to
 * to the domain. A step that is interrupted anywhere is simply made again.
 */
export class SettlementSteps {
    private readonly reporting: ReportSteps;

    constructor(private readonly deps: StepDeps) {
        this.reporting = new ReportSteps(deps);
    }

    /** Rewards' rules for the window's epoch, asked once in each run that needs them: governance may have changed them. */
    rulesOf(window: bigint, clock: HubClock): AskRules {
        let known: WindowRules | undefined;
        return async () => {
            if (known !== undefined) return ok(known);
            const answer = await this.deps.peers.rules(epochOfRound(clock, window));
            if (answer.ok) known = answer.value;
            return answer;
        };
    }

    async advance(settlement: Settlement, clock: HubClock, rules: AskRules): StepResult {
        const { step } = settlement;
        switch (step.kind) {
            case 'screen':
                return this.screen(settlement, rules);
            case 'carry':
                return this.carry(settlement);
            case 'weigh':
                return this.weigh({ ...settlement, step }, clock, rules);
            case 'pay':
                return this.pay({ ...settlement, step });
            case 'report':
                return this.reporting.advance({ ...settlement, step });
            case 'done':
                return DONE;
        }
    }

    private async weigh(settlement: At<'weigh'>, clock: HubClock, askRules: AskRules): StepResult {
        const { settlements, peers } = this.deps;
        const { window, revision, step } = settlement;
        const endNs = windowEndNs(clock, window);
        const rules = await askRules();
        if (!rules.ok) return rules;
        const snapshot = await peers.weightSnapshot(endNs, step.start, STEP_NODES);
        if (!snapshot.ok) return snapshot;
        const { nodes, next } = snapshot.value;
        const eligible = nodes.filter((facts) => facts.eligible);
        const stakes = eligible.length === 0 ? undefined : await peers.nodeStakes(eligible.map(({ node }) => node));
        if (stakes !== undefined && !stakes.ok) return stakes;
        const credits = await this.creditsOf(window, eligible, rules.value);
        if (!credits.ok) return credits;
        const weighed = eligible.map((facts, index) => ({
            facts,
            stake: stakes?.value[index],
            credits: credits.value[index]
        }));
        settlements.weigh(window, revision, { nodes: weighed, next }, rules.value, endNs);
        return DONE;
    }

    /** What the calls of nodes earned in the window, where weights depend on it; nothing elsewhere. */
    private async creditsOf(
        window: bigint,
        nodes: readonly SnapshotNode[],
        { weights }: WindowRules
    ): Promise<Result<readonly bigint[], Obstacle>> {
        const { settlements, peers } = this.deps;
        if (weights.kind !== 'hub_credits' || nodes.length === 0) return ok([]);
        const payees = await peers.payees(nodes.map(({ node }) => node));
        return mapOk(payees, (facts) =>
            nodes.map(({ node }, index) => settlements.earnedCredits({ window, node }, facts[index]))
        );
    }

    private async screen(settlement: Settlement, askRules: AskRules): StepResult {
        const { settlements, peers, creditPriceE8s } = this.deps;
        const { window, revision } = settlement;
        const ahead = settlements.nodesToScreen(settlement);
        const nodes = ahead.map(({ node }) => node);
        if (nodes.length === 0) {
            return this.withTransfer(window, (transferOf) =>
                settlements.endScreening(window, revision, creditPriceE8s(), transferOf)
            );
        }
        const answer = await peers.payees(nodes);
        if (!answer.ok) return answer;
        const strangers = nodes.filter((_, index) => answer.value[index] === undefined);
        if (strangers.length > 0) {
            const registered = await peers.areRegistered(strangers);
            if (!registered.ok) return registered;
            // A node that is registered will be known to rewards, too; then its trades can be settled.
            if (registered.value.includes(true)) return err('rewards has not heard of a node yet');
        }
        const rules = await askRules();
        if (!rules.ok) return rules;
        const pricing = { creditPriceE8s: creditPriceE8s(), fee: rules.value.fee };
        settlements.screen(settlement, ahead, answer.value, pricing);
        return DONE;
    }

    private async carry({ window, revision }: Settlement): StepResult {
        await this.deps.peers.pause();
        return this.withTransfer(window, (transferOf) => this.deps.settlements.carry(window, revision, transferOf));
    }

    /** Gives the domain the transfer that a window's money takes, dated now. */
    private withTransfer(window: bigint, use: (transferOf: TransferOf) => void): Result<void, Obstacle> {
        const { peers, nowNs } = this.deps;
        const to = peers.settlementPurse();
        if (to === undefined) return err('rewards is not known yet');
        use((amountE8s) => ({
            kind: 'push',
            from: peers.hubAccount(),
            to,
            amountE8s,
            feeE8s: LEDGER_FEE_E8S,
            memo: intentMemo(MEMO_TAG, window),
            createdAtNs: nowNs()
        }));
        return DONE;
    }

    private async pay({ window, revision, step }: At<'pay'>): StepResult {
        const { settlements, peers, nowNs } = this.deps;
        if (step.intent.state.kind === 'lost') return this.findPayment(window, revision, step.intent.transfer);
        const { intent, send } = beginAttempt(step.intent, nowNs());
        const sent = settlements.paymentMoved(window, revision, intent);
        if (!send) return intent.state.kind === 'sent' ? err('the transfer is under way') : DONE;
        const answer = await peers.transfer(intent.transfer);
        const settled = settleAttempt(intent, answer, nowNs());
        if (sent !== undefined) settlements.paymentMoved(window, sent.revision, renewed(settled, nowNs()));
        return obstacleOf(settled);
    }

    /** One page of the ledger's log, in the purse's history, which has few blocks for each window. */
    private async findPayment(window: bigint, revision: bigint, transfer: LedgerTransfer): StepResult {
        const { settlements, peers, nowNs } = this.deps;
        if (!isHistory(transfer, nowNs())) return err('the ledger could still execute the transfer');
        const page = await peers.history(transfer.to, settlements.paymentSearch());
        if (!page.ok) return page;
        const isRead = settlements.searchedPayment(window, revision, page.value, nowNs());
        return isRead ? DONE : err('the log of the ledger cannot be read now');
    }
}

/** What the ledger refused was never executed: it is asked anew, under a new date. */
function renewed(intent: TransferIntent, nowNs: bigint): TransferIntent {
    return intent.state.kind === 'refused' ? openIntent({ ...intent.transfer, createdAtNs: nowNs }) : intent;
}

function obstacleOf({ state }: TransferIntent): Result<void, Obstacle> {
    if (state.kind === 'refused') return err(`the ledger refused the transfer: ${state.refusal.kind}`);
    return state.kind === 'open' ? err(`the transfer is not confirmed: ${state.reason}`) : DONE;
}
