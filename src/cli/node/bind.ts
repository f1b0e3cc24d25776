import type { Principal } from '@dfinity/principal';
import { Principal as PrincipalOf } from '@dfinity/principal';
import { loadIdentity } from '../../client/key_file';
import { principalFromText } from '../../core/account';
import { CommandFailed } from '../command_failed';
import type { Deployment } from '../deployment_file';
import { findNode, openNode, type NodeOptions } from './home';
import { OF_NODE } from './node_refusals';
import { partyOf, type Party } from '../party';
import type { Print } from '../print';
import { COMMON, expectDone } from '../refusal';

export interface BindOptions extends NodeOptions {
    /** PEM file of the wallet that is paid. */
    readonly wallet?: string;
    /** Its principal alone, when its key is elsewhere. */
    readonly walletPrincipal?: string;
}

/** Links the node to the wallet that is paid for its work: the node proposes, the wallet agrees. */
export async function bindWallet(options: BindOptions, print: Print): Promise<void> {
    const { deployment, node } = await openNode(options);
    const wallet = await walletOf(options, deployment);
    const view = await findNode(node);
    if (view === undefined) throw new CommandFailed(OF_NODE.NotFound());
    const [bound] = view.wallet;
    if (bound?.owner.toText() === wallet.principal.toText()) {
        print(`The node is bound to ${bound.owner.toText()} already.`);
        return print(NEXT);
    }
    if (bound !== undefined) {
        throw new CommandFailed(`The node is bound to ${bound.owner.toText()}.`, [
            'Only that wallet can hand it on: its rebind_wallet method of the state_machine canister.'
        ]);
    }
    await propose(node, wallet.principal);
    if (wallet.party === undefined) return explainRest(deployment, node.principal, wallet.principal, print);
    await agree(node.principal, wallet.party);
    print(`The node works for ${wallet.principal.toText()} from now on.`);
    print(NEXT);
}

const NEXT = 'Next: emc node run   (its stake needs the E that a running node earns)';

interface Wallet {
    readonly principal: Principal;
    readonly party?: Party;
}

async function walletOf({ wallet, walletPrincipal }: BindOptions, deployment: Deployment): Promise<Wallet> {
    if ((wallet === undefined) === (walletPrincipal === undefined)) {
        throw new CommandFailed('Name the wallet that is paid, once.', [
            '--wallet FILE           its Ed25519 key as PEM, or',
            '--wallet-principal ID   its principal, when its key is elsewhere'
        ]);
    }
    if (wallet !== undefined) {
        const party = await partyOf(deployment, await loadIdentity(wallet));
        return { principal: party.principal, party };
    }
    const text = walletPrincipal ?? '';
    if (principalFromText(text) === undefined) throw new CommandFailed(`${text} is not a principal.`);
    return { principal: PrincipalOf.fromText(text) };
}

async function propose({ canisters }: Party, wallet: Principal): Promise<void> {
    expectDone(await canisters.state_machine.propose_wallet({ owner: wallet, subaccount: [] }), {
        Paused: COMMON.Paused,
        Anonymous: COMMON.Anonymous,
        NotFound: OF_NODE.NotFound,
        Removed: OF_NODE.Removed,
        InvalidArgument: COMMON.InvalidArgument,
        AlreadyBound: () => 'The node is bound to a wallet already.'
    });
}

async function agree(node: Principal, { canisters }: Party): Promise<void> {
    expectDone(await canisters.state_machine.bind_wallet(node, []), {
        Paused: COMMON.Paused,
        Anonymous: COMMON.Anonymous,
        NotFound: OF_NODE.NotFound,
        Removed: OF_NODE.Removed,
        InvalidArgument: COMMON.InvalidArgument,
        AlreadyBound: () => 'The node is bound to a wallet already.',
        ProposalExpired: () => "The node's proposal has expired; start again.",
        NotWalletOwner: () => 'The node has proposed another wallet meanwhile; start again.'
    });
}

function explainRest({ ids }: Deployment, node: Principal, wallet: Principal, print: Print): void {
    print(`The node has proposed ${wallet.toText()}. Within ten minutes that wallet must call`);
    print(`  bind_wallet (principal "${node.toText()}", null)`);
    print(`of the state_machine canister, ${ids.state_machine.toText()}.`);
    print('Next, when it has: emc node run');
}
