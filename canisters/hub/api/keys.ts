import { IDL } from 'azle';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { env, hub } from '../wiring';
import { signedIn } from './access';
import {
    ApiKeyView,
    CreateApiKeyArgs,
    KeyCheck,
    SetKeyLimitsArgs,
    type CandidApiKeyView,
    type CandidCreateApiKeyArgs,
    type CandidKeyCheck,
    type CandidResultOf,
    type CandidSetKeyLimitsArgs
} from './idl';
import { resultOf, type Blob } from './idl_errors';
import {
    fromCreateApiKey,
    fromHash,
    fromKeyLimits,
    never,
    toApiKeyView,
    toKeyCheck,
    toNull,
    toResult
} from './mappers';
import type { ApiKey } from '../domain/api_keys';

const Hash = IDL.Vec(IDL.Nat8);
const CreateResult = resultOf(
    ApiKeyView,
    'Anonymous',
    'InvalidArgument',
    'AlreadyExists',
    'TooManyKeys',
    'TemporarilyUnavailable'
);
const RevokeResult = resultOf(IDL.Null, 'Anonymous', 'KeyNotFound');
const LimitResult = resultOf(ApiKeyView, 'Anonymous', 'KeyNotFound', 'InvalidArgument');
const CheckResult = resultOf(KeyCheck, 'KeyNotFound', 'KeyRevoked');

/** API keys: the hub only ever sees the SHA-256 of a secret. */
export class Keys {
    /** Role: anyone signed in. The client makes the secret and sends its SHA-256. */
    @update([CreateApiKeyArgs], CreateResult)
    async create_api_key(args: CandidCreateApiKeyArgs): Promise<CandidResultOf<CandidApiKeyView>> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        return toResult(await hub.registerKey(caller.value, fromCreateApiKey(args)), viewOf);
    }

    /** Role: the key's owner. */
    @update([Hash], RevokeResult, SERVED_WHILE_PAUSED)
    revoke_api_key(hash: Blob): CandidResultOf<null> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, toNull);
        return toResult(hub.keys.revoke(caller.value, fromHash(hash), env.nowNs()), toNull);
    }

    /** Role: the key's owner. Replaces what the key may be used for. */
    @update([SetKeyLimitsArgs], LimitResult)
    set_key_limits({ key_hash, limits }: CandidSetKeyLimitsArgs): CandidResultOf<CandidApiKeyView> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        return toResult(hub.keys.limit(caller.value, fromHash(key_hash), fromKeyLimits(limits)), viewOf);
    }

    /** The caller's own keys, oldest first. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(ApiKeyView))
    list_api_keys(start: bigint, take: bigint): CandidApiKeyView[] {
        return hub.keys.list(env.caller(), start, take).map(viewOf);
    }

    /** Whoever knows the hash of a secret may ask; anything but a live key is refused. */
    @query([Hash], CheckResult)
    check_api_key(hash: Blob): CandidResultOf<CandidKeyCheck> {
        return toResult(hub.keys.usable(fromHash(hash)), toKeyCheck);
    }
}

function viewOf(key: ApiKey): CandidApiKeyView {
    return toApiKeyView(key, hub.keyUses.of(key.hash));
}
