import { IDL } from 'azle';
import { Principal } from '@dfinity/principal';
import { err, type Result } from '../../../src/core/result';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import type { Refusal } from '../domain/errors';

const rawRand = remoteMethod<[], Uint8Array>('raw_rand', [], IDL.Vec(IDL.Nat8));

/** 32 bytes of the management canister's `raw_rand`: nobody could know them when this was called. */
export async function drawRandomness(): Promise<Result<Uint8Array, Refusal<'TemporarilyUnavailable'>>> {
    const answer = await callRemote(Principal.managementCanister(), rawRand, []);
    if (answer.ok) return answer;
    return err({ kind: 'TemporarilyUnavailable', reason: `raw_rand: ${answer.error.message}` });
}
