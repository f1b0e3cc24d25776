import type { ActorSubclass } from '@dfinity/agent';
import { asked } from '../../client/asked';
import { err, ok } from '../../core/result';
import type { _SERVICE } from '../../declarations/compute_gateway';
import type { SubmitRefusal } from '../ports';
import type { SessionPort, SessionView } from '../sessions/ports';

type Actor = ActorSubclass<_SERVICE>;
type CandidView = Extract<Awaited<ReturnType<Actor['get_session']>>, { Ok: unknown }>['Ok'];
type OpenError = Extract<Awaited<ReturnType<Actor['open_session']>>, { Err: unknown }>['Err'];

/** Sessions of the compute_gateway canister. */
export function canisterSessions(actor: Actor): SessionPort {
    return {
        open: ({ appId, keyHash, publicKey, maxCredits, ttlS }) =>
            asked('open_session', async () => {
                const answer = await actor.open_session({
                    app_id: appId,
                    max_credits: maxCredits,
                    payer: { ApiKey: keyHash },
                    session_key: publicKey,
                    node: [],
                    region: [],
                    ttl_s: [ttlS]
                });
                return 'Ok' in answer ? ok(toView(answer.Ok)) : err(toRefusal(answer.Err));
            }),
        get: (sessionId) =>
            asked('get_session', async () => {
                const answer = await actor.get_session(sessionId);
                return 'Ok' in answer ? toView(answer.Ok) : undefined;
            }),
        close: (sessionId, owed) =>
            asked('close_session', async () => {
                const usage = owed && { calls: owed.calls, units: owed.units, digest: owed.digest };
                const answer = await actor.close_session(sessionId, usage === undefined ? [] : [usage]);
                if ('Ok' in answer) return ok(undefined);
                return err('StaleReceipt' in answer.Err ? 'StaleReceipt' : 'Refused');
            })
    };
}

function toView({ session_id, max_units, node: [node], state }: CandidView): SessionView {
    return { sessionId: session_id, maxUnits: max_units, isClosed: !('Open' in state), node: node?.toText() };
}

function toRefusal(error: OpenError): SubmitRefusal {
    const code = Object.keys(error)[0] as Exclude<SubmitRefusal['code'], 'PayloadTooLarge'> | 'NoNodeAvailable';
    return { code: code === 'NoNodeAvailable' ? 'TemporarilyUnavailable' : code };
}
