import type { Principal } from '@dfinity/principal';
import type { PeerDirectory } from '../../../src/azle/peers';
import type { Env } from '../../../src/core/env';
import type { CanisterName } from '../../../src/core/peers';
import { err, type Result } from '../../../src/core/result';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import type { Obstacle, ReportRefused } from '../jobs/settlement_peers';
import type { HubPeers } from '../hub';
import { ledgerBalance, sendTransfer } from '../../../src/azle/icrc_client';
import { ledgerHistory } from '../../../src/azle/icrc_history';
import { orObstacle } from './obstacle';
import { fetchClock, nodeStakes, payees, windowRules } from './rewards';
import { beginRound, commitRound, sendPage, settleRound } from './rounds';
import { drawRandomness, pause } from './self';
import { areRegistered, isValidator, onlinePage, snapshotPage, tradedNode, validators } from './state_machine';

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
        payees: (nodes) => withPeer(peers, 'rewards', (id) => payees(id, nodes)),
        areRegistered: (nodes) => withPeer(peers, 'state_machine', (id) => areRegistered(id, nodes)),
        weightSnapshot: (atNs, start, take) =>
            withPeer(peers, 'state_machine', (id) => snapshotPage(id, atNs, start, take)),
        nodeStakes: (nodes) => withPeer(peers, 'rewards', (id) => nodeStakes(id, nodes)),
        clock: () => withPeer(peers, 'rewards', fetchClock),
        rules: (epoch) => withPeer(peers, 'rewards', (id) => windowRules(id, epoch)),
        balanceE8s: (account) =>
            withPeer(peers, 'token_icrc1', async (id) => orObstacle(await ledgerBalance(id, account))),
        history: (account, before) => withPeer(peers, 'token_icrc1', (id) => ledgerHistory(id, account, before)),
        validators: () => withPeer(peers, 'state_machine', validators),
        onlineNodes: (start, take) => withPeer(peers, 'state_machine', (id) => onlinePage(id, start, take)),
        tradedNode: (node) => withPeer(peers, 'state_machine', (id) => tradedNode(id, node)),
        randomness: drawRandomness,
        pause: () => pause(env.self()),
        async transfer(transfer) {
            const ledger = peers.get('token_icrc1');
            if (ledger === undefined) return { kind: 'not_executed', message: 'token_icrc1 is not known yet' };
            return sendTransfer(ledger, transfer);
        },
        settleRound: (report) => ofRewards(peers, (id) => settleRound(id, report)),
        beginRound: (beginning) => ofRewards(peers, (id) => beginRound(id, beginning)),
        sendPage: (page) => ofRewards(peers, (id) => sendPage(id, page)),
        commitRound: (key) => ofRewards(peers, (id) => commitRound(id, key))
    };
}

function ofRewards<T>(
    peers: PeerDirectory,
    use: (rewards: Principal) => Promise<Result<T, ReportRefused>>
): Promise<Result<T, ReportRefused>> {
    const rewards = peers.get('rewards');
    if (rewards !== undefined) return use(rewards);
    return Promise.resolve(err({ kind: 'Other', detail: 'rewards is not known yet' }));
}
