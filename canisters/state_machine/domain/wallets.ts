import type { Principal } from '@dfinity/principal';
import { sameAccount, type Account } from '../../../src/core/account';
import { NS_PER_S } from '../../../src/core/clock';
import { err, ok, type Result } from '../../../src/core/result';
import type { Refusal } from './errors';
import type { KnownNode, StateTables, WalletProposal } from './records';
import type { Registry } from './registry';

const PROPOSAL_TTL_NS = 600n * NS_PER_S;

/**
 * Which account a node's rewards go to. Binding takes both sides: the node names the account, the account's owner agrees,
 * so that neither a node's key nor a stranger decides alone. Changes count for what is settled after them (AS-36).
 */
export class Wallets {
    constructor(
        private readonly tables: StateTables,
        private readonly registry: Registry
    ) {}

    /** By the node: the account that it wants to be paid to. Replaces an earlier proposal. */
    propose(
        caller: Principal,
        account: Account,
        nowNs: bigint
    ): Result<WalletProposal, Refusal<'NotFound' | 'Removed' | 'AlreadyBound' | 'InvalidArgument'>> {
        const node = this.registry.findLiving(caller);
        if (!node.ok) return node;
        if (this.registry.profile(caller).wallet !== undefined) return err({ kind: 'AlreadyBound' });
        if (account.owner.isAnonymous()) return err({ kind: 'InvalidArgument', reason: 'the owner is anonymous' });
        const proposal = { account, expiresAtNs: nowNs + PROPOSAL_TTL_NS };
        this.tables.walletProposals.set(caller, proposal);
        return ok(proposal);
    }

    /** By the owner of the proposed account; a stranger cannot tell whether a proposal exists. */
    bind(
        account: Account,
        node: Principal,
        nowNs: bigint
    ): Result<KnownNode, Refusal<'NotFound' | 'Removed' | 'AlreadyBound' | 'NotWalletOwner' | 'ProposalExpired'>> {
        const found = this.registry.findLiving(node);
        if (!found.ok) return found;
        if (this.registry.profile(node).wallet !== undefined) return err({ kind: 'AlreadyBound' });
        const proposal = this.tables.walletProposals.get(node);
        if (proposal === undefined || !sameAccount(proposal.account, account)) return err({ kind: 'NotWalletOwner' });
        if (nowNs > proposal.expiresAtNs) return err({ kind: 'ProposalExpired' });
        this.tables.walletProposals.delete(node);
        return ok(this.registry.changeFacts(node, { wallet: proposal.account }));
    }

    /** By the owner of the current wallet: later rewards go to another account. */
    rebind(
        caller: Principal,
        node: Principal,
        account: Account
    ): Result<KnownNode, Refusal<'NotFound' | 'Removed' | 'NotWalletOwner' | 'InvalidArgument'>> {
        const found = this.registry.findLiving(node);
        if (!found.ok) return found;
        if (this.registry.profile(node).wallet?.owner.compareTo(caller) !== 'eq')
            return err({ kind: 'NotWalletOwner' });
        if (account.owner.isAnonymous()) return err({ kind: 'InvalidArgument', reason: 'the owner is anonymous' });
        return ok(this.registry.changeFacts(node, { wallet: account }));
    }
}
