import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import { err, ok, type Result } from '../../../src/core/result';
import { tags, type Tag } from '../api/idl';
import { toTag } from '../api/errors';
import { SLASH_REASONS, type SlashReason } from '../domain/duty_records';
import type { Refusal } from '../domain/errors';
import type { KnownSlash } from '../domain/slashes';

interface SlashOrder {
    node: Principal;
    windows: bigint;
    case: bigint;
    reason: Tag<SlashReason>;
    all: boolean;
}

interface Slashed {
    slashed_e8s: bigint;
    remaining_e8s: bigint;
}

type SlashError = Tag<'Unauthorized' | 'NoStake'> | { TemporarilyUnavailable: string };

const slash = remoteMethod<[SlashOrder], { Ok: Slashed } | { Err: SlashError }>(
    'c2c_slash',
    [
        IDL.Record({
            node: IDL.Principal,
            windows: IDL.Nat64,
            case: IDL.Nat64,
            reason: tags(SLASH_REASONS),
            all: IDL.Bool
        })
    ],
    IDL.Variant({
        Ok: IDL.Record({ slashed_e8s: IDL.Nat, remaining_e8s: IDL.Nat }),
        Err: IDL.Variant({ Unauthorized: IDL.Null, NoStake: IDL.Null, TemporarilyUnavailable: IDL.Text })
    })
);

/** What a deduction came to. */
export interface Deduction {
    readonly slashedE8s: bigint;
    readonly remainingE8s: bigint;
}

/** There was nothing to deduct from. */
const NOTHING_LEFT: Deduction = { slashedE8s: 0n, remainingE8s: 0n };

/**
 * Has rewards execute a deduction; it tells repetitions by the case, so asking again is safe. A refusal means that it was
 * not executed, or that nobody knows.
 */
export async function executeSlash(
    rewards: Principal | undefined,
    decision: KnownSlash
): Promise<Result<Deduction, Refusal<'TemporarilyUnavailable'>>> {
    const unavailable = (reason: string) => err({ kind: 'TemporarilyUnavailable', reason } as const);
    if (rewards === undefined) return unavailable('rewards is not known yet');
    const { id, node, windows, all, reason } = decision;
    const answer = await callRemote(rewards, slash, [{ node, windows, case: id, reason: toTag(reason), all }]);
    if (!answer.ok) return unavailable(`rewards: ${answer.error.message}`);
    if ('Ok' in answer.value) {
        const { slashed_e8s: slashedE8s, remaining_e8s: remainingE8s } = answer.value.Ok;
        return ok({ slashedE8s, remainingE8s });
    }
    return 'NoStake' in answer.value.Err ? ok(NOTHING_LEFT) : unavailable('rewards refused');
}
