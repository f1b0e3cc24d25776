import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { azleEnv } from '../../../src/azle/azle_env';
import { update } from '../../../src/azle/endpoint';
import { fromCandidAccount, type Account, type CandidAccount } from '../../../src/core/account';
import { err, type Result } from '../../../src/core/result';
import type { Refusal } from '../domain/errors';
import { pushSoon } from '../jobs/push_facts';
import { wallets } from '../wiring';
import { answerType, toAnswer, type Answer } from './errors';
import { signedCaller } from './guards';
import { CandidAccountType, NodeView, ProposalView, RebindArgs, type Opt } from './idl';
import { toProposalView } from './mappers';
import { answerNode } from './nodes';

const ProposeAnswer = answerType(ProposalView, 'Anonymous', 'NotFound', 'Removed', 'AlreadyBound', 'InvalidArgument');
const BindAnswer = answerType(
    NodeView,
    'Anonymous',
    'NotFound',
    'Removed',
    'AlreadyBound',
    'NotWalletOwner',
    'ProposalExpired',
    'InvalidArgument'
);
const RebindAnswer = answerType(NodeView, 'Anonymous', 'NotFound', 'Removed', 'NotWalletOwner', 'InvalidArgument');

/** Binding of nodes to the accounts that their rewards go to. */
export class WalletBinding {
    /** Node: names the account that it wants to be paid to; the account's owner has ten minutes to agree. */
    @update([CandidAccountType], ProposeAnswer)
    propose_wallet(args: CandidAccount): Answer<ProposalView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, toProposalView);
        const account = readAccount(args);
        if (!account.ok) return toAnswer(account, toProposalView);
        return toAnswer(wallets.propose(caller.value, account.value, azleEnv.nowNs()), toProposalView);
    }

    /** Owner of the proposed account: agrees to the node's proposal. */
    @update([IDL.Principal, IDL.Opt(IDL.Vec(IDL.Nat8))], BindAnswer)
    bind_wallet(node: Principal, subaccount: Opt<Uint8Array>): Answer<NodeView> {
        const caller = signedCaller();
        if (!caller.ok) return answerNode(caller);
        const account = readAccount({ owner: caller.value, subaccount });
        if (!account.ok) return answerNode(account);
        const bound = wallets.bind(account.value, node, azleEnv.nowNs());
        if (bound.ok) pushSoon();
        return answerNode(bound);
    }

    /** Owner of the current wallet: later rewards of the node go to another account. */
    @update([RebindArgs], RebindAnswer)
    rebind_wallet(args: RebindArgs): Answer<NodeView> {
        const caller = signedCaller();
        if (!caller.ok) return answerNode(caller);
        const account = readAccount(args.account);
        if (!account.ok) return answerNode(account);
        const rebound = wallets.rebind(caller.value, args.node, account.value);
        if (rebound.ok) pushSoon();
        return answerNode(rebound);
    }
}

function readAccount(account: CandidAccount): Result<Account, Refusal<'InvalidArgument'>> {
    const read = fromCandidAccount(account);
    return read.ok ? read : err({ kind: 'InvalidArgument', reason: 'subaccount: 32 bytes' });
}
