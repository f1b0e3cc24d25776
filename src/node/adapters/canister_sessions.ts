import type { ActorSubclass } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { asked } from '../../client/asked';
import type { _SERVICE } from '../../declarations/compute_gateway';
import type { HeldSession, SessionSource } from '../sessions/ports';
import { toResult } from './to_result';

type Actor = ActorSubclass<_SERVICE>;

/** Sessions of the compute_gateway canister, for one node. */
export function canisterSessionSource(actor: Actor, canister: Principal): SessionSource {
    return {
        mySessions: () =>
            asked('my_sessions', async () => {
                const views = await actor.my_sessions();
                return views.flatMap((view): HeldSession[] => {
                    const [replyUrl] = view.reply_url;
                    // Only a gateway calls over a line; another payer brings its calls itself.
                    if (replyUrl === undefined || !('Open' in view.state)) return [];
                    const { session_id: sessionId, app_id: appId, session_key, max_units: maxUnits } = view;
                    return [
                        { sessionId, appId, canister, publicKey: Uint8Array.from(session_key), maxUnits, replyUrl }
                    ];
                });
            }),
        settle: ({ sessionId }, signed, isFinal) =>
            asked('settle_session', async () => {
                const receipt = signed && {
                    calls: signed.receipt.calls,
                    units: signed.receipt.units,
                    digest: signed.receipt.digest,
                    signature: signed.signature
                };
                const answer = await actor.settle_session(sessionId, receipt === undefined ? [] : [receipt], isFinal);
                return toResult(answer, () => undefined);
            })
    };
}
