import { Principal } from '@dfinity/principal';
import { rm, writeFile } from 'node:fs/promises';
import { newApiKey } from '../../client/api_key';
import { principalFromText } from '../../core/account';
import { toHex } from '../../core/bytes';
import type { ApiKeyView, KeyLimits } from '../../declarations/hub';
import { CommandFailed } from '../command_failed';
import type { Print } from '../print';
import { COMMON, expectDone } from '../refusal';
import { isLive, keysOf, openWallet, type UserOptions } from './wallet';

export interface KeyOptions extends UserOptions {
    /** What its owner calls it. */
    readonly label: string;
    /** Where the secret is written to instead of being shown: a new file that only its owner can read. */
    readonly out?: string;
    /** Credits that the key may spend in all. */
    readonly maxCredits?: string;
    readonly perMinute?: string;
    /** Apps that it may be used for; absent: all. */
    readonly apps?: readonly string[];
    /** Nodes that may run its calls; absent: all. */
    readonly nodes?: readonly string[];
}

/** Makes an API key with its limits. The secret never leaves this machine: the hub gets its SHA-256. */
export async function createKey(options: KeyOptions, print: Print): Promise<void> {
    const limits = limitsOf(options);
    const { user } = await openWallet(options);
    const { hub } = user.canisters;
    const { secret, hash: keyHash } = newApiKey();
    // First of all, so that no key is made whose secret nobody has.
    if (options.out !== undefined) await keepSecret(options.out, secret);
    const answer = await hub.create_api_key({ label: options.label, key_hash: keyHash });
    if ('Err' in answer && options.out !== undefined) await rm(options.out);
    expectDone(answer, {
        Paused: COMMON.Paused,
        Anonymous: COMMON.Anonymous,
        InvalidArgument: COMMON.InvalidArgument,
        TemporarilyUnavailable: COMMON.TemporarilyUnavailable,
        AlreadyExists: () => 'There is such a key already: give the command again.',
        TooManyKeys: ({ max }) => `A wallet has ${max} keys at most: revoke one (emc user revoke).`
    });
    if (Object.values(limits).some(({ length }) => length > 0)) {
        expectDone(await hub.set_key_limits({ key_hash: keyHash, limits }), {
            Paused: COMMON.Paused,
            Anonymous: COMMON.Anonymous,
            KeyNotFound: () => 'The key was revoked meanwhile.',
            InvalidArgument: (reason: string) =>
                `The key was made, but without its limits (${reason}): revoke it (emc user revoke ${shortOf(keyHash)}).`
        });
    }
    print(`Key ${shortOf(keyHash)} "${options.label}" was made.`);
    if (options.out === undefined) print(`Its secret, shown only now: ${secret}`);
    else print(`Its secret is in ${options.out}.`);
    print('It is the API key of any OpenAI client. Next: emc user status');
}

/** Revokes the live key with a label, or with the beginning of its hash. */
export async function revokeKey(options: UserOptions & { readonly key: string }, print: Print): Promise<void> {
    const { user } = await openWallet(options);
    const { hub } = user.canisters;
    const found = (await keysOf(hub)).filter((key) => isLive(key) && isMeant(key, options.key));
    const [key] = found;
    if (key === undefined)
        throw new CommandFailed(`The wallet has no live key ${options.key}.`, ['emc user status lists them.']);
    if (found.length > 1) {
        throw new CommandFailed(
            `${found.length} keys are called ${options.key}; name one by its hash:`,
            found.map(({ key_hash, label }) => `${shortOf(key_hash)} ${label}`)
        );
    }
    expectDone(await hub.revoke_api_key(key.key_hash), {
        Anonymous: COMMON.Anonymous,
        KeyNotFound: () => 'The key is not known any more.'
    });
    print(`Key ${shortOf(key.key_hash)} "${key.label}" is revoked; calls that are under way are still paid.`);
}

/** So much of a key's hash tells it among its owner's. */
export function shortOf(keyHash: Uint8Array | readonly number[]): string {
    return toHex(Uint8Array.from(keyHash)).slice(0, 12);
}

const LEAST_HASH_LENGTH = 6;

function isMeant({ key_hash, label }: ApiKeyView, name: string): boolean {
    const isHash = name.length >= LEAST_HASH_LENGTH && /^[0-9a-f]+$/.test(name);
    return label === name || (isHash && toHex(Uint8Array.from(key_hash)).startsWith(name));
}

async function keepSecret(file: string, secret: string): Promise<void> {
    try {
        await writeFile(file, `${secret}\n`, { mode: 0o600, flag: 'wx' });
    } catch (failure) {
        throw new CommandFailed(
            `${file}: the secret cannot be written there (a file that exists is not overwritten).`,
            [failure instanceof Error ? failure.message : String(failure)]
        );
    }
}

function limitsOf({ maxCredits, perMinute, apps, nodes }: KeyOptions): KeyLimits {
    const strange = nodes?.find((node) => principalFromText(node) === undefined);
    if (strange !== undefined) throw new CommandFailed(`${strange} is no principal.`);
    return {
        max_credits: optionalCount(maxCredits),
        requests_per_minute: optionalCount(perMinute),
        apps: apps === undefined ? [] : [[...apps]],
        nodes: nodes === undefined ? [] : [nodes.map((node) => Principal.fromText(node))]
    };
}

function optionalCount(text: string | undefined): [] | [bigint] {
    if (text === undefined) return [];
    if (!/^\d{1,18}$/.test(text)) throw new CommandFailed(`${text} is no whole number.`);
    return [BigInt(text)];
}
