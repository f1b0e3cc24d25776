/** Candid ⇄ domain for what proposals do. Named kinds of calls become calls of the allow-list, which is what is voted on. */
import { IDL } from 'azle';
import { fromCandidAccount, toCandidAccount } from '../../../src/core/account';
import { unreachable } from '../../../src/core/assert';
import type { AirdropEntry } from '../../../src/core/governance/airdrop';
import { fromPolicyView, fromSpecView, PocPolicyView, PocSpecView } from '../../../src/azle/poc_candid';
import { policyFault, policyWith } from '../../../src/core/poc/policy';
import { specFault } from '../../../src/core/poc/spec';
import { CANISTERS, type CanisterName } from '../../../src/core/peers';
import { AIRDROP_CLASSES, type AirdropList, type AirdropOrder } from '../domain/airdrops/airdrop_rows';
import type { Payment, ProposalAction, ProposalRow, ProposalState } from '../domain/governance/governance_rows';
import type * as airdrops from './airdrops_idl';
import type * as idl from './governance_idl';
import { fromProfile, toProfile } from './profile_mappers';

/** Undefined when an account, a canister or a pool is not one. */
export function fromProposalKind(kind: idl.ProposalKind): ProposalAction | undefined {
    if ('Text' in kind) return { kind: 'text' };
    if ('UserRewardRule' in kind) return { kind: 'user_reward_rule', ...kind.UserRewardRule };
    if ('PocStandard' in kind) return { kind: 'poc_standard', ...kind.PocStandard };
    if ('DeveloperGrant' in kind) return paying('developer_grant', kind.DeveloperGrant);
    if ('TreasurySpend' in kind) return paying('treasury_spend', kind.TreasurySpend);
    if ('ElectCommittee' in kind) return { kind: 'elect_committee', members: kind.ElectCommittee };
    if ('Airdrop' in kind) return fromAirdrop(kind.Airdrop);
    if ('ProfileChange' in kind) {
        const profile = fromProfile(kind.ProfileChange.profile);
        return profile && { kind: 'profile_change', fromEpoch: kind.ProfileChange.from_epoch, profile };
    }
    return fromCall(kind);
}

type CallKind = Extract<
    idl.ProposalKind,
    | { PocSpec: unknown }
    | { PocPolicy: unknown }
    | { OpenValidatorBatch: unknown }
    | { AdmitValidators: unknown }
    | { SetRole: unknown }
    | { Call: unknown }
>;

function fromCall(kind: CallKind): ProposalAction | undefined {
    if ('OpenValidatorBatch' in kind) return calling('state_machine', 'open_validator_batch', [], []);
    if ('AdmitValidators' in kind) {
        return calling('state_machine', 'admit_validators', [IDL.Vec(IDL.Principal)], [kind.AdmitValidators]);
    }
    if ('PocSpec' in kind) return fromPocSpec(kind.PocSpec);
    if ('PocPolicy' in kind) return fromPocPolicy(kind.PocPolicy);
    if ('Call' in kind) {
        const canister = canisterNamed(kind.Call.canister);
        return canister && { kind: 'call', ...kind.Call, canister };
    }
    return fromRole(kind.SetRole);
}

function fromRole(role: Extract<CallKind, { SetRole: unknown }>['SetRole']): ProposalAction | undefined {
    if ('Peer' in role) {
        const canister = canisterNamed(role.Peer.canister);
        return canister && { kind: 'set_peer', canister, id: role.Peer.id };
    }
    if ('Governance' in role) {
        const canister = canisterNamed(role.Governance.canister);
        const types = [IDL.Opt(IDL.Principal)];
        return canister && calling(canister, 'set_governance', types, [role.Governance.to]);
    }
    const { who, granted } = role.Gateway;
    return calling('compute_gateway', granted ? 'add_gateway' : 'remove_gateway', [IDL.Principal], [who]);
}

/** Undefined for parameters that state_machine would refuse whenever it were asked. */
function fromPocSpec(view: PocSpecView): ProposalAction | undefined {
    const isSound = specFault(fromSpecView(view)) === undefined;
    return isSound ? calling('state_machine', 'add_poc_spec', [PocSpecView], [view]) : undefined;
}

function fromPocPolicy(view: PocPolicyView): ProposalAction | undefined {
    const isSound = policyFault(policyWith(fromPolicyView(view))) === undefined;
    return isSound ? calling('state_machine', 'set_poc_policy', [PocPolicyView], [view]) : undefined;
}

