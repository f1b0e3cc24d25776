import { DONE, err, type Result } from '../../../src/core/result';
import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { profileById } from '../../../src/core/tokenomics/profiles';
import {
    beginAttempt,
    intentMemo,
    openIntent,
    settleAttempt,
    type TransferIntent
} from '../../../src/core/transfer_intents';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { windowEndNs, type HubClock } from '../domain/calendar';
import type { Settlement, Step } from '../domain/settlement';
import { STEP_NODES, type Settlements, type TransferOf } from '../domain/settlements';
import { ReportSteps } from './report_steps';
import type { Obstacle, SettlementPeers } from './settlement_peers';

type StepResult = Promise<Result<void, Obstacle>>;
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

    async advance(settlement: Settlement, clock: HubClock): StepResult {
        const profile = profileById(clock.profile);
        if (profile === undefined) return err(`unknown profile ${clock.profile}`);
        const { step } = settlement;
        switch (step.kind) {
            case 'screen':
                return this.screen(settlement, profile);
            case 'carry':
                return this.carry(settlement);
            case 'weigh':
                return this.weigh({ ...settlement, step }, clock, profile);
            case 'pay':
                return this.pay({ ...settlement, step });
            case 'report':
                return this.reporting.advance({ ...settlement, step });
            case 'done':
                return DONE;
        }
    }

    private async weigh(settlement: At<'weigh'>, clock: HubClock, profile: TokenomicsProfile): StepResult {
        const { settlements, peers } = this.deps;
        const { window, revision, step } = settlement;
        const endNs = windowEndNs(clock, window);
        const snapshot = await peers.weightSnapshot(endNs, step.start, STEP_NODES);
        if (!snapshot.ok) return snapshot;
        const { nodes, next } = snapshot.value;
        const eligible = nodes.filter((facts) => facts.eligible);
        const stakes = eligible.length === 0 ? undefined : await peers.nodeStakes(eligible.map(({ node }) => node));
        if (stakes !== undefined && !stakes.ok) return stakes;
        const weighed = eligible.map((facts, index) => ({ facts, stake: stakes?.value[index] }));
        settlements.weigh(window, revision, { nodes: weighed, next }, profile, endNs);
        return DONE;
    }

    private async screen(settlement: Settlement, profile: TokenomicsProfile): StepResult {
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
        const pricing = { creditPriceE8s: creditPriceE8s(), fee: profile.trade.fee };
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
        const { intent, send } = beginAttempt(step.intent, nowNs());
        const sent = settlements.paymentMoved(window, revision, intent);
        if (!send) return intent.state.kind === 'sent' ? err('the transfer is under way') : DONE;
        const answer = await peers.transfer(intent.transfer);
        const settled = settleAttempt(intent, answer, nowNs());
        if (sent !== undefined) settlements.paymentMoved(window, sent.revision, renewed(settled, nowNs()));
        return obstacleOf(settled);
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
