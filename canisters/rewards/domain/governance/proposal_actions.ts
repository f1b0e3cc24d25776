/** What proposals can do: which majority each kind needs, and what of it can be checked before anybody votes. */
import { unreachable } from '../../../../src/core/assert';
import { LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { groupOfCall, isAllowed } from '../../../../src/core/governance/allow_list';
import type { ProposalGroup } from '../../../../src/core/tokenomics/profile';
import { airdropFault } from '../airdrops/airdrops';
import { profileAt } from '../profiles/calendar';
import type { ActionFault } from '../errors';
import type { Document, Payment, ProposalAction } from './governance_rows';
import { checkProfileChange } from '../profiles/profile_change';
import type { RewardsState } from '../state';

const MAX_URL = 500;
/** SHA-256. */
const HASH_BYTES = 32;
/** Candid of a call's arguments. */
const MAX_ARGS_BYTES = 16_384;

const GROUPS: Readonly<Record<Exclude<ProposalAction['kind'], 'call'>, ProposalGroup>> = {
    text: 'ordinary',
    user_reward_rule: 'reward_rule',
    poc_standard: 'poc_standard',
    developer_grant: 'grant',
    treasury_spend: 'constitution',
    profile_change: 'constitution',
    airdrop: 'ordinary',
    elect_committee: 'ordinary',
    set_peer: 'constitution'
};

/** The majority that an action needs. */
export function groupOf(action: ProposalAction): ProposalGroup {
    return action.kind === 'call' ? groupOfCall(action) : GROUPS[action.kind];
}

/** What is wrong with an action at its submission; undefined when nothing is. */
export function actionFault(state: RewardsState, action: ProposalAction, nowNs: bigint): ActionFault | undefined {
    switch (action.kind) {
        case 'text':
            return undefined;
        case 'user_reward_rule':
        case 'poc_standard':
            return documentFault(action);
        case 'developer_grant':
        case 'treasury_spend':
            return paymentFault(action);
        case 'profile_change': {
            const checked = checkProfileChange(state, action, nowNs);
            return checked.ok ? undefined : checked.error;
        }
        case 'airdrop': {
            const fault = airdropFault(action, nowNs);
            return fault === undefined ? undefined : invalid(fault);
        }
        case 'elect_committee':
            return committeeFault(state, action.members.length, new Set(action.members.map(String)).size, nowNs);
        case 'set_peer':
            return action.canister === 'rewards' ? invalid('canister') : undefined;
        case 'call':
            if (!isAllowed(action)) return { code: 'NotAllowed', detail: null };
            return action.args.length > MAX_ARGS_BYTES ? invalid('args') : undefined;
        default:
            return unreachable(action);
    }
}

function invalid(field: string): ActionFault {
    return { code: 'InvalidArgument', detail: field };
}

function documentFault({ url, hash }: Document): ActionFault | undefined {
    if (url.length === 0 || url.length > MAX_URL) return invalid('url');
    return hash.length === HASH_BYTES ? undefined : invalid('hash');
}

function paymentFault({ to, amountE8s }: Payment): ActionFault | undefined {
    if (to.owner.isAnonymous()) return invalid('to');
    return amountE8s > LEDGER_FEE_E8S ? undefined : invalid('amount_e8s');
}

function committeeFault(state: RewardsState, seats: number, distinct: number, nowNs: bigint): ActionFault | undefined {
    const allowed = profileAt(state, nowNs).governance.committeeSeats;
    return BigInt(seats) <= allowed && seats === distinct ? undefined : invalid('members');
}
