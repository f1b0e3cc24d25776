/** What the end of a transfer of a holder, a proposal or an airdrop means for the books. */
import { unreachable } from '../../../../src/core/assert';
import type { TransferIntent } from '../../../../src/core/transfer_intents';
import { airdropPaid } from '../airdrops/airdrops';
import { holderCollected, holderPaidOut, holderRestPaid } from '../holders/holder_payout';
import { holderPulled, holderPullRefused } from '../holders/holders';
import { proposalPaid } from '../governance/payments';
import type { RewardsState, TransferPurpose } from '../state';

type DaoKind =
    'holder_pull' | 'holder_reward' | 'holder_payout' | 'holder_rest' | 'proposal_payment' | 'airdrop_payment';

/** Applies a transfer that is done, or a pull that was refused. */
export function applyDaoEnd(
    state: RewardsState,
    purpose: Extract<TransferPurpose, { kind: DaoKind }>,
    { transfer, state: end }: TransferIntent,
    id: bigint,
    nowNs: bigint
): void {
    switch (purpose.kind) {
        case 'holder_pull':
            return end.kind === 'done'
                ? holderPulled(state, purpose.stake, nowNs)
                : holderPullRefused(state, purpose.stake);
        case 'holder_reward':
            return holderCollected(state, purpose.stake, transfer, nowNs);
        case 'holder_payout':
            return holderPaidOut(state, purpose.stake, transfer, nowNs);
        case 'holder_rest':
            return holderRestPaid(state, purpose.stake, transfer, nowNs);
        case 'proposal_payment':
            return proposalPaid(state, purpose.purse, transfer, id, nowNs);
        case 'airdrop_payment':
            return airdropPaid(state, transfer);
        default:
            return unreachable(purpose);
    }
}