function calling(canister: CanisterName, method: string, types: IDL.Type[], args: unknown[]): ProposalAction {
    return { kind: 'call', canister, method, args: IDL.encode(types, args) };
}

function canisterNamed(name: string): CanisterName | undefined {
    return CANISTERS.find((canister) => canister === name);
}

function paying(
    kind: 'developer_grant' | 'treasury_spend',
    payment: { to: Parameters<typeof fromCandidAccount>[0]; amount_e8s: bigint }
): ProposalAction | undefined {
    const to = fromCandidAccount(payment.to);
    return to.ok ? { kind, to: to.value, amountE8s: payment.amount_e8s } : undefined;
}

function fromAirdrop(airdrop: Extract<idl.ProposalKind, { Airdrop: unknown }>['Airdrop']): ProposalAction | undefined {
    const list = fromAirdropList(airdrop.list);
    const airdropClass = AIRDROP_CLASSES.find((name) => name in airdrop.class);
    if (list === undefined || airdropClass === undefined) return undefined;
    const { total_e8s: totalE8s, expires_ns: expiresNs } = airdrop;
    return { kind: 'airdrop', class: airdropClass, totalE8s, expiresNs, list };
}

function fromAirdropList(list: airdrops.AirdropList): AirdropList | undefined {
    if ('Root' in list) return { kind: 'root', ...list.Root };
    const entries: AirdropEntry[] = [];
    for (const entry of list.Entries) {
        const account = fromCandidAccount(entry.account);
        if (!account.ok) return undefined;
        entries.push({ account: account.value, amountE8s: entry.amount_e8s });
    }
    return { kind: 'entries', entries };
}

export function toProposalView(id: bigint, row: ProposalRow): idl.ProposalView {
    return {
        id,
        proposer: row.proposer,
        title: row.title,
        summary: row.summary,
        kind: toProposalKind(row.action),
        submitted_ns: row.submittedNs,
        ends_ns: row.endsNs,
        total_power_e8s: row.totalPowerE8s,
        yes_e8s: row.tally.yes,
        no_e8s: row.tally.no,
        abstain_e8s: row.tally.abstain,
        votes: row.votes,
        state: toProposalState(row.state)
    };
}

function toProposalKind(action: ProposalAction): idl.ProposalKind {
    switch (action.kind) {
        case 'text':
            return { Text: null };
        case 'user_reward_rule':
            return { UserRewardRule: { url: action.url, hash: action.hash } };
        case 'poc_standard':
            return { PocStandard: { url: action.url, hash: action.hash } };
        case 'developer_grant':
            return { DeveloperGrant: toPayment(action) };
        case 'treasury_spend':
            return { TreasurySpend: toPayment(action) };
        case 'profile_change':
            return { ProfileChange: { from_epoch: action.fromEpoch, profile: toProfile(action.profile) } };
        case 'airdrop':
            return { Airdrop: toAirdrop(action) };
        case 'elect_committee':
            return { ElectCommittee: [...action.members] };
        case 'set_peer':
            return { SetRole: { Peer: { canister: action.canister, id: action.id } } };
        case 'call':
            return { Call: { canister: action.canister, method: action.method, args: action.args } };
        default:
            return unreachable(action);
    }
}

function toPayment({ to, amountE8s }: Payment) {
    return { to: toCandidAccount(to), amount_e8s: amountE8s };
}

function toAirdrop(order: AirdropOrder) {
    const { list } = order;
    return {
        class: { [order.class]: null },
        total_e8s: order.totalE8s,
        expires_ns: order.expiresNs,
        list:
            list.kind === 'root'
                ? { Root: { root: list.root, count: list.count } }
                : {
                      Entries: list.entries.map(({ account, amountE8s }) => ({
                          account: toCandidAccount(account),
                          amount_e8s: amountE8s
                      }))
                  }
    };
}

function toProposalState(state: ProposalState): object {
    switch (state.kind) {
        case 'open':
            return { Open: null };
        case 'passed':
            return { Passed: { executable_ns: state.executableNs, note: state.note } };
        case 'rejected':
            return { Rejected: { vetoed: state.vetoed } };
        case 'executing':
            return { Executing: null };
        case 'executed': {
            const transfer = state.transferId === undefined ? [] : [state.transferId];
            return { Executed: { at_ns: state.atNs, transfer } };
        }
        case 'failed':
            return { Failed: { at_ns: state.atNs, reason: state.reason } };
        default:
            return unreachable(state);
    }
}
