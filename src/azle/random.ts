import { call, IDL } from 'azle';

/** 32 bytes that nobody could know before this call was made (management canister, `raw_rand`). */
export async function rawRand(): Promise<Uint8Array> {
    return call<[], Uint8Array>('aaaaa-aa', 'raw_rand', {
        returnIdlType: IDL.Vec(IDL.Nat8),
        args: [],
        paramIdlTypes: []
    });
}
