import { Ed25519KeyIdentity } from '@dfinity/identity';
import { Principal } from '@dfinity/principal';
import { firstReceipt, verifySessionReceipt, type SessionReceipt } from '../../../../src/core/compute/session_receipt';
import { PortUnavailable } from '../../../../src/client/asked';
import { equalBytes } from '../../../../src/core/bytes';
import { err, ok, type Result } from '../../../../src/core/result';
import type { SubmitRefusal } from '../../../../src/gateway/ports';
import type { SessionPort, SessionRequest, SessionView } from '../../../../src/gateway/sessions/ports';
import type { Refusal } from '../../../../src/node/ports';
import { ReceiptMemory } from '../../../../src/node/sessions/receipt_memory';
import type { HeldSession, ReceiptStore, SessionSource, SignedReceipt } from '../../../../src/node/sessions/ports';
import { SessionWatcher } from '../../../../src/node/sessions/session_watcher';
import type { AiNetwork } from './ai_network';

/** What the canister keeps of a session. */
export interface KeptSession {
    readonly id: bigint;
    readonly request: SessionRequest;
    readonly maxUnits: bigint;
    settled: SessionReceipt;
    state: 'Open' | 'Closing' | 'Ended';
    settlements: number;
}

/** Sessions as the canister keeps them, for one node and one gateway, with signatures checked. */
export class FakeSessions implements SessionPort, SessionSource {
    readonly canister = Principal.fromText('rrkah-fqaaa-aaaaa-aaaaq-cai');
    readonly node = Ed25519KeyIdentity.generate(new Uint8Array(32).fill(7));
    readonly sessions: KeptSession[] = [];
    /** What the node keeps. */
    receipts: ReceiptStore = new ReceiptMemory();
    gatewayUrl = '';
    refuses: SubmitRefusal | undefined;
    /** Sessions that were asked for. */
    asked = 0;
    /** No call reaches the canister. */
    isAway = false;
    /** No node reaches it. */
    isDeaf = false;
    /** How long calls may go on when the node is told to stop. */
    graceMs = 0;
    /** Sessions are opened, and nobody is told. */
    loseAnswer = false;
    /** Sessions are opened, and whoever asked is told when this has happened. */
    answersAfter: Promise<void> | undefined;

    async open(request: SessionRequest): Promise<Result<SessionView, SubmitRefusal>> {
        this.asked++;
        if (this.refuses !== undefined) return err(this.refuses);
        if (this.isAway) throw new PortUnavailable('open_session', 'away');
        const known = this.sessions.find((session) => equalBytes(session.request.publicKey, request.publicKey));
        if (known !== undefined) return ok(this.view(known));
        const id = BigInt(1_000 + this.sessions.length);
        const settled = firstReceipt(this.canister, id);
        const session: KeptSession = {
            id,
            request,
            maxUnits: request.maxCredits,
            settled,
            state: 'Open',
            settlements: 0
        };
        this.sessions.push(session);
        if (this.loseAnswer) throw new PortUnavailable('open_session', 'lost');
        await this.answersAfter;
        return ok(this.view(session));
    }

    async get(sessionId: bigint): Promise<SessionView | undefined> {
        const session = this.find(sessionId);
        return session && this.view(session);
    }

    async close(
        sessionId: bigint,
        owed: SessionReceipt | undefined
    ): Promise<Result<void, 'StaleReceipt' | 'Refused'>> {
        if (this.isAway) throw new PortUnavailable('close_session', 'away');
        const session = this.find(sessionId);
        if (session === undefined || session.state === 'Ended') return err('Refused');
        if (owed !== undefined && owed.units < session.settled.units) return err('StaleReceipt');
        session.settled = owed ?? session.settled;
        session.state = 'Closing';
        return ok(undefined);
    }

    async mySessions(): Promise<readonly HeldSession[]> {
        return this.sessions
            .filter(({ state }) => state === 'Open')
            .map(({ id, request, maxUnits }) => ({
                sessionId: id,
                appId: request.appId,
                canister: this.canister,
                publicKey: request.publicKey,
                maxUnits,
                replyUrl: this.gatewayUrl
            }));
    }

    async settle(
        { sessionId }: Pick<HeldSession, 'sessionId'>,
        signed: SignedReceipt | undefined,
        isFinal: boolean
    ): Promise<Result<void, Refusal>> {
        if (this.isDeaf) throw new PortUnavailable('settle_session', 'deaf');
        const session = this.find(sessionId);
        if (session === undefined || session.state === 'Ended') return err({ code: 'SessionEnded' });
        if (signed !== undefined) {
            const { receipt, signature } = signed;
            if (receipt.units < session.settled.units) return err({ code: 'StaleReceipt' });
            if (!verifySessionReceipt(receipt, signature, session.request.publicKey))
                return err({ code: 'BadReceipt' });
            session.settled = receipt;
            session.settlements++;
        }
        if (isFinal) session.state = 'Ended';
        return ok(undefined);
    }

    /** A node that serves these sessions on the network's AI server; the answer stops it. */
    serveOn(ai: AiNetwork, url = ai.url, settleMs = 50, served = ai.served()): () => Promise<void> {
        this.gatewayUrl = url;
        const options = { settleMs, unsignedMs: 2_000, graceMs: this.graceMs, deniedMs: 100, allowHttp: false };
        const parts = { source: this, log: ai.log, signer: this.node, receipts: this.receipts, options };
        const watcher = new SessionWatcher(served, parts);
        const stop = new AbortController();
        const running = watcher.run(20, stop.signal);
        const end = (): Promise<void> => {
            stop.abort();
            return running;
        };
        ai.add(end);
        return end;
    }

    private find(sessionId: bigint): KeptSession | undefined {
        return this.sessions.find(({ id }) => id === sessionId);
    }

    private view({ id, state, maxUnits }: KeptSession): SessionView {
        return { sessionId: id, isClosed: state !== 'Open', maxUnits, node: this.node.getPrincipal().toText() };
    }
}
