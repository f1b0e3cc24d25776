import type { Principal } from '@dfinity/principal';
import type { PeerDirectory } from '../../../src/azle/peers';
import type { Env } from '../../../src/core/env';
import type { CanisterName } from '../../../src/core/peers';
import { err, type Result } from '../../../src/core/result';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import type { Obstacle } from '../jobs/settlement_peers';
import type { HubPeers } from '../hub';
import { balanceOf, sendTransfer } from './ledger';
import { fetchClock, nodeStakes, settleRound } from './rewards';
import { isValidator, nodeFacts, snapshotPage } from './state_machine';

/** Calls the named peer, or answers that nobody has told the hub its id yet. */
function withPeer<T>(
    peers: PeerDirectory,
    name: CanisterName,
    use: (id: Principal) => Promise<Result<T, Obstacle>>
): Promise<Result<T, Obstacle>> {
    const id = peers.get(name);
    return id === undefined ? Promise.resolve(err(`${name} is not known yet`)) : use(id);
}

/** The hub's peers over Candid, as the jobs see them. */
export function remotePeers(peers: PeerDirectory, env: Env): HubPeers {
    return {
        hubAccount: () => ({ owner: env.self() }),
        settlementPurse() {
            const rewards = peers.get('rewards');
            return rewards === undefined ? undefined : purseAccount(rewards, 'settlement');
        },
        isValidator: (who) => withPeer(peers, 'state_machine', (id) => isValidator(id, who)),
        nodeFacts: (nodes) => withPeer(peers, 'state_machine', (id) => nodeFacts(id, nodes)),
        weightSnapshot: (atNs, start, take) =>
            withPeer(peers, 'state_machine', (id) => snapshotPage(id, atNs, start, take)),
        nodeStakes: (nodes) => withPeer(peers, 'rewards', (id) => nodeStakes(id, nodes)),
        clock: () => withPeer(peers, 'rewards', fetchClock),
        balanceE8s: (account) => withPeer(peers, 'token_icrc1', (id) => balanceOf(id, account)),
        async transfer(transfer) {
            const ledger = peers.get('token_icrc1');
            if (ledger === undefined) return { kind: 'not_executed', message: 'token_icrc1 is not known yet' };
            return sendTransfer(ledger, transfer);
        },
        async settleRound(report) {
            const rewards = peers.get('rewards');
            if (rewards === undefined) return err({ kind: 'Other', detail: 'rewards is not known yet' });
            return settleRound(rewards, report);
        }
    };
}
