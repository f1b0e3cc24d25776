import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { err, mapOk, ok, type Result } from '../../../src/core/result';
import { openRequest } from '../clients/hub';
import { isGateway } from '../domain/gateways';
import { route } from '../domain/routing';
import type { OpenSessionError, SessionOrder } from '../domain/session_book';
import { isSessionParty, type SessionLease, type Usage } from '../domain/session_lease';
import type { ErrorOf } from '../domain/errors';
import { deliverSoon } from '../jobs/deliver_outbox';
import { book, env, peers, sessions, tables } from '../wiring';
import type { Opt } from './idl';
import {
    CloseSessionAnswer,
    GetSessionAnswer,
    NodeSessionView,
    OpenSessionAnswer,
    OpenSessionArgs,
    RouteAnswer,
    RouteArgs,
    SessionUsage,
    SessionView,
    SettleSessionAnswer,
    SignedReceipt
} from './idl_sessions';
import { fromCandidPayer, signedIn, toOpt } from './mappers';

export class Sessions {
    /** Anyone: the nodes that can take a call of an app now, by load, then by distance, then by name; at most 16. */
    @query([RouteArgs], RouteAnswer.idl)
    route({ app_id: appId, exclude, region: [near] }: RouteArgs) {
        if (!tables.appsById.has(appId)) return RouteAnswer.of(err({ kind: 'AppNotFound' }));
        const routes = route(book, { appId, exclude, near }, env.nowNs());
        if (routes.length === 0) return RouteAnswer.of(err({ kind: 'NoNodeAvailable' }));
        return RouteAnswer.of(ok([...routes]));
    }

    /** Anyone signed in, as the payer; a whitelisted gateway for the owner of an API key. Holds what all calls may cost. */
    @update([OpenSessionArgs], OpenSessionAnswer.idl)
    async open_session(args: OpenSessionArgs) {
        const caller = signedIn(env.caller());
        if (!caller.ok) return OpenSessionAnswer.of(caller);
        const order = fromOpenSessionArgs(args, caller.value);
        if (!order.ok) return OpenSessionAnswer.of(order);
        return OpenSessionAnswer.of(mapOk(await opened(order.value), view));
    }

    /** The session's node: brings the latest receipt that the payer has signed; the last one ends the session. */
    @update([IDL.Nat64, IDL.Opt(SignedReceipt), IDL.Bool], SettleSessionAnswer.idl, SERVED_WHILE_PAUSED)
    settle_session(id: bigint, [receipt]: Opt<SignedReceipt>, isFinal: boolean) {
        const node = signedIn(env.caller());
        if (!node.ok) return SettleSessionAnswer.of(node);
        const brought = receipt && { ...fromUsage(receipt), signature: Uint8Array.from(receipt.signature) };
        const settled = sessions.settle(id, node.value, brought, isFinal, env.nowNs());
        deliverSoon();
        return SettleSessionAnswer.of(mapOk(settled, viewOfNode));
    }

    /** The session's owner and whoever opened it: says what is owed; the node may bring more for two minutes. */
    @update([IDL.Nat64, IDL.Opt(SessionUsage)], CloseSessionAnswer.idl, SERVED_WHILE_PAUSED)
    close_session(id: bigint, [owed]: Opt<SessionUsage>) {
        const caller = signedIn(env.caller());
        if (!caller.ok) return CloseSessionAnswer.of(caller);
        if (owed !== undefined && owed.digest.length !== 32) {
            return CloseSessionAnswer.of(err({ kind: 'InvalidArgument', reason: 'digest' }));
        }
        const closed = sessions.close(id, caller.value, owed && fromUsage(owed), env.nowNs());
        return CloseSessionAnswer.of(mapOk(closed, view));
    }

    /** The session's owner, whoever opened it, and controllers. */
    @query([IDL.Nat64], GetSessionAnswer.idl)
    get_session(id: bigint) {
        return GetSessionAnswer.of(mapOk(visible(id, env.caller()), view));
    }

    /** Anyone: the sessions that go to the caller, for a node; at most as many as it has slots. */
    @query([], IDL.Vec(NodeSessionView))
    my_sessions(): NodeSessionView[] {
        return sessions.ofNode(env.caller()).map(viewOfNode);
    }
}

/** Writes the intent, asks the hub for the hold, and brings the answer in: nothing read before the call is used after it. */
async function opened(order: SessionOrder): Promise<Result<SessionLease, OpenSessionError>> {
    if (order.payer.kind === 'ApiKey' && !isGateway(tables, order.opener)) return err({ kind: 'Unauthorized' });
    const intent = sessions.open(order, env.nowNs());
    if (!intent.ok) return intent;
    if (intent.value.kind === 'Known') return ok(intent.value.session);
    const answer = await openRequest(peers, intent.value.request);
    const session = sessions.settleOpening(intent.value, answer, env.nowNs());
    deliverSoon();
    return session;
}

function fromOpenSessionArgs(
    args: OpenSessionArgs,
    opener: Principal
): Result<SessionOrder, ErrorOf<'InvalidArgument'>> {
    const payer = fromCandidPayer(args.payer, opener);
    if (!payer.ok) return payer;
    return ok({
        appId: args.app_id,
        payer: payer.value,
        opener,
        maxCredits: args.max_credits,
        publicKey: Uint8Array.from(args.session_key),
        node: args.node[0],
        near: args.region[0],
        ttlS: args.ttl_s[0]
    });
}

function fromUsage({ calls, units, digest }: SessionUsage): Usage {
    return { calls, units, digest: Uint8Array.from(digest) };
}

function visible(id: bigint, caller: Principal): Result<SessionLease, ErrorOf<'NotFound' | 'Unauthorized'>> {
    const session = sessions.get(id);
    if (session === undefined) return err({ kind: 'NotFound' });
    return isSessionParty(session, caller) || env.isController(caller) ? ok(session) : err({ kind: 'Unauthorized' });
}

function view(session: SessionLease): SessionView {
    return { ...viewOfNode(session), owner: session.owner ?? session.opener };
}

function viewOfNode(session: SessionLease): NodeSessionView {
    const { state, node, settled } = session;
    const closesAtNs =
        state.kind === 'Closing' ? state.untilNs : state.kind === 'Ended' ? state.finishedAtNs : undefined;
    return {
        session_id: session.id,
        app_id: session.appId,
        node: node === undefined ? [] : [node],
        session_key: session.publicKey,
        state: { [state.kind]: null },
        max_units: session.maxUnits,
        unit_price_credits: session.unitPriceCredits,
        settled: { ...settled },
        created_at_ns: session.createdAtNs,
        expires_at_ns: session.expiresAtNs,
        closes_at_ns: toOpt(closesAtNs),
        reply_url: toOpt(tables.gatewayUrls.get(session.opener))
    };
}
