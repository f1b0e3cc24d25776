import type { ActorSubclass } from '@dfinity/agent';
import { asked } from '../../client/asked';
import { err, ok } from '../../core/result';
import type { _SERVICE } from '../../declarations/hub';
import type { KeyPort } from '../ports';

/** API keys as the hub knows them. */
export function hubKeys(actor: ActorSubclass<_SERVICE>): KeyPort {
    return {
        check: (keyHash) =>
            asked('check_api_key', async () => {
                const answer = await actor.check_api_key(keyHash);
                if ('Ok' in answer) return ok({ owner: answer.Ok.owner.toText() });
                return err('KeyRevoked' in answer.Err ? 'KeyRevoked' : 'KeyNotFound');
            })
    };
}
