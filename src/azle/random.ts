import { call, IDL, randSeed } from 'azle';

/** 32 bytes that nobody could know before this call was made (management canister, `raw_rand`). */
export async function rawRand(): Promise<Uint8Array> {
    return call<[], Uint8Array>('aaaaa-aa', 'raw_rand', {
        returnIdlType: IDL.Vec(IDL.Nat8),
        args: [],
        paramIdlTypes: []
    });
}

let isSeeded = false;

/** Whether this heap has drawn from the network since it began; an upgrade begins a new one. */
export function hasRandomness(): boolean {
    return isSeeded;
}

/** Seeds Azle's generator (ChaCha12) from the network; until then its numbers are known to everybody. */
export async function seedRandomness(): Promise<void> {
    randSeed(await rawRand());
    isSeeded = true;
}

/** Unpredictable 64-bit numbers. They follow from the heap, so a message that traps gives its own back. */
export function randomWords(count: number): readonly bigint[] {
    return Array.from(crypto.getRandomValues(new BigUint64Array(count)));
}
