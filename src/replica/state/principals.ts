/** Principals are raw bytes inside the state machine; text appears in messages only, hex as a map key. */
import { Principal } from '@dfinity/principal';

/** `aaaaa-aa`, the subnet itself. */
export const managementId = new Uint8Array(0);
/** The sender of unsigned requests. */
export const anonymousId = new Uint8Array([4]);

/** Key of a principal (or any byte string) in a Map. */
export function idKey(id: Uint8Array): string {
    return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex');
}

/** The textual form, `ryjl3-tyaaa-aaaaa-aaaba-cai`. */
export function idText(id: Uint8Array): string {
    return Principal.fromUint8Array(id).toText();
}

/** Whether the bytes are equal. */
export function sameId(left: Uint8Array, right: Uint8Array): boolean {
    return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** The order in which the replica keeps principals: shorter ones first, then bytewise. */
export function compareIds(left: Uint8Array, right: Uint8Array): number {
    return left.length - right.length || Buffer.compare(left, right);
}

/** Of somebody who has not signed. */
export function isAnonymous(id: Uint8Array): boolean {
    return sameId(id, anonymousId);
}

/** Whether the id is among `ids`. */
export function hasId(ids: readonly Uint8Array[], id: Uint8Array): boolean {
    return ids.some((candidate) => sameId(candidate, id));
}

/** Opaque id of a canister: eight bytes of index, big-endian, then the two bytes that mark canister ids. */
export function canisterIdOfIndex(index: bigint): Uint8Array {
    const bytes = new Uint8Array(10);
    new DataView(bytes.buffer).setBigUint64(0, index);
    bytes.set([1, 1], 8);
    return bytes;
}

/** Ids of canisters are eight bytes that count them, and 01 01. */
export function isCanisterId(id: Uint8Array): boolean {
    return id.length === 10 && id[8] === 1 && id[9] === 1;
}

/** The index that a canister id is made of. */
export function indexOfCanisterId(id: Uint8Array): bigint {
    return new DataView(id.buffer, id.byteOffset, id.byteLength).getBigUint64(0);
}

/** Whether the id lies between both ends (ends included), compared bytewise. */
export function idInRange(id: Uint8Array, start: Uint8Array, end: Uint8Array): boolean {
    return Buffer.compare(start, id) <= 0 && Buffer.compare(id, end) <= 0;
}
