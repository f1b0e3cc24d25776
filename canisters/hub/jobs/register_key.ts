import type { Principal } from '@dfinity/principal';
import { err, type Result } from '../../../src/core/result';
import type { Cell } from '../../../src/core/table';
import type { ApiKey, ApiKeys, NewKey } from '../domain/api_keys';
import type { HubConfig } from '../domain/config';
import type { ErrorOf } from '../domain/errors';
import type { Obstacle } from './settlement_peers';

/** The state machine's validator set. */
export interface ValidatorSource {
    isValidator(who: Principal): Promise<Result<boolean, Obstacle>>;
}

export interface RegisterKeyDeps {
    readonly keys: ApiKeys;
    readonly config: Cell<HubConfig>;
    readonly peers: ValidatorSource;
    readonly nowNs: () => bigint;
}

type Refused = ErrorOf<'InvalidArgument' | 'AlreadyExists' | 'TooManyKeys' | 'TemporarilyUnavailable'>;

/** Registers a key; its origin is Validator when the owner is in the validator set now. */
export async function registerKey(
    { keys, config, peers, nowNs }: RegisterKeyDeps,
    owner: Principal,
    key: NewKey
): Promise<Result<ApiKey, Refused>> {
    const checked = keys.check(owner, key, config.get().maxKeysPerOwner);
    if (!checked.ok) return checked;
    const answer = await peers.isValidator(owner);
    if (!answer.ok) return err({ kind: 'TemporarilyUnavailable', detail: answer.error });
    const origin = answer.value ? 'Validator' : 'ApiUser';
    return keys.register(owner, key, origin, config.get().maxKeysPerOwner, nowNs());
}
