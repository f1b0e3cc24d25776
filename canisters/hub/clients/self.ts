/** Calls to the hub itself and to the management canister. */
import { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import type { Result } from '../../../src/core/result';
import type { Obstacle } from '../jobs/settlement_peers';
import { orObstacle } from './obstacle';

const version = remoteMethod<[], string>('version', [], IDL.Text);
const rawRand = remoteMethod<[], Uint8Array>('raw_rand', [], IDL.Vec(IDL.Nat8));

/** Comes back in a message of its own, whatever the call comes to. */
export async function pause(self: Principal): Promise<void> {
    await callRemote(self, version, []);
}

/** 32 bytes that nobody could know when this was called. */
export async function drawRandomness(): Promise<Result<Uint8Array, Obstacle>> {
    return orObstacle(await callRemote(Principal.managementCanister(), rawRand, []));
}
