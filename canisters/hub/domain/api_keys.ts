import type { Principal } from '@dfinity/principal';
import { comparePrincipals } from '../../../src/core/account';
import { collectPage } from '../../../src/core/page';
import { DONE, err, ok, type Result } from '../../../src/core/result';
import type { Lists, Table } from '../../../src/core/table';
import type { ErrorOf } from './errors';
import { limitsFault, NO_LIMITS, type KeyLimits } from './key_limits';

/** Who sends the requests of a key: an API user, or a validator that probes. Fixed when the key is made. */
export const ORIGINS = ['ApiUser', 'Validator'] as const;
export type Origin = (typeof ORIGINS)[number];

/** An API key as the hub knows it: never the secret, only its SHA-256. */
export interface ApiKey {
    readonly hash: Uint8Array;
    readonly owner: Principal;
    readonly label: string;
    readonly origin: Origin;
    readonly createdAtNs: bigint;
    readonly revokedAtNs?: bigint;
    readonly limits: KeyLimits;
}

export interface ApiKeyTables {
    /** By SHA-256 of the secret. */
    readonly keys: Table<Uint8Array, ApiKey>;
    readonly keysByOwner: Lists<Principal, Uint8Array>;
    /** Owners of a Validator key: they may read the call records. */
    readonly probers: Table<Principal, boolean>;
}

export interface NewKey {
    readonly hash: Uint8Array;
    readonly label: string;
}

export const KEY_HASH_BYTES = 32;
export const MAX_LABEL_LENGTH = 64;

type Refused = ErrorOf<'InvalidArgument' | 'AlreadyExists' | 'TooManyKeys'>;

/** API keys, denied by default: a key that is not here, or is revoked, opens nothing (AS-77). */
export class ApiKeys {
    constructor(private readonly tables: ApiKeyTables) {}

    /** Whether the key could be registered now; asked again after every await. */
    check(owner: Principal, key: NewKey, maxPerOwner: bigint): Result<void, Refused> {
        if (key.hash.length !== KEY_HASH_BYTES) return invalid(`key_hash is a SHA-256, ${KEY_HASH_BYTES} bytes`);
        if (key.label.length === 0 || key.label.length > MAX_LABEL_LENGTH) {
            return invalid(`label has 1 to ${MAX_LABEL_LENGTH} characters`);
        }
        if (this.tables.keys.has(key.hash)) return err({ kind: 'AlreadyExists' });
        if (this.tables.keysByOwner.length(owner) >= maxPerOwner) return err({ kind: 'TooManyKeys', max: maxPerOwner });
        return DONE;
    }

    register(
        owner: Principal,
        key: NewKey,
        origin: Origin,
        maxPerOwner: bigint,
        nowNs: bigint
    ): Result<ApiKey, Refused> {
        const checked = this.check(owner, key, maxPerOwner);
        if (!checked.ok) return checked;
        const stored: ApiKey = { ...key, owner, origin, createdAtNs: nowNs, limits: NO_LIMITS };
        this.tables.keys.set(key.hash, stored);
        this.tables.keysByOwner.append(owner, key.hash);
        if (origin === 'Validator') this.tables.probers.set(owner, true);
        return ok(stored);
    }

    /** Another's key is answered as an unknown one, so that hashes cannot be probed. Revoking twice changes nothing. */
    revoke(owner: Principal, hash: Uint8Array, nowNs: bigint): Result<void, ErrorOf<'KeyNotFound'>> {
        const key = this.ownedBy(owner, hash);
        if (!key.ok) return key;
        if (key.value.revokedAtNs === undefined) this.tables.keys.set(hash, { ...key.value, revokedAtNs: nowNs });
        return DONE;
    }

    /** Replaces what a key may be used for, from its next request on. */
    limit(
        owner: Principal,
        hash: Uint8Array,
        limits: KeyLimits
    ): Result<ApiKey, ErrorOf<'KeyNotFound' | 'InvalidArgument'>> {
        const fault = limitsFault(limits);
        if (fault !== undefined) return err(fault);
        const key = this.ownedBy(owner, hash);
        if (!key.ok) return key;
        const limited = { ...key.value, limits };
        this.tables.keys.set(hash, limited);
        return ok(limited);
    }

    /** The key, if it may be used now. */
    usable(hash: Uint8Array): Result<ApiKey, ErrorOf<'KeyNotFound' | 'KeyRevoked'>> {
        const key = this.tables.keys.get(hash);
        if (key === undefined) return err({ kind: 'KeyNotFound' });
        return key.revokedAtNs === undefined ? ok(key) : err({ kind: 'KeyRevoked' });
    }

    get(hash: Uint8Array): ApiKey | undefined {
        return this.tables.keys.get(hash);
    }

    /** Keys of an owner in the order in which they were made. */
    list(owner: Principal, start: bigint, take: bigint): readonly ApiKey[] {
        const { keys, keysByOwner } = this.tables;
        return collectPage(start, take, keysByOwner.length(owner), (index) => {
            const hash = keysByOwner.get(owner, index);
            return hash === undefined ? undefined : keys.get(hash);
        });
    }

    isProber(who: Principal): boolean {
        return this.tables.probers.has(who);
    }

    private ownedBy(owner: Principal, hash: Uint8Array): Result<ApiKey, ErrorOf<'KeyNotFound'>> {
        const key = this.tables.keys.get(hash);
        const owned = key !== undefined && comparePrincipals(key.owner, owner) === 0;
        return owned ? ok(key) : err({ kind: 'KeyNotFound' });
    }
}

function invalid(detail: string): Result<never, ErrorOf<'InvalidArgument'>> {
    return err({ kind: 'InvalidArgument', detail });
}
