import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import { err, ok, type Result } from '../../../src/core/result';
import type { Tag } from '../api/idl';
import type { Refusal } from '../domain/errors';
import type { StakeHold } from '../domain/stake_holds';

interface DisputeArgs {
    node: Principal;
    case: bigint;
    open: boolean;
}

type DisputeError = Tag<'Unauthorized'> | { UnderDispute: bigint };

const setDispute = remoteMethod<[DisputeArgs], { Ok: null } | { Err: DisputeError }>(
    'c2c_set_dispute',
    [IDL.Record({ node: IDL.Principal, case: IDL.Nat64, open: IDL.Bool })],
    IDL.Variant({
        Ok: IDL.Null,
        Err: IDL.Variant({ Unauthorized: IDL.Null, UnderDispute: IDL.Nat64 })
    })
);

/** Has rewards keep an accused node's stake back, or let it go; repeating changes nothing, so asking again is safe. */
export async function sendHold(
    rewards: Principal | undefined,
    { id, node, open }: StakeHold
): Promise<Result<null, Refusal<'TemporarilyUnavailable'>>> {
    const unavailable = (reason: string) => err({ kind: 'TemporarilyUnavailable', reason } as const);
    if (rewards === undefined) return unavailable('rewards is not known yet');
    const answer = await callRemote(rewards, setDispute, [{ node, case: id, open }]);
    if (!answer.ok) return unavailable(`rewards: ${answer.error.message}`);
    return 'Ok' in answer.value ? ok(null) : unavailable('rewards refused');
}
