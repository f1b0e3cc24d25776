import type { Principal } from '@dfinity/principal';
import { assembleHub, type Hub } from '../../../canisters/hub/hub';
import { windowAt, type HubClock } from '../../../canisters/hub/domain/calendar';
import { FIRST_PAIR, type PairGroup, type WindowBook } from '../../../canisters/hub/domain/window_book';
import type { FinalStatus, Payer } from '../../../canisters/hub/domain/requests';
import { hubTables } from '../../../canisters/hub/storage';
import { NS_PER_S } from '../../../src/core/clock';
import { u64Key } from '../../../src/core/codec';
import { sha256 } from '../../../src/core/hash';
import { MemoryTables } from '../../../src/core/table';
import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { S2_2100M } from '../../../src/core/tokenomics/profiles';
import { FakePeers } from './fake_peers';

export const GENESIS_NS = 1_800_000_000n * NS_PER_S;
export const ROUND_S = 7_200n;
export const PRICE_E8S = 100_000n;

/** A hub over memory tables with a clock that the test moves. */
export class TestHub {
    readonly peers: FakePeers;
    readonly hub: Hub;
    private now = GENESIS_NS;
    private nextRequest = 1n;

    constructor(profile = S2_2100M, firstWindow = 0n) {
        const clock: HubClock = {
            genesisNs: GENESIS_NS,
            roundNs: ROUND_S * NS_PER_S,
            roundsPerEpoch: 12n,
            firstWindow
        };
        this.peers = new FakePeers(clock, () => this.now);
        this.peers.versions.push({ from: 0n, profile });
        this.hub = assembleHub(hubTables(new MemoryTables()), this.peers, () => this.now);
    }

    nowNs(): bigint {
        return this.now;
    }

    /** Moves the clock to an instant, in seconds after genesis. */
    at(seconds: bigint): void {
        this.now = GENESIS_NS + seconds * NS_PER_S;
    }

    advance(seconds: bigint): void {
        this.now += seconds * NS_PER_S;
    }

    async start(): Promise<this> {
        await this.hub.learnClock();
        return this;
    }

    /** Gives a user credits by an ordinary purchase. */
    async buy(owner: Principal, credits: bigint): Promise<void> {
        this.peers.fund(owner, credits * PRICE_E8S + PRICE_E8S);
        const bought = await this.hub.tradeCredits.buy({ owner, credits, account: { owner } });
        if (!bought.ok) throw new Error(bought.error.kind);
    }

    open(owner: Principal, maxCredits: bigint, requestId = this.nextRequest++): bigint {
        return this.openBy({ kind: 'Principal', owner }, maxCredits, requestId);
    }

    openBy(payer: Payer, maxCredits: bigint, requestId = this.nextRequest++): bigint {
        const opened = this.hub.requests.open({ requestId, payer, appId: 'chat', maxCredits }, this.now);
        if (!opened.ok) throw new Error(opened.error.kind);
        return requestId;
    }

    record(requestId: bigint, node: Principal | undefined, status: FinalStatus, creditsUsed: bigint) {
        const clock = this.peers.hubClock;
        const isPaid = status === 'Success' || (status === 'Cancelled' && creditsUsed > 0n);
        const receipt = isPaid ? sha256(u64Key.encode(requestId)) : undefined;
        const result = { requestId, node, status, creditsUsed, receipt };
        return this.hub.requests.record(result, windowAt(clock, this.now), this.now);
    }

    /** One request from reservation to result. */
    call(owner: Principal, node: Principal, credits: bigint, status: FinalStatus = 'Success'): bigint {
        const requestId = this.open(owner, credits);
        const recorded = this.record(requestId, node, status, credits);
        if (!recorded.ok) throw new Error(recorded.error.kind);
        return requestId;
    }

    /** Settles a window, and answers the kind of error or `Ok`. */
    async settle(window: bigint): Promise<string> {
        const settled = await this.hub.settleWindows.settle(window);
        return settled.ok ? 'Ok' : settled.error.kind;
    }

    /** What the hub's ledger account holds beyond what its books explain. */
    unexplainedE8s(): bigint {
        const { available, held, captured, withdrawing } = this.hub.credits.totals();
        const { escrowedE8s, dueE8s, refundingE8s } = this.hub.escrow.totals();
        const credits = (available + held + captured + withdrawing) * PRICE_E8S;
        return this.peers.balance(this.peers.hubAccount()) - credits - escrowedE8s - dueE8s - refundingE8s;
    }
}

export function aHub(profile?: TokenomicsProfile, firstWindow?: bigint): Promise<TestHub> {
    return new TestHub(profile, firstWindow).start();
}

/** All pairs of a window, by node. */
export function allPairs(windows: WindowBook, window: bigint): readonly PairGroup[] {
    const limits = { nodes: 1_000, pairs: 100_000 };
    return windows.walk(window, FIRST_PAIR, windows.nodesAhead(window, FIRST_PAIR, limits), limits).groups;
}
